"""HCL (Terraform, Nomad, Vault ...) to trees with the place of every value.

An own reader, because python-hcl2 knows lines but no columns, has no result at all for a file with one fault, and reads
about 35 KB a second where this one reads about 1 MB.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import Literal

from tochain.formats.hcl_lex import MAX_DEPTH, tokens, unescape
from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile, Span

__all__ = ["parse_hcl"]

_LITERALS = {"true", "false", "null"}
# Functions that hand on their only argument: what is inside can be read as if they were not there.
_TRANSPARENT = {"jsonencode", "yamlencode", "tolist", "toset", "tomap", "sensitive", "nonsensitive"}
# How the next block of a file begins when the one before it was never closed.
_TOP = re.compile(
    r"""^(?:(?:resource|data|ephemeral)[ \t]+"[^"\n]*"[ \t]+"[^"\n]*"
      |(?:module|variable|output|provider|check)[ \t]+"[^"\n]*"
      |locals|terraform)[ \t]*\{""",
    re.VERBOSE | re.MULTILINE,
)


@dataclass(slots=True)
class _Frame:
    """Something with an end to come: a block's body, an object, a tuple, or the brackets of a transparent function."""

    kind: Literal["body", "object", "tuple", "call"]
    node: Node
    token: int
    key: Node | None = None


_CLOSERS = {"body": "}", "object": "}", "tuple": "]", "call": ")"}


def parse_hcl(source: SourceFile) -> Document:
    """The one root of an HCL file: a mapping of attributes and blocks.

    A block is an entry whose key is the block's type and whose value is a mapping with that `tag`; its labels are the
    entries "@0", "@1". Literals are scalars, lists and objects sequences and mappings, everything else is the
    text of the expression, marked as one. A string keeps its `${...}`. `jsonencode(...)` and its like are what
    is inside, with the function as `tag`. A fault, which counts as failed, drops its line, and its block where braces
    do not match.
    """
    return _Reader(source).run()


class _Reader:
    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._tokens = tokens(source.text)
        self._kinds = self._tokens.kinds
        self._tops = {found.start() for found in _TOP.finditer(source.text)}
        self._root = Node("mapping", source.span(0, len(source.text)))
        self._stack = [_Frame("body", self._root, 0)]
        self._out = Document([self._root])

    def run(self) -> Document:
        for message, start, end in self._tokens.faults:
            self._out.note(message, self._source.span(start, end), failed=True)
        steps = {"body": self._body, "object": self._object, "tuple": self._tuple, "call": self._call}
        at = 0
        while self._kinds[at] != "e":
            frame = self._stack[-1]
            if len(self._stack) > MAX_DEPTH + 1:  # the root is none of the levels
                self._problem(f"nested too deeply: at most {MAX_DEPTH} levels are read", at - 1)
                at = self._abandon(at)
            elif len(self._stack) > 1 and self._is_top(at):
                self._problem(f"{_opened(frame)} is never closed", frame.token)
                at = self._abandon(at)
            else:
                at = steps[frame.kind](at)
        if len(self._stack) > 1:
            self._problem(f"{_opened(self._stack[-1])} is never closed", self._stack[-1].token)
            self._abandon(at)
        return self._out

    def _text(self, first: int, last: int) -> str:
        return self._source.text[self._tokens.starts[first] : self._tokens.ends[last]]

    def _span(self, first: int, last: int) -> Span:
        return self._source.span(self._tokens.starts[first], self._tokens.ends[last])

    def _problem(self, message: str, at: int) -> None:
        if self._kinds[at] != "x":  # what is no token has been reported already
            start = self._tokens.starts[at]
            end = start if self._kinds[at] == "l" else self._tokens.ends[at]
            self._out.note(message, self._source.span(start, end), failed=True)

    def _is_top(self, at: int) -> bool:
        return self._kinds[at] == "i" and self._tokens.starts[at] in self._tops

    def _abandon(self, at: int) -> int:
        """Leaves everything open behind; gives where the next top block begins."""
        end = self._tokens.ends[max(at - 1, 0)]
        for frame in self._stack[1:]:
            frame.node.span = self._source.span(
                self._tokens.starts[frame.token], max(end, self._tokens.starts[frame.token])
            )
        del self._stack[1:]
        self._stack[0].key = None
        while self._kinds[at] != "e" and not self._is_top(at):
            at += 1
        return at

    def _behind_line(self, first: int) -> int:
        """Behind the rest of a line that cannot be read, brackets in it included; at least one token further."""
        depth, at = 0, first
        while (kind := self._kinds[at]) != "e":
            depth += (kind in "([{") - (kind in ")]}")
            if (at > first and (depth < 0 or self._is_top(at))) or (kind == "l" and depth <= 0):
                break
            at += 1
        return at

    def _body(self, at: int) -> int:
        kind = self._kinds[at]
        if kind == "l":
            return at + 1
        if kind == "}" and len(self._stack) > 1:
            frame = self._stack.pop()
            frame.node.span = self._span(frame.token, at)
            return at + 1
        if kind in "ist" and self._kinds[at + 1] == "=":
            self._stack[-1].key = self._key(at, at)
            return self._value(at + 2)
        if kind == "i":
            brace = at + 1
            while self._kinds[brace] in "ist":
                brace += 1
            if self._kinds[brace] == "{":
                self._block(at, brace)
                return brace + 1
        self._problem("expected an attribute or a block", at)
        return self._behind_line(at)

    def _block(self, at: int, brace: int) -> None:
        node = Node("mapping", self._span(at, brace), tag=self._text(at, at))
        for number, label in enumerate(range(at + 1, brace)):
            span = self._span(label, label)
            node.entries.append((Node("scalar", span, f"@{number}"), self._key(label, label)))
        self._stack[-1].node.entries.append((self._key(at, at), node))
        self._stack.append(_Frame("body", node, at))

    def _key(self, first: int, last: int) -> Node:
        text = self._text(first, last)
        quoted = self._kinds[first] in "st" and first == last
        expression = first != last or self._kinds[first] == "t"
        return Node("scalar", self._span(first, last), unescape(text[1:-1]) if quoted else text, quoted, "", expression)

    def _object(self, at: int) -> int:
        kind = self._kinds[at]
        if kind in "l,":
            return at + 1
        if kind == "}":
            return self._close(at)
        # A key may be any expression: `aws.east`, `local.names[0]`.
        last = self._expression_end(at) - 1 if kind in "i(" else at
        if kind in "istn(" and last >= at and self._kinds[last + 1] in "=:":
            self._stack[-1].key = self._key(at, last)
            return self._value(last + 2)
        return self._mismatch(at, "expected key = value")

    def _tuple(self, at: int) -> int:
        if self._kinds[at] in "l,":
            return at + 1
        return self._close(at) if self._kinds[at] == "]" else self._value(at)

    def _call(self, at: int) -> int:
        if self._kinds[at] in "l,":
            return at + 1
        return self._close(at) if self._kinds[at] == ")" else self._value(at)

    def _mismatch(self, at: int, message: str) -> int:
        self._problem(message, at)
        if self._kinds[at] in ")]}" and self._stack[-1].kind != "body":
            return self._abandon(at)
        return self._behind_line(at)

    def _value(self, at: int) -> int:
        kinds = self._kinds
        opening = kinds[at]
        if opening in "[{" and not self._is_comprehension(at + 1):
            node = Node("sequence" if opening == "[" else "mapping", self._span(at, at))
            self._stack.append(_Frame("tuple" if opening == "[" else "object", node, at))
            return at + 1
        if opening == "i" and kinds[at + 1] == "(" and self._text(at, at) in _TRANSPARENT:
            self._stack.append(_Frame("call", Node("sequence", self._span(at, at)), at))
            return at + 2
        last = at + 1 if opening == "-" and kinds[at + 1] == "n" else at
        simple = opening in "sthn" or last > at or (opening == "i" and self._text(at, at) in _LITERALS)
        if simple and self._ends(last + 1):
            return self._emit(self._scalar(at, last), last + 1)
        return self._expression(at)

    def _is_comprehension(self, at: int) -> bool:
        while self._kinds[at] == "l":
            at += 1
        return self._kinds[at : at + 2] == "ii" and self._text(at, at) == "for"

    def _scalar(self, at: int, last: int) -> Node:
        kind, text, span = self._kinds[at], self._text(at, last), self._span(at, last)
        if kind == "h":
            head, _, body = text.partition("\n")
            body = body[: body.rindex("\n") + 1] if "\n" in body else ""
            return Node("scalar", span, dedent(body) if head.startswith("<<-") else body, quoted=True)
        if kind in "st":
            return Node("scalar", span, unescape(text[1:-1]) if kind == "s" else text[1:-1], quoted=True)
        return Node("scalar", span, text)

    def _expression(self, at: int) -> int:
        end = self._expression_end(at)
        while end > at and self._kinds[end - 1] == "l":
            end -= 1
        if end == at:
            self._stack[-1].key = None
            return self._mismatch(at, "expected a value")
        node = Node("scalar", self._span(at, end - 1), self._text(at, end - 1), expression=True)
        return self._emit(node, end)

    def _expression_end(self, at: int) -> int:
        """Behind the last token of the expression that begins here."""
        in_lines = self._stack[-1].kind in ("body", "object")
        depth = 0
        while (kind := self._kinds[at]) not in "ex" and not self._is_top(at):
            if kind in "([{":
                depth += 1
            elif kind in ")]}":
                depth -= 1
                if depth < 0:
                    break
            elif depth == 0 and (kind == "," or (kind == "l" and in_lines) or (kind in "=:" and self._in_key(at))):
                break
            at += 1
        return at

    def _in_key(self, at: int) -> bool:
        return self._stack[-1].kind == "object" and self._stack[-1].key is None and self._kinds[at] in "=:"

    def _ends(self, at: int) -> bool:
        """Whether a value that is complete before this token ends there in the innermost frame."""
        if self._stack[-1].kind in ("body", "object"):
            return self._kinds[at] in "l,}e"
        while self._kinds[at] == "l":
            at += 1
        return self._kinds[at] in ",])}e"

    def _emit(self, node: Node, at: int) -> int:
        frame = self._stack[-1]
        if frame.kind in ("tuple", "call"):
            frame.node.elements.append(node)
        elif frame.key is not None:
            frame.node.entries.append((frame.key, node))
            frame.key = None
        if frame.kind == "body" and self._kinds[at] not in "l}e":
            self._problem("expected the end of the line", at)
            return self._behind_line(at)
        return at

    def _close(self, at: int) -> int:
        """Ends an object, tuple or call; where more follows it was only the beginning of an expression."""
        frame = self._stack.pop()
        if not self._ends(at + 1) or (frame.kind == "call" and len(frame.node.elements) != 1):
            return self._expression(frame.token)
        node = frame.node
        node.span = self._span(frame.token, at)
        if frame.kind == "call":
            node = node.elements[0]
            node.tag = self._text(frame.token, frame.token)
        return self._emit(node, at + 1)


def _opened(frame: _Frame) -> str:
    return {"body": f"block {frame.node.tag!r}", "object": "'{'", "tuple": "'['", "call": "'('"}[frame.kind]
