"""Names whose values come from outside of the code: injected by annotations, members that files of properties fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tochain.formats.codeinject import Injected, inside_annotation
from tochain.formats.codenames import Expr
from tochain.formats.constant_values import Value, from_property

if TYPE_CHECKING:
    from tochain.formats.constant import Evaluator

__all__ = ["asked", "injected", "member_of", "of_declared"]

_DEPTH = 25


def injected(evaluator: Evaluator, expr: Expr) -> Value | None:
    """A name that an annotation has filled in from outside."""
    known = evaluator.code.injected.get(expr.text, ()) if evaluator.outside is not None else ()
    place = expr.node.range().start.index if known else 0
    found = next((one for one in known if one.holds_at(place)), None)
    return evaluator.outside(found) if found is not None and evaluator.outside is not None else None


def asked(evaluator: Evaluator, expr: Expr) -> Value | None:
    """A text with `${...}` given to an annotation, which its reader fills in."""
    if evaluator.outside is None or "${" not in expr.text or not inside_annotation(expr.node):
        return None
    return evaluator.outside(Injected("Value", {"": expr.text}, "", (0, 0), evaluator.code.source.path))


def of_declared(evaluator: Evaluator, path: str, depth: int) -> Value | None:
    """`limits.readTimeout` in Kotlin: a member of the class the name is declared with."""
    base, _, name = path.partition(".")
    kind = evaluator.code.types.get(base, "") if name and "." not in name else ""
    return member_of(evaluator, kind, name, depth + 1) if kind else None


def member_of(evaluator: Evaluator, kind: str, name: str, depth: int) -> Value | None:
    """A member of a class by its declared type: what properties fill it with, or what it is given there."""
    home = evaluator.elsewhere.home(evaluator, kind) if evaluator.elsewhere is not None and depth <= _DEPTH else None
    if home is None:
        return None
    fillings = home.code.injected.get(name)
    if fillings and evaluator.outside is not None:
        return evaluator.outside(fillings[0])
    node = home.scope.member(kind, name)
    given = home.inner(node, depth + 1) if node is not None else None
    return _filled(home, kind, name, given)


def _filled(home: Evaluator, kind: str, name: str, given: Value | None) -> Value | None:
    prefix = home.code.prefixes.get(kind)
    if prefix is None or home.outside is None:
        return given
    texts = {"name": f"{prefix}.{name}"}
    declared = home.code.types.get(name, "")
    value = home.outside(Injected("ConfigurationProperties", texts, declared, (0, 0), home.code.source.path))
    return from_property(texts["name"], given) if given is not None and value == from_property(texts["name"]) else value
