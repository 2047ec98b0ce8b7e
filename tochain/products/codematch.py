"""Which calls in a source file a pattern means, by the file's own names for what it imports."""

from __future__ import annotations

import re

from tochain.formats.code import Call
from tochain.formats.codenames import Argument, Node
from tochain.formats.constant import Evaluator
from tochain.products.codeoptions import Option, options_of
from tochain.products.imports import aliases
from tochain.products.patterns import Pattern

__all__ = ["Matcher"]

_DECLARED = re.compile(
    r"^[ \t]*(?:[a-z]+[ \t]+)*(?:class|interface|object|struct|record)[ \t]+([A-Z]\w*)", re.MULTILINE
)


class Matcher:
    """The patterns looked for in one file, and what its calls are called in full."""

    def __init__(self, evaluator: Evaluator, patterns: tuple[Pattern, ...]) -> None:
        self.code = evaluator.code
        self.patterns = patterns
        self.evaluator = evaluator
        self.aliases = aliases(self.code.family, self.code.source.text)
        self._declared = frozenset(_DECLARED.findall(self.code.source.text))

    def wanted(self) -> frozenset[str] | None:
        """The last names of the calls to look at; None for every call."""
        if any(p.having for p in self.patterns):
            return None
        names = {call[-1] for p in self.patterns for call in p.calls}
        names |= {local for local, whole in self.aliases.items() if whole.rpartition(".")[2] in names}
        names |= {"assign"} if any(p.properties for p in self.patterns) else set()
        for p in self.patterns:
            names |= {
                method.partition("(")[0].split(".")[-1] for method in (*p.methods, *p.updates, *p.puts, *p.functions)
            }
            for target in (p.requests, p.listen):
                names |= {method.partition("(")[0] for method in target.methods} if target else set()
        return frozenset(names)

    def matches(self, pattern: Pattern, call: Call) -> bool:
        """Whether a call is one the pattern looks for, and holds what it must hold."""
        if not self._called_so(pattern, call):
            return False
        return pattern.holding is None or pattern.holding.search(str(call.node.text())) is not None

    def _called_so(self, pattern: Pattern, call: Call) -> bool:
        path: list[str] | None = None
        if pattern.having:
            return any(option.name in pattern.having for option in self.named(self.code.arguments(call.node)))
        for spec in pattern.calls:
            if spec[-1] != call.last and (call.base or call.last not in self.aliases):
                continue
            if spec[0] == "*":
                if (call.base or call.root is not None) and (
                    len(spec) < 3 or call.path.split(".")[-len(spec) + 1 :] == list(spec[1:])
                ):
                    return True
                continue
            if call.root is not None or self._own(call):
                continue
            path = path or self._resolved(call)
            if self._same(path, spec):
                return True
        return False

    def _own(self, call: Call) -> bool:
        """Whether the file declares a class of that name itself, so that no library's is meant."""
        first = call.path.partition(".")[0]
        return first not in self.aliases and first in self._declared

    def _same(self, path: list[str], spec: tuple[str, ...]) -> bool:
        if tuple(path) == spec:
            return True
        if len(path) <= len(spec):
            return False
        if self.code.family == "python":
            return len(spec) > 1 and path[: len(spec) - 1] == list(spec[:-1]) and path[-1] == spec[-1]
        return (
            self.code.family in ("java", "kotlin", "csharp", "rust", "ruby", "swift", "php")
            and tuple(path[-len(spec) :]) == spec
        )

    def named(self, arguments: tuple[Argument, ...]) -> list[Option]:
        """The named options among arguments."""
        return options_of(self.evaluator, arguments)

    def is_part(self, value: Node) -> bool:
        """Whether a value is a part found by itself, such as `httpx.Timeout(5)`."""
        expr = self.code.expr(value)
        if expr.kind == "name" and expr.root is None:
            bound = self.code.values.get(expr.text, [])
            if len(bound) != 1:
                return False
            expr = self.code.expr(bound[0].value)
        call = self.code.call(expr.node) if expr.kind == "call" else None
        while call is not None:
            if any(p.role == "part" and self.matches(p, call) for p in self.patterns):
                return True
            call = self.code.call(call.root) if call.root is not None else None
        return False

    def _resolved(self, call: Call) -> list[str]:
        first, _, rest = call.path.partition(".")
        whole = self.aliases.get(first, first) + (f".{rest}" if rest else "")
        return whole.split(".")
