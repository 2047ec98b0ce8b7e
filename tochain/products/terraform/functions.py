"""Terraform's functions and operators over values; what is not known stays so, with the resources it comes from."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from tochain.formats.carried import Piece, written
from tochain.model.span import Span
from tochain.products.cloud import Ref, Value
from tochain.products.terraform import lists
from tochain.products.terraform.scalars import equal, flag, number, scalar, truth, unknown

__all__ = ["MAX_TEXT", "call", "step"]


def step(value: Value, part: Value | str, span: Span) -> Value:
    """One attribute, index or splat further."""
    if value.kind == "unknown":
        return replace(value, text="")
    if part == "*":
        return (
            value
            if value.kind == "sequence"
            else Value("sequence", value.span, elements=[] if value.kind == "null" else [value])
        )
    name = part if isinstance(part, str) else part.text
    if not isinstance(part, str) and part.kind != "scalar":
        return unknown(span, "", part.reason or "an index that is not known here", value)
    if value.kind == "mapping":
        return value.entries.get(name) or unknown(span, "", f"there is no {name}", value)
    if value.kind == "sequence":
        if name.isdecimal():
            return (
                value.elements[int(name)]
                if int(name) < len(value.elements)
                else unknown(span, "", f"there is no element {name}")
            )
        return Value("sequence", value.span, elements=[step(element, name, span) for element in value.elements])
    return unknown(span, "", f"there is no {name}", value)


def call(name: str, values: list[Value], span: Span, raw: str) -> Value:
    """What a function or operator makes of its arguments."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return unknown(span, f"${{{raw}}}", f"{name}() is not read", *values)
    try:
        result = function(values, span)
    except (IndexError, ValueError, ZeroDivisionError, TypeError):
        result = None
    if result is not None:
        return result
    reason = (
        next((value.reason for value in values if value.kind == "unknown"), "") or f"{name} of what is not known here"
    )
    return unknown(span, f"${{{raw}}}", reason, *values)


MAX_TEXT = 65_536
_VERBS = re.compile(r"%[%svdq]|%")

_Function = Callable[[list[Value], Span], "Value | None"]


def _shown(number: Fraction, span: Span) -> Value:
    return scalar(str(number.numerator) if number.denominator == 1 else str(float(number)), span)


def _numbers(values: list[Value]) -> list[Fraction]:
    found = [number(value) for value in values]
    if any(number is None for number in found):
        raise ValueError("not a number")
    return [number for number in found if number is not None]


def _arithmetic(operation: Callable[[Fraction, Fraction], Fraction]) -> _Function:
    def run(values: list[Value], span: Span) -> Value:
        left, right = _numbers(values)
        return _shown(operation(left, right), span)

    return run


def _comparison(operation: Callable[[Fraction, Fraction], bool]) -> _Function:
    def run(values: list[Value], span: Span) -> Value:
        left, right = _numbers(values)
        return flag(operation(left, right), span)

    return run


def _same(values: list[Value], span: Span) -> Value | None:
    one, other = values
    if "unknown" in (one.kind, other.kind):
        return None
    if {one.kind, other.kind} <= {"scalar", "null"}:
        return flag(equal(one, other), span)
    sizes = [len(v.entries) + len(v.elements) for v in values]
    return (
        flag(False, span)
        if one.kind != other.kind or sizes[0] != sizes[1]
        else flag(True, span)
        if sizes == [0, 0]
        else None
    )


def _differ(values: list[Value], span: Span) -> Value | None:
    same = _same(values, span)
    return flag(same.text == "false", span) if same is not None else None


def _both(values: list[Value], span: Span) -> Value | None:
    sides = [truth(value) for value in values]
    return flag(False, span) if False in sides else flag(True, span) if None not in sides else None


def _either(values: list[Value], span: Span) -> Value | None:
    sides = [truth(value) for value in values]
    return flag(True, span) if True in sides else flag(False, span) if None not in sides else None


def _not(values: list[Value], span: Span) -> Value | None:
    decided = truth(values[0])
    return None if decided is None else flag(not decided, span)


def _try(values: list[Value], span: Span) -> Value | None:
    """The first that can be told: what is not there is what `try` is for, what is unknown might be."""
    for value in values:
        if value.kind != "unknown":
            return value
        if not value.reason.startswith("there is no"):
            return value if len(values) == 1 else None
    return None


def _coalesce(values: list[Value], span: Span) -> Value | None:
    for value in values:
        if value.kind == "unknown":
            return None
        if value.kind != "null" and (value.text or value.elements or value.entries):
            return value
    return None


def _join(values: list[Value], span: Span) -> Value | None:
    items = lists.concat(values[1:], span).elements
    if values[0].kind != "scalar" or any(value.kind != "scalar" for value in items):
        return None
    text = values[0].text.join(value.text for value in items)
    if len(text) > MAX_TEXT:
        return None
    return Value("scalar", span, text, refs=_refs(items), pieces=_joined_pieces(values[0], items))


