"""The run as JSON, schema 1: stable for other programs."""

from __future__ import annotations

import json
from typing import Any

from tochain.model.result import Result
from tochain.report.safe import mask
from tochain.report.view import View

__all__ = ["dump", "encodable", "render"]


def render(result: Result, view: View) -> str:
    """The documented keys in their documented order, and further ones after them."""
    return dump(_masked(result.to_json()))


def _masked(value: Any) -> Any:
    """The same values with what looks like a secret in a text replaced by stars."""
    match value:
        case str():
            return mask(value)
        case dict():
            return {key: _masked(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_masked(inner) for inner in value]
        case _:
            return value


def dump(value: Any) -> str:
    """JSON for people and programs: two blanks, text as it is, lone surrogates escaped so that it can be encoded."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return encodable(text) + "\n"


def encodable(text: str) -> str:
    """JSON text without what UTF-8 cannot hold or a terminal would obey, as escapes of the same meaning."""
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(_escaped(char) for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    unsafe = 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in (0x2028, 0x2029) or 0x202A <= code <= 0x202E
    return f"\\u{code:04x}" if unsafe or 0x2066 <= code <= 0x2069 else char
