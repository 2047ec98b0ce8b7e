"""The program as a process: terminals, colour, pipes, completion, and how little it loads."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tochain import __version__

ROOT = Path(__file__).parents[2]
LINE = b"nginx.conf:7:9: "


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CACHE_HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", **more}


def start(*words: str, **how) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "tochain", *words], capture_output=True, check=False, **{"env": environment(), **how}
    )


def on_terminal(*words: str, **more: str) -> bytes:
    """What the program writes when stdout is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tochain", *words], stdout=theirs, stderr=subprocess.DEVNULL, env=environment(**more)
    )
    os.close(theirs)
    out = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        out += part
    os.close(ours)
    process.wait()
    return out


def test_version(repo: Path) -> None:
    """The name and the number, nothing else."""
    done = start("--version")
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, f"tochain {__version__}\n", b"")


def test_colour_is_for_terminals(repo: Path) -> None:
    """A terminal gets it, a pipe does not, NO_COLOR and dumb terminals do not."""
    words = ("check", "--output-format", "concise")
    assert b"\x1b[1;31merror[idle-reuse-race]\x1b[0m" in on_terminal(*words)
    plain = [on_terminal(*words, NO_COLOR="1"), on_terminal(*words, TERM="dumb"), start(*words).stdout]
    assert [b"\x1b[" in out for out in plain] == [False] * 3
    assert all(LINE in out for out in plain)


def test_output_is_utf8_whatever_the_locale_says(repo: Path) -> None:
    """Arrows survive LC_ALL=C."""
    done = start("graph", env=environment(LC_ALL="C", PYTHONIOENCODING="ascii"))
    assert (done.returncode, "└─▶ vm" in done.stdout.decode("utf-8")) == (0, True)


@pytest.mark.parametrize("words", [["check"], ["graph"], ["--help"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_crash(repo: Path, words: list[str]) -> None:
    """`tochain ... | head -c 0` ends without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "tochain", *words],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    os.close(writing)
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(repo: Path, shell: str) -> None:
    """The script for a shell, and what it completes."""
    done = start("--show-completion", shell)
    assert (done.returncode, b"_TOCHAIN_COMPLETE" in done.stdout or b"tochain" in done.stdout) == (0, True)
    if shell == "bash":
        found = start(env=environment(_TOCHAIN_COMPLETE="complete_bash", COMP_WORDS="tochain exp", COMP_CWORD="1"))
        assert found.stdout.split() == [b"explain"]


def test_a_dump_comes_through_a_pipe(repo: Path) -> None:
    """stdin of the real program."""
    text = (repo / "nginx.conf").read_bytes()
    done = start("check", "-", ".", "--stdin-name", "nginx.conf", "--output-format", "concise", input=text)
    assert (done.returncode, done.stdout.startswith(LINE)) == (1, True)


def test_without_a_command_there_is_help(repo: Path) -> None:
    """Exit status 2, as for other usage errors, and the commands."""
    done = start()
    assert b"Usage: tochain [OPTIONS] COMMAND" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "words", "said"),
    [("pygls", ["lsp"], b"pip install 'tochain[lsp]'"), ("jinja2", ["report"], b"pip install 'tochain[report]'")],
)
def test_what_an_extra_brings_is_said_when_it_is_missing(
    repo: Path, module: str, words: list[str], said: bytes
) -> None:
    """No traceback: what to install."""
    code = f"import sys; sys.modules[{module!r}] = None; sys.argv[1:] = {words!r}\nfrom tochain.__main__ import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment(), check=False)
    assert (done.returncode, said in done.stderr, b"Traceback" in done.stderr) == (2, True, False)
