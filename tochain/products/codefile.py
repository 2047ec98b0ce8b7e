"""What one source file holds: the servers and clients it makes, with the settings said about each."""

from __future__ import annotations

from typing import Any

from tochain.formats.code import Call
from tochain.formats.codenames import Node
from tochain.formats.codescope import name_of
from tochain.formats.constant import Evaluator
from tochain.formats.languages import CLASSES, DECLARATIONS, FUNCTIONS, MEMBERS, WRAPPERS
from tochain.model.fact import Setting
from tochain.products.codefound import Found, is_file, joined
from tochain.products.codelater import MAX_FOUND, Later
from tochain.products.codematch import Matcher
from tochain.products.codesay import Sayings
from tochain.products.codevalue import listening, reach
from tochain.products.imports import imported, uses
from tochain.products.patterns import Pattern

__all__ = ["scan", "wanted_patterns"]

_BLOCKS = ("apply", "also")
"""Methods of Kotlin whose block speaks of what they are called on."""
_NO_HOLDER = ("argument", "value_argument", "expression_statement", "literal_element")
"""Wrappers that end a chain of calls: what stands in them is handed on."""
_NO_VALUE = ("argument_list", "arguments", "block", "statement_block", "program", "pair", "value_arguments")
"""What no assignment reaches through: a value inside of it is not the value that is assigned."""


def wanted_patterns(patterns: tuple[Pattern, ...], family: str, text: str) -> tuple[Pattern, ...]:
    """The patterns of which some word and some import stand in the text: a look before anything is parsed."""
    worded = tuple(p for p in patterns if not p.words or any(word in text for word in p.words))
    if not worded:
        return ()
    modules = imported(family, text)
    return tuple(p for p in worded if not p.imports or uses(modules, p.imports))


def scan(evaluator: Evaluator, patterns: tuple[Pattern, ...]) -> list[Found]:
    """Everything the patterns find in a file, in file order, parts joined to what they belong to."""
    scanner = _Scanner(evaluator, patterns)
    return scanner.run() if scanner.patterns else []


