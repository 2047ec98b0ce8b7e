"""The files other people's pipelines use: understood by their consumers, pinned, and with options that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from tochain.cli.app import app

ROOT = Path(__file__).parent.parent
CHECK = get_command(app).commands["check"]  # type: ignore[attr-defined]
OPTIONS = {name for parameter in CHECK.params for name in parameter.opts}


def load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def used(text: str) -> set[str]:
    """The long options of every `tochain check` in a text."""
    calls = re.findall(r"tochain check((?:[^\n\\]|\\\n)*)", text)
    return {word for call in calls for word in re.findall(r"--[a-z-]+", call)}


def test_the_hook_is_what_pre_commit_understands() -> None:
    """Its own reader accepts it."""
    clientlib = pytest.importorskip("pre_commit.clientlib", reason="pre-commit is not installed")
    (hook,) = clientlib.load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    assert (hook["id"], hook["entry"], hook["args"], hook["pass_filenames"]) == (
        "tochain",
        "tochain check",
        ["."],
        False,
    )


def test_the_action_is_composite_and_pinned() -> None:
    """Every action by the hash of a commit, every step with a shell, inputs through the environment only."""
    action = load("action.yml")
    steps = action["runs"]["steps"]
    assert action["runs"]["using"] == "composite"
    assert all(re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)
    assert all(step.get("shell") == "bash" for step in steps if "run" in step)
    assert not [step for step in steps if "${{" in step.get("run", "")]
    named = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert named == set(action["inputs"])


@pytest.mark.parametrize("path", ["action.yml", "ci-templates/gitlab.yml", "README.md"])
def test_the_options_exist(path: str) -> None:
    """What the files call is what the command takes."""
    options = used((ROOT / path).read_text(encoding="utf-8"))
    assert options
    assert options <= OPTIONS


def test_the_gitlab_job_hands_over_what_it_writes() -> None:
    """The report named in artifacts is the file that is written."""
    job = load("ci-templates/gitlab.yml")["tochain"]
    assert any(job["artifacts"]["reports"]["codequality"] in line for line in job["script"])
    assert job["artifacts"]["when"] == "always"
