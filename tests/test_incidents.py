"""Every folder of fixtures/incidents: found before the fix, silent after it; fixtures/quiet: silent at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tochain.check import Options, check
from tochain.model.finding import FAMILIES, Finding
from tochain.model.result import Result

ROOT = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path.parent for path in ROOT.glob("incidents/*/case.yaml"))
QUIET = sorted(path.parent for path in ROOT.glob("quiet/*/case.yaml"))


def case(folder: Path) -> dict[str, object]:
    """The case file of a folder."""
    data = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def run(folder: Path) -> Result:
    """A check of one folder, paths relative to it, everything in it read."""
    assert folder.is_dir(), folder
    result = check([folder], Options(base=folder))
    assert result.crashes == ()
    assert [file.path for file in result.files if file.status == "failed"] == []
    return result


def serious(result: Result, family: str = "") -> list[Finding]:
    """The findings at warning or above, of one family or of all."""
    return [f for f in result.findings if f.severity != "note" and family in ("", f.family)]


def shown(findings: list[Finding]) -> list[str]:
    """Findings in one line each, for failure messages."""
    return [
        f"{f.rule} {f.hop} {[(label.component, label.setting, label.value) for label in f.labels]}" for f in findings
    ]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_found_before(folder: Path) -> None:
    """The configuration as it stood has the fault, at the components and settings that made it."""
    expect = case(folder)["expect"]
    assert isinstance(expect, dict) and expect["family"] in FAMILIES
    findings = serious(run(folder / "before"), expect["family"])
    wanted = (set(expect["components"]), set(expect["settings"]))
    hits = [
        f
        for f in findings
        if wanted[0] <= {label.component for label in f.labels} and wanted[1] <= {label.setting for label in f.labels}
    ]
    assert hits, f"{wanted} not among {shown(findings)}"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_silent_after(folder: Path) -> None:
    """The mended configuration has no fault of that family."""
    expect = case(folder)["expect"]
    assert isinstance(expect, dict)
    assert shown(serious(run(folder / "after"), str(expect["family"]))) == []


@pytest.mark.parametrize("folder", QUIET, ids=lambda folder: folder.name)
def test_quiet(folder: Path) -> None:
    """A right setup that looks wrong to a naive check brings no finding at warning or above, whatever the family."""
    result = run(folder / "config")
    assert result.hops > 0, "a quiet case must have something to be quiet about"
    assert shown(serious(result)) == []
