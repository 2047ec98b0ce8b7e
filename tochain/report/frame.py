"""Code frames: a line of a file with a place in it underlined, whatever the line is made of and however long it is."""

from __future__ import annotations

from dataclasses import dataclass

from tochain.model.span import SourceFile, Span
from tochain.report.safe import clean, mask, one_line, width
from tochain.report.style import Role, Style

__all__ = ["Excerpt", "excerpt", "frame", "place_only"]

TAB = "    "
_WINDOW = 1000
_NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line fit to print: what stands before the place, the place itself, what follows."""

    before: str
    inside: str
    after: str

    @property
    def text(self) -> str:
        """The line as it is printed."""
        return (self.before + self.inside + self.after).rstrip()


def excerpt(source: SourceFile, span: Span, columns: int) -> Excerpt:
    """The first line of a span, cut around the place where it is wider than `columns`.

    Tabs become four blanks, control characters visible ones, passwords stars. A span of several lines is shown to the
    end of its first.
    """
    line = source.line(span.start.line)
    start = min(max(span.start.column - 1, 0), len(line))
    end = len(line) if span.end.line > span.start.line else min(max(span.end.column - 1, start), len(line))
    low, high = max(0, start - _WINDOW), min(len(line), start + 2 * _WINDOW)
    window = mask(line[low:high])
    cut = Excerpt(_shown(window[: start - low]), _shown(window[start - low : end - low]), _shown(window[end - low :]))
    return _fitted(cut, max(columns, _NARROWEST), low > 0, high < len(line))


def _shown(text: str) -> str:
    return TAB.join(clean(part) for part in text.split("\t"))


def _fitted(line: Excerpt, columns: int, cut_left: bool, cut_right: bool) -> Excerpt:
    before, inside, after = line.before, line.inside, line.after
    if width(before + inside + after) <= columns and not cut_left and not cut_right:
        return line
    if width(inside) > columns - 8:
        inside = _head(inside, columns - 9) + "…"
    room = columns - width(inside)
    left = max(room // 2, room - width(after))
    if width(before) > left or cut_left:
        before = "…" + _tail(before, left - 1)
    right = room - width(before)
    if width(after) > right or cut_right:
        after = _head(after, right - 1) + "…"
    return Excerpt(before, inside, after)


def _head(text: str, columns: int) -> str:
    """As much of the beginning as fits."""
    used = 0
    for at, char in enumerate(text):
        used += width(char)
        if used > columns:
            return text[:at]
    return text


def _tail(text: str, columns: int) -> str:
    """As much of the end as fits."""
    used = 0
    for at in range(len(text) - 1, -1, -1):
        used += width(text[at])
        if used > columns:
            return text[at + 1 :]
    return text


def frame(
    source: SourceFile | None,
    span: Span,
    text: str,
    *,
    gutter: int,
    primary: bool,
    columns: int,
    style: Style,
    role: Role,
) -> list[str]:
    """The lines of one frame: where, the line, and the place underlined with what to say about it.

    `gutter` is the width of line numbers; without a source there is only the place and the text.
    """
    lines = place_only(span, gutter, primary, style)
    if source is None or span.start.line > source.line_count:
        return [*lines, f"{' ' * gutter}  {style('gutter', '=')} {one_line(text)}"] if text else lines
    line = excerpt(source, span, columns)
    bar = f"{' ' * gutter}  {style('gutter', '|')}"
    number = style("gutter", f"{span.start.line:>{gutter}} |")
    marks = ("^" if primary else "-") * max(width(line.inside), 1)
    below = style(role, f"{marks} {one_line(text)}".rstrip())
    if primary:
        lines.append(bar)
    return [*lines, f" {number} {line.text}".rstrip(), f"{bar} {' ' * width(line.before)}{below}"]


def place_only(span: Span, gutter: int, primary: bool, style: Style) -> list[str]:
    """The line that says where: an arrow for the primary place, colons for the others."""
    arrow = "-->" if primary else ":::"
    place = f"{one_line(span.path)}:{span.start.line}:{span.start.column}"
    return [f"{' ' * gutter} {style('gutter', arrow)} {place}"]
