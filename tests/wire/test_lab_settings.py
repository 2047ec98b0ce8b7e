"""Defaults of programs that tell them: what one that nobody configured says it has, beside the facts."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from tests.wire.lab.proof import Proof
from tests.wire.lab.tells import TELL
from tests.wire.lab.wheels import WHEELS
from tests.wire.lab.wheels import told as told_by
from tochain.model.limit import OFF, Finite, Limit, parse_duration
from tochain.model.version import parse_version
from tochain.products.facts import load
from tochain.reproduce.programs import version

pytestmark = [pytest.mark.wire, pytest.mark.lab]


@pytest.mark.parametrize("product", TELL)
def test_a_program_that_nobody_configured_has_what_the_facts_say(proof: Proof, folder: Path, product: str) -> None:
    proof.of("effective defaults", product)
    tell, programs = TELL[product]
    proof.needs(*programs)
    told, known = tell(folder), defaults(product, version(programs[0]))
    both = sorted(told.keys() & known.keys())
    proof.saw(f"{', '.join(f'{name} {told[name]}' for name in both)}")
    differ = {name: (told[name], known[name]) for name in both if not same(told[name], known[name])}
    assert both and not differ


@pytest.mark.quick
@pytest.mark.parametrize("wheel", WHEELS)
def test_a_package_of_python_has_what_the_facts_say(proof: Proof, wheel: str) -> None:
    product, variant, _ = WHEELS[wheel]
    proof.of("effective defaults", f"{product}{f' {variant}' if variant else ''}, {wheel}")
    told = told_by(wheel)
    known = defaults(product, metadata.version(wheel), variant)
    both = sorted(told.keys() & known.keys())
    proof.saw(f"{', '.join(f'{name} {told[name]}' for name in both)}")
    differ = {name: (told[name], known[name]) for name in both if not same(told[name], known[name])}
    assert both and not differ


def defaults(product: str, told: str, variant: str | None = None) -> dict[str, Limit]:
    """By setting: the default of a version, for those that are a number, zero, off or never; of one variant if given."""
    facts, found = load(product), {}
    at = parse_version(told)
    assert facts is not None and at is not None
    for row in facts.settings:
        if variant is not None and row.variant != variant:
            continue
        if (row.since and at < row.since) or (row.until and at >= row.until):
            continue
        steps = [step for step in row.defaults if step.since is None or step.since <= at]
        if steps and (limit := amount(steps[-1].value)) is not None:
            found[row.setting] = limit
    return found


def amount(text: str) -> Limit | None:
    """A time, never, off or the kernel's; None for counts and for the default of another setting."""
    if text == "kernel":
        return OFF
    try:
        return parse_duration(text)
    except ValueError:
        return None


def same(told: str, known: Limit) -> bool:
    """Zero is what all of these programs write for never, off, and the kernel's."""
    limit = parse_duration(f"{told}s" if told[-1].isdigit() else told)
    number = limit.amount if isinstance(limit, Finite) else 0
    return number == (known.amount if isinstance(known, Finite) else 0)
