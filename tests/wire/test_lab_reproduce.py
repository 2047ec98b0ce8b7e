"""`tochain reproduce` on the seed with the real nginx."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.wire.lab.proof import Proof
from tochain.cli.app import app
from tochain.reproduce.programs import version
from tochain.reproduce.servers import SERVERS

pytestmark = [pytest.mark.wire, pytest.mark.lab, pytest.mark.quick]

SEED = Path(__file__).parents[2] / "fixtures" / "seeds" / "proxy-300-vm-10"


def test_the_seed_happens(proof: Proof) -> None:
    proof.of("idle-reuse-race", "tochain reproduce: black-box -> nginx")
    proof.needs(SERVERS["nginx"])
    checked = CliRunner().invoke(app, ["check", str(SEED)]).output
    found = re.search(r"--finding (\w+)", checked)
    assert found is not None
    result = CliRunner().invoke(app, ["reproduce", found[1], str(SEED), "--tries", "5"])
    lines = result.output.splitlines()
    proof.saw(lines[-3])
    assert lines[2] == f"  vm: idle limit 1 s (10s in your files); nginx {version(SERVERS['nginx'])}"
    assert lines[-3:-1] == ["GET: 503 in 5 of 5 tries", "POST: 503 in 5 of 5 tries"]
    assert result.exit_code == 0
