"""The files other people's pipelines use: understood by their consumers, pinned, and with options that exist."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
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
    calls = re.findall(r"tochain\"? check((?:[^\n\\]|\\\n)*)", text)
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
    assert set(re.findall(r"\$(\w+)", " ".join(job["script"]))) == set(job["variables"])
    assert any(job["artifacts"]["reports"]["codequality"] in line for line in job["script"])
    assert job["artifacts"]["when"] == "always"


@pytest.mark.parametrize(
    ("path", "schema"), [("action.yml", "github-actions"), ("ci-templates/gitlab.yml", "gitlab-ci")]
)
def test_the_platforms_own_schema_accepts_it(path: str, schema: str) -> None:
    """As check-jsonschema ships it."""
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(ROOT / path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def run_step(name: str, folder: Path, **inputs: str) -> tuple[int, str, dict[str, str], str]:
    """A shell step of the action as a runner starts it: status, what it printed, its outputs, the job's summary."""
    (step,) = (step for step in load("action.yml")["runs"]["steps"] if step.get("id") == name)
    temp = folder / "temp"
    (temp / "tochain" / "bin").mkdir(parents=True)
    program = temp / "tochain" / "bin" / "tochain"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tochain "$@"\n')
    program.chmod(0o755)
    out, summary = folder / "out", folder / "summary"
    out.touch()
    summary.touch()
    given = {name: inputs[re.sub(r".*inputs\.([\w-]+).*", r"\1", value)] for name, value in step["env"].items()}
    files = {"RUNNER_TEMP": str(temp), "GITHUB_OUTPUT": str(out), "GITHUB_STEP_SUMMARY": str(summary)}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={**os.environ, **files, **given, "PYTHONPATH": str(ROOT)},
        cwd=ROOT / "fixtures" / "seeds",
        capture_output=True,
        text=True,
        check=False,
    )
    outputs = dict(line.split("=", 1) for line in out.read_text().splitlines())
    return done.returncode, done.stdout, outputs, summary.read_text()


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
def test_the_check_of_the_action_runs(tmp_path: Path) -> None:
    """Annotations, the summary, SARIF where the outputs say, and the status of the check as the step's own."""
    status, printed, outputs, summary = run_step(
        "check", tmp_path, paths="proxy-300-vm-10/vm proxy-300-vm-10/tochain.yaml", **{"fail-on": "warning"}
    )
    assert (status, outputs["status"]) == (1, "1")
    assert printed.startswith("::error file=proxy-300-vm-10/vm/nginx.conf,line=12,")
    assert summary.startswith("## tochain\n")
    found = json.loads(Path(outputs["sarif"]).read_text())
    assert [result["ruleId"] for result in found["runs"][0]["results"]] == ["idle-reuse-race"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
def test_a_usage_error_is_the_steps_status(tmp_path: Path) -> None:
    """There is nothing to upload then."""
    status, _, outputs, summary = run_step("check", tmp_path, paths=".", **{"fail-on": "worse"})
    assert (status, outputs, summary) == (2, {"status": "2"}, "")


def test_the_image_is_built_from_what_the_wheel_needs() -> None:
    """What .dockerignore lets through is what pyproject.toml packs."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert all((ROOT / name).exists() for name in kept)
    assert {"tochain", "rules", "pyproject.toml", "README.md", "LICENSE"} <= kept
