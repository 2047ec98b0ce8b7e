"""Terraform expressions to values, as far as files tell: evaluated while parsed, with bounds on depth and work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tochain.formats.carried import Carried, Piece
from tochain.formats.hcl_lex import tokens, unescape
from tochain.model.span import Span
from tochain.products.cloud import Ref, Value
from tochain.products.terraform.functions import MAX_TEXT, call, step
from tochain.products.terraform.names import Names, Place, parts
from tochain.products.terraform.scalars import equal, scalar, truth, unknown

__all__ = ["dedented", "evaluate", "template"]


MAX_ITEMS = 256
_BINDS = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
"""How tightly operators bind."""


DIRECTIVES = "a template with directives"
"""Why such a text is unknown: whether and how often its parts stand there is not evaluated."""
# A directive that ends in `~` takes the line end behind it along.
_DIRECTIVE = r"%\{[^}\n]*~\}[ \t]*\n?|%\{[^}\n]*\}"
_DOUBLED = re.compile(rf"\$\$\{{|%%\{{|{_DIRECTIVE}")
_ESCAPES = re.compile(_DOUBLED.pattern + r"|\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)


class _StuckError(Exception):
    """What is no expression this reader understands."""


@dataclass(slots=True)
class _Evaluator:
    text: str
    place: Place
    names: Names
    kinds: str
    starts: list[int]
    ends: list[int]
    refs: list[Ref]
    at: int = 0

    def word(self, offset: int = 0) -> str:
        at = min(self.at + offset, len(self.kinds) - 1)
        return self.text[self.starts[at] : self.ends[at]]

    def take(self, word: str) -> bool:
        if self.kinds[self.at] not in "esth" and self.word() == word:
            self.at += 1
            return True
        return False

    def need(self, word: str) -> None:
        if not self.take(word):
            raise _StuckError(f"expected {word}")

    def span(self, first: int) -> Span:
        return self.place(self.starts[first], self.ends[max(self.at - 1, first)])

    def raw(self, first: int) -> str:
        return self.text[self.starts[first] : self.ends[max(self.at - 1, first)]]

    def expression(self) -> Value:
        budget = self.names.budget
        if budget.spent():
            raise _StuckError("too deep or too long")
        budget.level += 1
        try:
            return self.conditional()
        finally:
            budget.level -= 1

    def conditional(self) -> Value:
        first = self.at
        value = self.binary(1)
        if not self.take("?"):
            return value
        yes = self.expression()
        self.need(":")
        no = self.expression()
        decided = truth(value)
        if decided is not None:
            return yes if decided else no
        if equal(yes, no):
            return yes
        return unknown(self.span(first), self.raw(first), value.reason or "depends on what is not known here", yes, no)

    def binary(self, least: int) -> Value:
        """Operators that bind at least so tightly, from left to right."""
        first = self.at
        left = self.unary()
        while self.kinds[self.at] not in "esth" and (bind := _BINDS.get(operator := self.word(), 0)) >= least:
            self.at += 1
            right = self.binary(bind + 1)
            left = call(operator, [left, right], self.span(first), self.raw(first))
        return left

    def unary(self) -> Value:
        first = self.at
        signs = []
        while self.kinds[self.at] in "!-":
            signs.append(self.word())
            self.at += 1
        value = self.steps(self.at, *self.primary())
        for sign in reversed(signs):
            value = call(f"u{sign}", [value], self.span(first), self.raw(first))
        return value

    def primary(self) -> tuple[Value | None, str]:
        """A value, or the root of a name."""
        first, kind = self.at, self.kinds[self.at]
        if kind == "e":
            raise _StuckError("nothing there")
        self.at += 1
        match kind:
            case "n":
                return scalar(self.raw(first), self.span(first)), ""
            case "s":
                return scalar(unescape(self.raw(first)[1:-1]), self.span(first)), ""
            case "t" | "h":
                return self.string(first, kind), ""
            case "(":
                value = self.expression()
                self.need(")")
                return value, ""
            case "[":
                return self.sequence(first), ""
            case "{":
                return self.mapping(first), ""
            case "i":
                return self.name(first)
            case _:
                raise _StuckError("no expression")

    def name(self, first: int) -> tuple[Value | None, str]:
        word = self.raw(first)
        if word in ("true", "false"):
            return scalar(word, self.span(first)), ""
        if word == "null":
            return Value("null", self.span(first)), ""
        if self.take("("):
            return self.function(first, word), ""
        return None, word

    def string(self, first: int, kind: str) -> Value:
        start, end = self.starts[first], self.ends[first]
        if kind == "t":
            start, end = start + 1, end - 1
        else:
            start = self.text.index("\n", start) + 1
            end = max(self.text.rfind("\n", start, end) + 1, start)
        raw = self.text[start:end]
        value = template(
            raw, lambda a, b: self.place(start + a, start + b), self.names, self.span(first), heredoc=kind == "h"
        )
        return dedented(value, raw) if kind == "h" and self.raw(first).startswith("<<-") else value

    def function(self, first: int, word: str) -> Value:
        values: list[Value] = []
        while not self.take(")"):
            value = self.expression()
            if self.take("..."):
                values += value.elements if value.kind == "sequence" else [value]
            else:
                values.append(value)
            if not self.take(","):
                self.need(")")
                break
        span, raw = self.span(first), self.raw(first)
        if word in ("file", "templatefile") and values and values[0].kind == "scalar":
            return self.names.file(values[0].text, span, values[1] if len(values) > 1 else None)
        return call(word, values, span, raw)

    def sequence(self, first: int) -> Value:
        if self.word() == "for" and self.kinds[self.at + 1] == "i":
            items = [value for _, value in self.loop("]")]
            return self.looped(first, items, None)
        items = []
        while not self.take("]"):
            items.append(self.expression())
            if not self.take(","):
                self.need("]")
                break
        return Value("sequence", self.span(first), elements=items)

    def mapping(self, first: int) -> Value:
        if self.word() == "for" and self.kinds[self.at + 1] == "i":
            pairs = self.loop("}")
            return self.looped(first, [value for _, value in pairs], [key for key, _ in pairs])
        entries: dict[str, Value] = {}
        while not self.take("}"):
            if self.kinds[self.at] == "i" and self.word(1) in ("=", ":"):
                key = scalar(self.word(), self.span(self.at))
                self.at += 1
            else:
                key = self.expression()
            if not self.take("="):
                self.need(":")
            entries[key.text] = self.expression()
            self.take(",")
        return Value("mapping", self.span(first), entries=entries)

    def looped(self, first: int, items: list[Value], keys: list[Value] | None) -> Value:
        if any(value.kind == "unknown" and value.reason == _OPEN for value in items):
            return unknown(self.span(first), self.raw(first), "a loop over what is not known here", *items)
        if keys is None:
            return Value("sequence", self.span(first), elements=items)
        return Value("mapping", self.span(first), entries={k.text: v for k, v in zip(keys, items, strict=True)})

    def loop(self, end: str) -> list[tuple[Value, Value]]:
        """The pairs a `for` makes; one marked as open where what it runs over is not known."""
        self.need("for")
        variables = [self.word()]
        self.at += 1
        if self.take(","):
            variables.append(self.word())
            self.at += 1
        self.need("in")
        over = self.expression()
        self.need(":")
        body, names, found = self.at, self.names, []
        items = _items(over)
        open_end = items is None or len(items) > MAX_ITEMS
        blank = unknown(over.span, "", _OPEN, over)
        for key, value in [(blank, blank)] if open_end or items is None else items or [(blank, blank)]:
            self.at = body
            self.names = names.bound(
                {variables[0]: value} if len(variables) == 1 else {variables[0]: key, variables[1]: value}
            )
            result = self.body(end)
            if result is not None and items != []:
                found.append(result)
        self.names = names
        return [*found, (blank, blank)] if open_end else found

    def body(self, end: str) -> tuple[Value, Value] | None:
        key = value = self.expression()
        if self.take("=>"):
            value = self.expression()
            self.take("...")
        keep = True
        if self.take("if"):
            keep = truth(self.expression()) is not False
        self.need(end)
        return (key, value) if keep else None

    def steps(self, first: int, value: Value | None, root: str) -> Value:
        """Whatever follows a value: attributes, indices, splats."""
        path: list[Value | str] = []
        while True:
            if self.take("."):
                if self.take("*"):
                    path.append("*")
                elif self.kinds[self.at] in "in":
                    # `.0.1` reads as one number.
                    path += [
                        scalar(part, self.span(self.at)) if part.isdecimal() else part
                        for part in self.word().split(".")
                    ]
                    self.at += 1
                else:
                    raise _StuckError("expected a name")
            elif self.kinds[self.at] == "[":
                self.at += 1
                if self.word() == "*" and self.word(1) == "]":
                    self.at += 1
                    path.append("*")
                else:
                    path.append(self.expression())
                self.need("]")
            else:
                break
        done = 0
        if value is None:
            value, done = self.names.lookup(root, path, self.span(first))
            self.refs += value.refs
        for part in path[done:]:
            value = step(value, part, self.span(first))
        if value.kind == "unknown" and root:
            return replace(value, span=self.span(first), text=value.text or f"${{{self.raw(first)}}}")
        return value


_OPEN = "what a loop runs over is not known here"


def _items(over: Value) -> list[tuple[Value, Value]] | None:
    match over.kind:
        case "mapping":
            return [(scalar(key, value.span), value) for key, value in over.entries.items()]
        case "sequence":
            return [(scalar(str(at), value.span), value) for at, value in enumerate(over.elements)]
        case "null":
            return []
        case _:
            return None


def evaluate(text: str, place: Place, names: Names) -> Value:
    """The value of one expression; unknown, with the resources it mentions, where it cannot be told."""
    found = tokens(text)
    keep = [at for at, kind in enumerate(found.kinds) if kind != "l"]
    kinds = "".join(found.kinds[at] for at in keep)
    run = _Evaluator(text, place, names, kinds, [found.starts[a] for a in keep], [found.ends[a] for a in keep], [])
    whole = place(0, len(text))
    try:
        value = run.expression()
        if run.kinds[run.at] == "e":
            return value
        reason = "an expression of a form that is not read"
    except _StuckError as error:
        reason = f"an expression that is not read: {error}"
    return Value("unknown", whole, text, refs=tuple(dict.fromkeys(run.refs)), reason=reason)


def dedented(value: Value, raw: str) -> Value:
    """What a `<<-` heredoc comes to: without what all its written lines begin with."""
    written = [line for line in raw.splitlines() if line.strip()]
    width = min((len(line) - len(line.lstrip(" \t")) for line in written), default=0)
    made = Carried(value.pieces).dedented(width)
    return replace(value, text=made.text[:MAX_TEXT], pieces=made.pieces) if value.pieces else value


def template(raw: str, place: Place, names: Names, whole: Span, *, heredoc: bool = False) -> Value:
    """The value of a string with `${...}` in it; a string that is nothing else is that value itself.

    In a heredoc backslashes are what they look like.
    """
    found = list(parts(raw))
    if len(found) == 1 and found[0][0]:
        _, start, end = found[0]
        value = evaluate(raw[start + 2 : end - 1], lambda a, b: place(start + 2 + a, start + 2 + b), names)
        return replace(value, span=whole, text=raw) if value.kind == "unknown" else value
    pieces: list[Piece] = []
    values: list[Value] = []
    for code, start, end in found:
        if not code:
            pieces += _literal(raw, start, end, place, heredoc=heredoc)
            continue
        inner = start + 2
        value = evaluate(raw[inner : end - 1], lambda a, b, at=inner: place(at + a, at + b), names)  # type: ignore[misc]
        values.append(value)
        # What is unknown keeps the name it has where it comes from.
        named = value.kind == "scalar" or re.fullmatch(r"\$\{[^}]*\}", value.text)
        pieces.append(Piece(value.text if named else raw[start:end], place(start, end)))
    text = "".join(piece.text for piece in pieces)
    refs = tuple(dict.fromkeys(ref for value in values for ref in value.mentioned()))
    open_ends = [value for value in values if value.kind != "scalar"]
    if open_ends or "%{" in raw or len(text) > MAX_TEXT:
        reason = open_ends[0].reason if open_ends else DIRECTIVES
        return Value("unknown", whole, text[:MAX_TEXT], refs=refs, reason=reason, pieces=tuple(pieces))
    return Value("scalar", whole, text, refs=refs, pieces=tuple(pieces))


def _literal(raw: str, start: int, end: int, place: Place, *, heredoc: bool) -> Iterator[Piece]:
    """The stretches of a template that stand there as they are, line by line, and its escapes."""
    at = start
    for escape in (_DOUBLED if heredoc else _ESCAPES).finditer(raw, start, end):
        yield from _lines(raw, at, escape.start(), place)
        here = place(escape.start(), escape.end())
        if not escape[0].startswith("%{"):  # what stands between directives is read, they themselves are no text
            yield Piece(escape[0][1:] if escape[0].endswith("{") else unescape(escape[0]), here)
        at = escape.end()
    yield from _lines(raw, at, end, place)


def _lines(raw: str, start: int, end: int, place: Place) -> Iterator[Piece]:
    for line in raw[start:end].splitlines(keepends=True):
        yield Piece(line, place(start, start + len(line.rstrip("\r\n"))), exact=True)
        start += len(line)
