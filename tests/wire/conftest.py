"""What every proof of the lab is given."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.wire.lab.proof import Proof


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Proof:
    """Notes which rule is proven with which pair, compares with the facts, and records when asked."""
    return Proof(request.node, bool(request.config.getoption("--record")))


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder programs without root's rights can read; its logs are kept where the proof failed."""
    path = Path(mkdtemp(prefix="tochain-lab-"))
    path.chmod(0o755)
    failed = request.session.testsfailed
    yield path
    if request.session.testsfailed == failed:
        shutil.rmtree(path, ignore_errors=True)
    else:
        print(f"logs are kept in {path}")
