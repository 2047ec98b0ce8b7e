"""Programs that are started for a moment on loopback and ended by their own handle."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from tochain.model.errors import TochainError

__all__ = ["Missing", "Program", "Setup", "find", "free_port", "running", "started", "version"]


@dataclass(frozen=True, slots=True)
class Setup:
    """What a program is asked to be: where it listens, where it connects, and its idle limit in seconds.

    `lanes` are ports of 127.0.0.1; lane number i is reached under the path /i. A server has none.
    """

    folder: Path
    port: int
    idle: float | None
    lanes: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A program by the name of its product: how it is found, asked for its version, configured and started.

    `prepare` writes the configuration into the folder and returns the arguments; `package` is what to install.
    `needs` is a path that must exist too; `writes` are variables that name where the program keeps what it makes.
    """

    product: str
    names: tuple[str, ...]
    package: str
    version_words: tuple[str, ...]
    prepare: Callable[[Setup], Sequence[str]]
    wheel: str = ""
    needs: str = ""
    writes: tuple[str, ...] = ()


class Missing(TochainError):  # noqa: N818 - it says what is missing, which is no fault
    """A program that is not installed; the message says what to install."""


@cache
def find(program: Program) -> str:
    """The path of the program: on PATH, beside the interpreter, in /usr/sbin, or inside its wheel.

    Raises Missing with what to install.
    """
    if program.needs and not Path(program.needs).exists():
        raise Missing(f"{program.product} is not installed; install {program.package}")
    places = (None, str(Path(sys.executable).parent), "/usr/sbin")
    for name in program.names:
        for place in places:
            found = shutil.which(name, path=place)
            if found:
                return found
    spec = find_spec(program.wheel) if program.wheel else None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in (*sorted(Path(folder).glob(f"bin/*/{program.names[0]}")), Path(folder) / "bin" / program.names[0]):
            if os.access(path, os.X_OK):
                return str(path)
    raise Missing(f"{program.product} is not installed; install {program.package}")


@cache
def version(program: Program) -> str:
    """The version the program says it has, or its distribution when it has no word for that; "?" when neither does."""
    if not program.version_words:
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(program.names[0])
        return "?"
    done = subprocess.run(  # noqa: S603 - the path comes from find, the words are ours
        [find(program), *program.version_words], capture_output=True, text=True, timeout=30, check=False
    )
    found = re.search(r"\d+\.\d+(?:\.\d+)*", done.stdout + done.stderr)
    return found[0] if found else "?"


def free_port() -> int:
    """A TCP port of 127.0.0.1 nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(program: Program, setup: Setup, *, patience: float = 30) -> Iterator[Path]:
    """The program while it listens on its port; yields the path of its log.

    Raises Missing when it is not installed, TochainError with the end of its log when it does not come to listen.
    """
    with started(program, setup, patience=patience) as (_, log):
        yield log


@contextmanager
def started(program: Program, setup: Setup, *, patience: float = 30) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """As running, for those who end the program themselves; yields its process too."""
    path = find(program)
    log = setup.folder / f"{program.product}-{setup.port}.log"
    words = program.prepare(setup)
    environment = {**os.environ, **dict.fromkeys(program.writes, str(setup.folder / "made"))}
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - as above
            [path, *words],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            cwd=setup.folder,
            env=environment,
            start_new_session=True,
        )
    try:
        _await(process, setup.port, patience, log, program.product)
        yield process, log
    finally:
        _end(process)


def _await(process: subprocess.Popen[bytes], port: int, patience: float, log: Path, name: str) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise TochainError(f"{name} does not listen on 127.0.0.1:{port}: {log.read_text(errors='replace')[-800:].strip()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and its children; the group is its own, so nobody else is in it."""
    for word, patience in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 10.0)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, word)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    process.wait(10)
