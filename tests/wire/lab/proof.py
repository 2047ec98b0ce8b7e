"""A proof: which rule with which pair, what was seen, and whether the facts say the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

import pytest

from tests.wire.lab.observed import recorded, write
from tochain.reproduce.programs import Missing, Program, find, version

CLOSE_ENOUGH = 0.6
"""Seconds two measurements of one timer may lie apart on a busy machine."""


class Proof:
    """Handed to each test of the lab by the fixture of the same name."""

    def __init__(self, node: pytest.Item, record: bool) -> None:
        self._node = node
        self._record = record

    def of(self, rule: str, pair: str) -> None:
        """Says what is to be proven; first of all, so that a skip is named too."""
        self._node.user_properties.append(("lab", (rule, pair)))

    def saw(self, text: str) -> None:
        """What was seen, for the matrix."""
        self._node.user_properties.append(("saw", text))

    def needs(self, *programs: Program) -> None:
        """Skips with what to install when a program is missing."""
        for program in programs:
            try:
                find(program)
            except Missing as missing:
                pytest.skip(str(missing))

    def skip(self, why: str) -> NoReturn:
        """Skips with a reason."""
        pytest.skip(why)

    def observed(
        self,
        product: str,
        place: str,
        program: tuple[str, str],
        saw: str,
        tries: int,
        against: str = "",
        variant: str = "",
    ) -> None:
        """Compares with what the facts have recorded, or records it.

        `place` is a setting's name or "behaviour.stale_reuse"; `program` its name and version; `variant` that of the
        setting, where several have its name.
        """
        row = {"program": program[0], "version": program[1], "saw": saw, "tries": str(tries), "against": against}
        if self._record:
            write(product, place, row, variant)
            return
        known = recorded(product, place, program, against)
        if known is None:
            self.saw(f"{saw} (not recorded yet)")
            return
        told = f"{product} {place}: {program[1]} did {saw!r}, {known['version']} {known['saw']!r}"
        assert _same(saw, known["saw"]), told


def _same(seen: str, known: str) -> bool:
    """Equal but for seconds that are close."""
    number: Callable[[str], list[float]] = lambda text: [float(found) for found in re.findall(r"\d+\.\d+", text)]  # noqa: E731
    bare = [re.sub(r"\d+\.\d+", "#", text) for text in (seen, known)]
    pairs = zip(number(seen), number(known), strict=False)
    return bare[0] == bare[1] and all(abs(one - two) <= CLOSE_ENOUGH for one, two in pairs)


def named(program: Program, name: str = "") -> tuple[str, str]:
    """A program's name and the version it says it has."""
    return name or program.names[0], version(program)
