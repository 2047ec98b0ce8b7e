"""What a source file says later about what it made: methods and assignments by its variable, or inside its block."""

from __future__ import annotations

from collections import defaultdict

from tochain.formats.code import Binding, Call
from tochain.formats.codenames import Argument, Node, unwrap
from tochain.products.codefound import Found, is_file
from tochain.products.codeoptions import TABLES, Option
from tochain.products.codesay import Sayings

__all__ = ["MAX_FOUND", "Later"]

MAX_FOUND = 400
"""How many servers and clients one file may hold."""


class Later:
    """Goes through the calls and assignments of a file that are no part of what makes something."""

    def __init__(self, sayings: Sayings, found: list[Found], calls: list[Call], chained: set[tuple[int, int]]) -> None:
        self.sayings = sayings
        self.code = sayings.code
        self.patterns = sayings.matcher.patterns
        self.found = found
        self.calls = calls
        self.chained = chained
        self.blocks = [f for f in found if f.block or f.pattern.bare or is_file(f.pattern)]
        self.by_name: dict[str, list[Found]] = defaultdict(list)
        for one in found:
            if one.variable:
                self.by_name[one.variable].append(one)

    def run(self) -> None:
        """Gives everything found what is said about it, and adds what is told by its properties alone."""
        own = {(f.node.range().start.index, f.node.range().end.index) for f in self.found if not is_file(f.pattern)}
        for call in self.calls:
            place = (call.node.range().start.index, call.node.range().end.index)
            if place in own or place in self.chained:
                continue
            if call.root is not None:
                if not self._in_block(call):
                    self._in_chain(call)
                continue
            if call.path == "Object.assign":
                self._assigned_at_once(call)
            if not call.base:
                self._by_function(call)
            for found, prefix in self._owners(call.base, call.node):
                self.sayings.method(found, call, prefix)
        if any(p.properties or is_file(p) for p in self.patterns):
            self._assigned()

    def _in_chain(self, call: Call) -> None:
        """A method behind others that were called on a variable: `builder.connectTimeout(a).readTimeout(b)`."""
        first: Call | None = call
        while first is not None and first.root is not None:
            first = self.code.call(unwrap(first.root))
        if first is None or not first.base:
            return
        for found, prefix in self._owners(first.base, first.node):
            if not prefix and (found.given or first.last in found.pattern.methods):
                self.sayings.method(found, call)

    def _in_block(self, call: Call) -> bool:
        """A method behind another one inside a block: `{ b -> b.connectTimeout(5, SECONDS).readTimeout(9, SECONDS) }`."""
        at = call.node.range().start.index
        inside = [found for found in self.blocks if found.start <= at < found.end and not is_file(found.pattern)]
        if inside:
            self.sayings.method(inside[-1], call)
        return bool(inside)

    def _by_function(self, call: Call) -> None:
        """`curl_setopt($handle, CURLOPT_TIMEOUT, 30)`, and tables of such."""
        arguments = self.code.arguments(call.node)
        target = self.code.expr(arguments[0].value) if len(arguments) > 1 else None
        if target is None or target.kind != "name":
            return
        for found, _ in self._owners(target.text, call.node):
            if call.last in found.pattern.functions:
                self.sayings.by_function(found, call, arguments[1:])

    def _assigned_at_once(self, call: Call) -> None:
        """`Object.assign(server, { keepAliveTimeout: 65_000 })`."""
        arguments = self.code.arguments(call.node)
        target = self.code.expr(arguments[0].value) if arguments else None
        if target is None or target.kind != "name" or target.text not in self.by_name:
            return
        for found, _ in self._owners(target.text, call.node):
            self.sayings.properties(found, "", arguments[1:])

    def _owners(self, base: str, node: Node) -> list[tuple[Found, str]]:
        """Whose method or property this is, with the dotted rest between the variable and it."""
        at = node.range().start.index
        names = base.split(".") if base else []
        for length in range(len(names), 0, -1):
            candidates = [found for found in self.by_name.get(".".join(names[:length]), []) if found.seen_at(at)]
            if candidates:
                before = [found for found in candidates if found.start <= at] or candidates[:1]
                rest = ".".join(names[length:])
                return [(before[-1], f"{rest}." if rest else "")]
        inside = [f for f in self.blocks if f.start <= at < f.end]
        if not inside:
            return []
        if is_file(inside[-1].pattern):
            return [(inside[-1], f"{base}." if base else "")]
        rest = ".".join(names[1:])
        return [(inside[-1], f"{rest}." if rest else "")]

    def _assigned(self) -> None:
        """Values given to properties, wherever the file gives them."""
        known = self._known()
        loose: dict[str, list[tuple[Binding, str]]] = defaultdict(list)
        for binding in self.code.bindings:
            base, _, last = binding.path.rpartition(".")
            if last not in known:
                continue
            given = Argument(last, binding.value, binding.node)
            taken = [self.sayings.given(found, prefix, given) for found, prefix in self._owners(base, binding.node)]
            if not any(taken) and base and base.rpartition(".")[2].lower() not in TABLES:
                loose[base].append((binding, last))
        self._loose(loose)

    def _known(self) -> set[str]:
        """The last names of everything a pattern may be given by assignment."""
        known = {part for p in self.patterns for name in p.properties for part in name.split(".")} - {"*"}
        for p in self.patterns:
            known |= set(p.listen.methods) if is_file(p) and p.listen is not None else set()
            known |= set(p.requests.methods) if p.requests is not None else set()
            known |= set(p.listen.port) if p.listen is not None else set()
        return known

    def _loose(self, loose: dict[str, list[tuple[Binding, str]]]) -> None:
        """Objects nobody saw being made, told by a property nothing else has."""
        for pattern in self.patterns:
            if not pattern.enough:
                continue
            for base, bindings in loose.items():
                names = {last for _, last in bindings}
                if not names & pattern.enough or len(self.found) >= MAX_FOUND:
                    continue
                first = bindings[0][0].node
                place = first.range()
                found = Found(pattern, self.code.span(first), first, place.start.index, place.end.index, base)
                for binding, last in bindings:
                    if last in pattern.properties:
                        given = Option(last, binding.node, binding.value, self.sayings.evaluator)
                        self.sayings.property(found, pattern.properties[last], given)
                self.found.append(found)