def _joined_pieces(by: Value, items: list[Value]) -> tuple[Piece, ...]:
    """The stretches of the joined texts."""
    done: list[Piece] = []
    for item in items:
        done += [Piece(by.text, by.span)] if done and by.text else []
        done += item.pieces or written(item.text, item.span, item.source).pieces
    return tuple(done)


def _encoded(values: list[Value], span: Span) -> Value:
    """The text in base64, which remembers what it encodes."""
    plain = values[0]
    if plain.kind != "scalar" or len(plain.text) > MAX_TEXT:
        return replace(unknown(span, "", plain.reason or "an encoded text", plain), plain=plain)
    text = b64encode(plain.text.encode("utf-8", "replace")).decode()
    return Value("scalar", span, text, refs=plain.refs, plain=plain)


def _packed(values: list[Value], span: Span) -> Value:
    return replace(unknown(span, "", "a compressed text", values[0]), plain=values[0])


def _indented(values: list[Value], span: Span) -> Value | None:
    width, text = values
    if width.kind != "scalar" or not width.text.isdecimal() or len(width.text) > 3 or text.kind != "scalar":
        return None
    made = text.text.replace("\n", "\n" + " " * int(width.text))
    return Value("scalar", span, made, refs=text.refs) if len(made) <= MAX_TEXT else None


def _refs(values: list[Value]) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(ref for value in values for ref in value.refs))


def _split(values: list[Value], span: Span) -> Value:
    by, text = _texts(values)
    return Value("sequence", span, elements=[scalar(part, span) for part in text.split(by)])


def _format(values: list[Value], span: Span) -> Value:
    first, *rest = _texts(values)
    words = iter(rest)

    def verb(found: re.Match[str]) -> str:
        if found[0] == "%":
            raise ValueError("a verb that is not read")
        if found[0] == "%%":
            return "%"
        text = next(words, "")
        return f'"{text}"' if found[0] == "%q" else text

    return scalar(_VERBS.sub(verb, first), span)


def _texts(values: list[Value]) -> list[str]:
    if any(value.kind != "scalar" for value in values):
        raise ValueError("not a text")
    return [value.text for value in values]


def _text(operation: Callable[..., str]) -> _Function:
    return lambda values, span: Value("scalar", span, operation(*_texts(values)), refs=_refs(values))


def _extreme(operation: Callable[[list[Fraction]], Fraction]) -> _Function:
    return lambda values, span: _shown(operation(_numbers(lists.concat(values, span).elements)), span)


def _through(values: list[Value], span: Span) -> Value:
    return values[0]


def _can(values: list[Value], span: Span) -> Value | None:
    return (
        None
        if values[0].kind == "unknown" and not values[0].reason.startswith("there is no")
        else flag(values[0].kind != "unknown", span)
    )


_FUNCTIONS: dict[str, _Function] = {
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _arithmetic(lambda a, b: a / b),
    "%": _arithmetic(lambda a, b: a % b),
    "u-": lambda v, s: _shown(-_numbers(v)[0], s),
    "<": _comparison(lambda a, b: a < b),
    ">": _comparison(lambda a, b: a > b),
    "<=": _comparison(lambda a, b: a <= b),
    ">=": _comparison(lambda a, b: a >= b),
    "==": _same,
    "!=": _differ,
    "&&": _both,
    "||": _either,
    "u!": _not,
    "try": _try,
    "coalesce": _coalesce,
    "coalescelist": _coalesce,
    "lookup": lists.lookup,
    "merge": lists.merge,
    "concat": lists.concat,
    "flatten": lists.flatten,
    "compact": lists.compact,
    "element": lists.element,
    "one": lists.one,
    "length": lists.length,
    "keys": lists.keys,
    "values": lists.values_of,
    "contains": lists.contains,
    "base64encode": _encoded,
    "base64gzip": _packed,
    "indent": _indented,
    "join": _join,
    "split": _split,
    "format": _format,
    "can": _can,
    "lower": _text(str.lower),
    "upper": _text(str.upper),
    "title": _text(str.title),
    "trimspace": _text(str.strip),
    "replace": _text(lambda text, old, new: text.replace(old, new)),
    "trimprefix": _text(str.removeprefix),
    "trimsuffix": _text(str.removesuffix),
    "chomp": _text(lambda text: text.rstrip("\n")),
    "min": _extreme(min),
    "max": _extreme(max),
    "floor": lambda v, s: _shown(Fraction(_numbers(v)[0].__floor__()), s),
    "ceil": lambda v, s: _shown(Fraction(_numbers(v)[0].__ceil__()), s),
    "list": lambda v, s: Value("sequence", s, elements=v),
    "tostring": _through,
    "tonumber": _through,
    "tobool": _through,
    "tolist": _through,
    "tomap": _through,
    "toset": lists.toset,
    "jsonencode": _through,
    "sensitive": _through,
    "nonsensitive": _through,
    "yamlencode": _through,
    "distinct": _through,
    "sort": _through,
    "reverse": _through,
}