class _Scanner:
    def __init__(self, evaluator: Evaluator, patterns: tuple[Pattern, ...]) -> None:
        self.code = evaluator.code
        self.patterns = patterns
        self.evaluator = evaluator
        self.matcher = Matcher(evaluator, patterns)
        self.sayings = Sayings(evaluator, self.matcher)
        self.found: list[Found] = []
        self.chained: set[tuple[int, int]] = set()

    def run(self) -> list[Found]:
        calls = list(self.code.calls(self.matcher.wanted()))
        for call in calls[: MAX_FOUND * 20]:
            self._made(call)
        self._declared()
        for pattern in self.patterns:
            if is_file(pattern):
                self.found.append(self._whole_file(pattern))
        if not self.found and not any(p.enough for p in self.patterns):
            return []
        Later(self.sayings, self.found, calls, self.chained).run()
        kept = [f for f in self.found if not (f.given or f.pattern.quiet) or f.settings or f.general or f.links]
        for found in kept:
            if found.given:
                self.sayings.partial(found)
        return joined(kept)

    def _declared(self) -> None:
        """Parameters of a type that tells what they are: somebody else made them."""
        wanted = {name: p for p in self.patterns for name in p.declared}
        if not wanted:
            return
        for name, kind, node in self.code.parameters():
            pattern, place = wanted.get(kind), node.range()
            if pattern is not None and len(self.found) < MAX_FOUND and not self._made_here(name, place):
                self.found.append(
                    Found(
                        pattern, self.code.span(node), node, place.start.index, place.end.index, name,
                        local=self._local(node), given=True,
                    )
                )  # fmt: skip

    def _made_here(self, name: str, place: Any) -> bool:
        """Whether a declared variable is bound to something found by itself."""
        return any(f.variable == name and place.start.index <= f.start < place.end.index for f in self.found)

    def _made(self, call: Call) -> None:
        """What a call makes: at most one thing of each product."""
        taken: set[str] = set()
        for pattern in self.patterns:
            if pattern.product not in taken and len(self.found) < MAX_FOUND and self.matcher.matches(pattern, call):
                self.found.append(self._make(pattern, call))
                taken.add(pattern.product)

    def _make(self, pattern: Pattern, call: Call) -> Found:
        top, chain = self._chain(call.node)
        place = top.range()
        variable, local = self._variable(top)
        found = Found(
            pattern, self.code.span(call.node), call.node, place.start.index, place.end.index, variable, local=local,
            mentions=str(top.text())[:4_000],
        )  # fmt: skip
        found.handed_to = self._handed_to(top) if pattern.role == "part" else ""
        arguments = self.evaluator.entries(self.code.expr(call.node)) or self.code.arguments(call.node)
        self.sayings.arguments(found, arguments)
        self.sayings.keyed(found, call, arguments)
        if call.base and (call.last in pattern.methods or (pattern.requests and call.last in pattern.requests.methods)):
            self.sayings.method(found, call)
        for outer in chain:
            self.chained.add((outer.node.range().start.index, outer.node.range().end.index))
            self.sayings.method(found, outer)
            found.block = found.block or outer.last in _BLOCKS
        if pattern.listen is not None:
            found.listens += listening(self.evaluator, pattern.listen, arguments, own=True)
        if pattern.target is not None:
            found.links += reach(self.evaluator, pattern.target, arguments, found.span, call.path)
        said = {setting.name for setting in found.settings}
        for name, text in pattern.implied.items():
            if name not in said:
                found.settings.append(Setting(name, text, found.span))
        return found

    def _chain(self, node: Node) -> tuple[Node, list[Call]]:
        """The longest expression that starts with a node, and the methods called on the way."""
        calls: list[Call] = []
        top = node
        for around in self.code.enclosing(node):
            kind = around.kind()
            if kind in WRAPPERS and kind not in _NO_HOLDER:
                continue
            if kind == "unary_expression" and str(around.text())[:1] == "&":
                top = around
                continue
            if kind not in MEMBERS and kind not in ("call", "navigation_suffix", "call_suffix"):
                call = self.code.call(around)
                if call is None or call.root is None:
                    break
            call = self.code.call(around)
            if call is not None:
                calls.append(call)
            top = around
        return top, calls

    def _variable(self, top: Node) -> tuple[str, tuple[int, int, str] | None]:
        """The name a value is bound to, and where that name can be seen when a function declares it."""
        if top.kind() == "var_spec":
            return str(top.field("name").text()), self._local(top)
        for around in self.code.enclosing(top):
            binding = self.code.binding(around)
            if binding is not None:
                value, place = self.code.expr(binding.value).node.range(), top.range()
                same = value.end.index == place.end.index and value.start.index >= place.start.index
                declared = around.kind() in DECLARATIONS or self._plain(around)
                return (binding.path, self._local(around) if declared else None) if same else ("", None)
            if around.kind() in _NO_VALUE:
                break
        return "", None

    def _plain(self, binding: Node) -> bool:
        """Whether an assignment in PHP is to a plain variable, which is of its function alone."""
        left = binding.field("left") if self.code.family == "php" else None
        return left is not None and left.kind() == "variable_name"

    def _handed_to(self, top: Node) -> str:
        """The variable whose method a value is given to: `client.setOptions(SocketOptions...)`."""
        for around in self.code.enclosing(top):
            if around.kind() in FUNCTIONS:
                return ""
            call = self.code.call(around)
            if call is not None:
                return call.base if call.root is None else ""
        return ""

    def _local(self, node: Node) -> tuple[int, int, str] | None:
        """The function around a declaration; None for a member and for what the whole file sees."""
        for around in self.code.enclosing(node):
            if around.kind() in CLASSES:
                return None
            if around.kind() in FUNCTIONS:
                place = around.range()
                return place.start.index, place.end.index, name_of(around)
        return None

    def _whole_file(self, pattern: Pattern) -> Found:
        root = self.code.root
        first = next((child for child in root.children() if child.is_named() and "comment" not in child.kind()), root)
        size = len(self.code.source.text)
        found = Found(pattern, self.code.source.whole_line(self.code.span(first).start.line), root, 0, size)
        found.settings += [Setting(name, text, found.span) for name, text in pattern.implied.items()]
        return found
