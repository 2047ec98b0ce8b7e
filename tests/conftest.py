"""Options of the lab in tests/wire: `-m wire` proves a chosen part, `--all-wire` all, `--record` writes the facts."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

LAB = "lab"

# A loaded machine is no fault of the code: nothing here judges by the clock. In CI every change meets the same examples;
# new ones are drawn where somebody is there to read what they find.
settings.register_profile(
    "tochain",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("tochain")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("wire", "real programs on loopback")
    group.addoption("--all-wire", action="store_true", help="prove every rule with every pair of programs")
    group.addoption("--wire-attempt", type=int, default=1, help="which attempt this is; from the second on it is said")
    group.addoption("--record", action="store_true", help="write what was seen into the facts (without -n)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "lab: a proof with real programs; runs with -m wire or --all-wire only")
    config.addinivalue_line("markers", "heavy: a proof that only --all-wire runs")
    config.addinivalue_line("markers", "quick: a proof of the lab that every change meets in CI")
    if config.getoption("--record") and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--record writes one file after another: run it without -n")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the lab out unless it is asked for, and its long half unless all of it is."""
    everything = config.getoption("--all-wire")
    asked = everything or "wire" in (config.getoption("-m") or "") or config.getoption("--record")
    left_out = [
        item
        for item in items
        if (item.get_closest_marker("lab") and not asked) or (item.get_closest_marker("heavy") and not everything)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


def pytest_terminal_summary(terminalreporter) -> None:
    """The matrix: each rule with each pair, proven or why not."""
    rows = []
    attempt = terminalreporter.config.getoption("--wire-attempt")
    for outcome in ("passed", "failed", "skipped", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            found = dict(getattr(report, "user_properties", ()))
            if LAB in found and report.when in ("call", "setup"):
                rows.append((*found[LAB], _said(report, outcome, found, attempt)))
    if not rows:
        return
    again = f", attempt {attempt}: what failed before, one after the other" if attempt > 1 else ""
    terminalreporter.section(f"proof on the wire{again}")
    widths = [max(len(row[at]) for row in rows) for at in (0, 1)]
    for rule, pair, said in sorted(rows):
        terminalreporter.write_line(f"{rule:<{widths[0]}}  {pair:<{widths[1]}}  {said}")
    proven = sum(said.startswith("proven") for *_, said in rows)
    terminalreporter.write_line(f"{proven} of {len(rows)} proven")


def _said(report, outcome: str, found: dict, attempt: int) -> str:
    if outcome == "passed":
        return f"proven{f' at attempt {attempt}' if attempt > 1 else ''}: {found.get('saw', '')}"
    if outcome == "skipped":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        return f"skipped: {reason.removeprefix('Skipped: ')}"
    return f"NOT PROVEN: {found.get('saw', 'see above')}"
