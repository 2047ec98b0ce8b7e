"""Cloud resources as they are read: every file of cases/ holds files, and what must come of them line for line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.products.clouds.runs import everything

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))


def parts(path: Path) -> dict[str, str]:
    """The parts of a case by their titles."""
    pieces = re.split(r"(?m)^--- (.+)\n", path.read_text(encoding="utf-8"))
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    texts = parts(path)
    expected = texts.pop("expect")
    assert everything(texts).splitlines() == expected.splitlines()
