"""Defaults of programs that tell them: what one that nobody configured says it has, beside the facts."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import pytest

from tests.wire.lab.brokers import MOSQUITTO
from tests.wire.lab.proof import Proof, named
from tests.wire.lab.tells import TELL
from tests.wire.lab.wheels import WHEELS
from tests.wire.lab.wheels import told as told_by
from tochain.model.limit import OFF, Finite, Limit, parse_duration
from tochain.model.version import parse_version
from tochain.products.facts import load
from tochain.reproduce.programs import Setup, free_port, running, version

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


def test_mosquitto_takes_any_keepalive_and_ends_a_silent_client(proof: Proof, folder: Path) -> None:
    """The broker that nobody configured has no bound; it looks for silent clients every five seconds."""
    proof.of("effective defaults", "mqtt-mosquitto max_keepalive")
    proof.needs(MOSQUITTO)
    port = free_port()
    with running(MOSQUITTO, Setup(folder, port, None)), connected(port, 65535), connected(port, 2) as silent:
        began = time.monotonic()
        assert silent.recv(10) == b""
        after = time.monotonic() - began
    saw = f"takes 65535, ends a client with keepalive 2 s after {after:.1f} s"
    proof.saw(saw)
    assert 2.5 <= after <= 12
    proof.observed("mqtt-mosquitto", "max_keepalive", named(MOSQUITTO), "takes 65535", 1)


@contextmanager
def connected(port: int, keepalive: int) -> Iterator[socket.socket]:
    """A client of MQTT 3.1.1 that says nothing after its CONNECT."""
    name = b"\x00\x04MQTT\x04\x02" + keepalive.to_bytes(2, "big") + b"\x00\x01" + str(keepalive).encode()[:1]
    with socket.create_connection(("127.0.0.1", port), 30) as one:
        one.sendall(bytes([0x10, len(name)]) + name)
        assert one.recv(4) == b"\x20\x02\x00\x00"
        yield one
