"""Defaults of programs that tell them: what a database that nobody configured says it has, beside the facts."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.wire.lab.databases import MARIADB, POSTGRESQL, database
from tests.wire.lab.proof import Proof, named
from tochain.model.limit import OFF, Finite, Limit, parse_duration
from tochain.model.version import parse_version
from tochain.products.facts import load
from tochain.reproduce.programs import Program, Setup, find, free_port, running

pytestmark = [pytest.mark.wire, pytest.mark.lab]

Told = dict[str, str]


def said(program: Program, *words: str) -> str:
    return subprocess.run(
        [find(program), *words], capture_output=True, text=True, timeout=60, check=True, cwd="/"
    ).stdout


def mariadb(folder: Path) -> Told:
    text = said(MARIADB, "--no-defaults", "--verbose", "--help")
    return {name.replace("-", "_"): value for name, value in re.findall(r"^([a-z-]+) +(\d+(?:\.\d+)?)$", text, re.M)}


def postgresql(folder: Path) -> Told:
    """Asked while it runs: `postgres --describe-config` says 0 for every number."""
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed; install the wheel sqlalchemy")
    pytest.importorskip("pg8000", reason="pg8000 is not installed; install the wheel pg8000")
    numbers = sqlalchemy.text("SELECT name, boot_val || COALESCE(unit, 's') FROM pg_settings WHERE vartype = 'integer'")
    with database("postgresql", folder, 0) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as session:
            found = {name: value for name, value in session.execute(numbers) if re.fullmatch(r"\d+m?s", value)}
        engine.dispose()
    return found


def asked(port: int, question: bytes, end: bytes) -> str:
    """What a server with a protocol of lines answers."""
    with socket.create_connection(("127.0.0.1", port), 10) as one:
        one.sendall(question)
        got = b""
        while end not in got:
            got += one.recv(65536)
        return got.decode("latin-1")


def redis(folder: Path) -> Told:
    port = free_port()
    program = replace(REDIS, prepare=lambda setup: ["--port", str(setup.port), "--bind", "127.0.0.1", "--save", ""])
    found = {}
    with running(program, Setup(folder, port, None)):
        for name in ("timeout", "tcp-keepalive", "repl-ping-replica-period", "repl-timeout", "shutdown-timeout"):
            answer = asked(port, b"CONFIG GET " + name.encode() + b"\r\n", b"\r\n").split("\r\n")
            found[name] = answer[4] if len(answer) > 4 else ""
    return found


def memcached(folder: Path) -> Told:
    port = free_port()
    user = ["-u", "nobody"]
    words = ["-l", "127.0.0.1", "-U", "0", *user, "-p", str(port)]
    with running(replace(MEMCACHED, prepare=lambda setup: words), Setup(folder, port, None)):
        answer = asked(port, b"stats settings\r\n", b"END\r\n")
    return dict(re.findall(r"^STAT (\w+) (\S+)\r$", answer, re.M))


REDIS = Program("redis", ("redis-server",), "redis-server", ("--version",), lambda setup: [])
MEMCACHED = Program("memcached", ("memcached",), "memcached", ("--version",), lambda setup: [])

TELL: dict[str, tuple[Program, Callable[[Path], Told]]] = {
    "mariadb": (MARIADB, mariadb),
    "postgresql": (POSTGRESQL, postgresql),
    "redis": (REDIS, redis),
    "memcached": (MEMCACHED, memcached),
}
"""By product: the program, and what it tells."""


@pytest.mark.parametrize("product", TELL)
def test_a_program_that_nobody_configured_has_what_the_facts_say(proof: Proof, folder: Path, product: str) -> None:
    proof.of("effective defaults", product)
    program, tell = TELL[product]
    proof.needs(program)
    told, version = tell(folder), named(program)[1]
    known = defaults(product, version)
    both = sorted(told.keys() & known.keys())
    proof.saw(f"{', '.join(f'{name} {told[name]}' for name in both)}")
    differ = {name: (told[name], known[name]) for name in both if not same(told[name], known[name])}
    assert both and not differ


def defaults(product: str, version: str) -> dict[str, Limit]:
    """By setting: the default of a version, for those that are a number, zero, off or never."""
    facts, found = load(product), {}
    at = parse_version(version)
    assert facts is not None and at is not None
    for row in facts.settings:
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
    limit = parse_duration(told if told.endswith("s") else f"{told}s")
    number = limit.amount if isinstance(limit, Finite) else 0
    return number == (known.amount if isinstance(known, Finite) else 0)
