"""Terraform's functions over lists and maps."""

from __future__ import annotations

from tochain.model.span import Span
from tochain.products.cloud import Value
from tochain.products.terraform.scalars import flag, scalar

__all__ = [
    "compact",
    "concat",
    "contains",
    "element",
    "flatten",
    "keys",
    "length",
    "lookup",
    "merge",
    "one",
    "toset",
    "values_of",
]

MAX_ITEMS = 10_000


def lookup(values: list[Value], span: Span) -> Value | None:
    """A key of a map, else the fallback."""
    where, key = values[0], values[1]
    if where.kind != "mapping" or key.kind != "scalar":
        return None
    return where.entries.get(key.text) or (values[2] if len(values) > 2 else None)


def merge(values: list[Value], span: Span) -> Value | None:
    """Several maps as one, later ones first."""
    if any(value.kind not in ("mapping", "null") for value in values):
        return None
    return Value("mapping", span, entries={key: v for value in values for key, v in value.entries.items()})


def concat(values: list[Value], span: Span) -> Value:
    """Several lists as one; what is no list is one element."""
    found: list[Value] = []
    for value in values:
        found += value.elements if value.kind == "sequence" else [] if value.kind == "null" else [value]
        if len(found) > MAX_ITEMS:
            raise ValueError("too many")
    return Value("sequence", span, elements=found)


def flatten(values: list[Value], span: Span) -> Value:
    """Lists inside lists as one list."""
    found: list[Value] = []
    waiting = list(values)
    while waiting and len(found) < MAX_ITEMS:
        value = waiting.pop(0)
        if value.kind == "sequence":
            waiting = [*value.elements, *waiting]
        else:
            found.append(value)
    return Value("sequence", span, elements=found)


def compact(values: list[Value], span: Span) -> Value | None:
    """A list without what is empty."""
    if values[0].kind != "sequence":
        return None
    return Value(
        "sequence",
        span,
        elements=[v for v in values[0].elements if v.kind != "null" and (v.text or v.kind != "scalar")],
    )


def element(values: list[Value], span: Span) -> Value | None:
    """An element by its index, around and around."""
    if values[0].kind != "sequence":
        return values[0] if values[0].refs else None
    return values[0].elements[int(values[1].text) % len(values[0].elements)]


def one(values: list[Value], span: Span) -> Value | None:
    """The only element, or nothing."""
    if values[0].kind != "sequence":
        return None
    return values[0].elements[0] if values[0].elements else Value("null", span)


def length(values: list[Value], span: Span) -> Value | None:
    """How long a list, a map or a text is."""
    value = values[0]
    sizes = {"sequence": len(value.elements), "mapping": len(value.entries), "scalar": len(value.text)}
    return scalar(str(sizes[value.kind]), span) if value.kind in sizes else None


def keys(values: list[Value], span: Span) -> Value | None:
    """The keys of a map, sorted."""
    if values[0].kind != "mapping":
        return None
    return Value("sequence", span, elements=[scalar(key, span) for key in sorted(values[0].entries)])


def values_of(values: list[Value], span: Span) -> Value | None:
    """The values of a map by sorted keys."""
    if values[0].kind != "mapping":
        return None
    return Value("sequence", span, elements=[values[0].entries[key] for key in sorted(values[0].entries)])


def contains(values: list[Value], span: Span) -> Value | None:
    """Whether a list has a text."""
    if (
        values[0].kind != "sequence"
        or values[1].kind != "scalar"
        or any(v.kind != "scalar" for v in values[0].elements)
    ):
        return None
    return flag(values[1].text in [value.text for value in values[0].elements], span)


def toset(values: list[Value], span: Span) -> Value | None:
    """A list of texts as what for_each runs over."""
    if values[0].kind != "sequence":
        return values[0]
    return (
        Value("mapping", span, entries={v.text: v for v in values[0].elements})
        if all(v.kind == "scalar" for v in values[0].elements)
        else None
    )
