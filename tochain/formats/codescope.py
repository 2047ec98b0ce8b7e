"""What the names in one source file are bound to: whole dotted names, members of classes, entries of tables."""

from __future__ import annotations

import re

from tochain.formats.code import Binding, Code
from tochain.formats.codenames import Node, named_children
from tochain.formats.languages import CLASSES, FUNCTIONS

__all__ = ["Place", "Scope", "name_of"]

Place = tuple[Node, tuple[str, ...]]
"""A value's node, and the names that still lead into it."""

_MAX_CLASS = 20_000
_PREFIX = re.compile(r"""env_prefix\s*=\s*["'](\w*)["']""")
_FUNCTION = {"python": "function_definition", "js": "function_declaration", "go": "function_declaration"}


class Scope:
    """The names of one file; a name counts only where it is bound once, because nothing is run."""

    def __init__(self, code: Code) -> None:
        self.code = code

    def bound(self, name: str) -> list[Binding]:
        """Every value given to a whole dotted name in the file."""
        return self.code.values.get(name, [])

    def find(self, names: tuple[str, ...], at: Node | None = None) -> Place | None:
        """Where the value of a dotted name stands, asked for at a node; None where it cannot be told."""
        found = self._longest(names)
        return None if found is not None and at is not None and _inside(at, found[0]) else found

    def _longest(self, names: tuple[str, ...]) -> Place | None:
        for length in range(len(names), 0, -1):
            bound = self.bound(".".join(names[:length]))
            if bound:
                return (bound[0].value, names[length:]) if len(bound) == 1 else None
        if len(names) < 2:
            return None
        member = self.member(names[-2], names[-1])
        if member is not None:
            return member, ()
        shouted = self.bound(names[-1]) if names[-1].isupper() else []
        return (shouted[0].value, ()) if len(shouted) == 1 else None

    def member(self, owner: str, name: str) -> Node | None:
        """The value a class gives its own member; None where it gives none, or several."""
        own = [binding for binding in self.bound(name) if self._belongs(binding.node, owner)]
        return own[0].value if len(own) == 1 else None

    def _belongs(self, node: Node, owner: str) -> bool:
        """Whether a node stands in a class of that name, and in none of its functions."""
        for around in self.code.enclosing(node):
            kind = around.kind()
            if kind in FUNCTIONS:
                return False
            if kind in CLASSES and name_of(around) == owner:
                return True
        return False

    def environment_name(self, value: Node) -> str:
        """The environment variable that feeds a member of a pydantic settings class; "" for any other value."""
        binding = self.code.binding(value.parent()) if self.code.family == "python" and value.parent() else None
        if binding is None:
            return ""
        for around in self.code.enclosing(value):
            bases = around.field("superclasses") if around.kind() == "class_definition" else None
            if bases is not None and "BaseSettings" in str(bases.text()):
                prefix = _PREFIX.search(str(around.text())[:_MAX_CLASS])
                return ((prefix[1] if prefix else "") + binding.path).upper()
        return ""

    def returned(self, name: str) -> Node | None:
        """What a function of this file returns, where it returns in one place only."""
        kind = _FUNCTION.get(self.code.family)
        if kind is None:
            return None
        made = [n for n in self.code.root.find_all({"rule": {"kind": kind}}) if name_of(n) == name]
        ends = made[0].find_all({"rule": {"kind": "return_statement"}}) if len(made) == 1 else []
        values = named_children(ends[0]) if len(ends) == 1 else []
        return values[0] if len(values) == 1 else None


def name_of(node: Node) -> str:
    """The name of a class or function; "" where it has none."""
    name = node.field("name")
    if name is None:
        name = next((c for c in node.children() if c.kind() in ("type_identifier", "simple_identifier")), None)
    return str(name.text()).rpartition("::")[2] if name is not None else ""


def _inside(node: Node, around: Node) -> bool:
    here, there = around.range(), node.range()
    return bool(here.start.index <= there.start.index and there.end.index <= here.end.index)
