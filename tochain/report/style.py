"""Colour on a terminal: plain ANSI, and none at all where nobody would see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TextIO

from tochain.model.finding import Severity

__all__ = ["COLOUR", "PLAIN", "Role", "Style", "wants_colour"]

Role = Literal["error", "warning", "note", "gutter", "secondary", "strong", "faint", "good"]

_CODES: dict[Role, str] = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "gutter": "1;34",
    "secondary": "1;34",
    "strong": "1",
    "faint": "2",
    "good": "32",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How text is dressed; a plain style hands it back as it is."""

    colour: bool

    def __call__(self, role: Role | Severity, text: str) -> str:
        """The text in the colour of its role; empty text stays empty."""
        return f"\x1b[{_CODES[role]}m{text}\x1b[0m" if self.colour and text else text


PLAIN = Style(colour=False)
COLOUR = Style(colour=True)


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether colour belongs on a stream: a terminal that is not dumb, and no NO_COLOR in the environment."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
