"""Times of a systemd service by its kind."""

from __future__ import annotations

import pytest

from tochain.check import check_files

TIMER = "[Timer]\nOnUnitActiveSec=2min\n"


@pytest.mark.parametrize(
    ("service", "found"),
    [
        ("Type=oneshot\nTimeoutStartSec=10min", ["TimeoutStartSec", "OnUnitActiveSec"]),
        ("Type=oneshot", []),  # it may take any time
        ("Type=simple\nTimeoutStartSec=10min", []),
        ("Type=simple\nRuntimeMaxSec=10min", ["RuntimeMaxSec", "OnUnitActiveSec"]),
        ("Type=oneshot\nRuntimeMaxSec=10min", []),  # does not count for a oneshot
        ("Type=oneshot\nTimeoutStartSec=90s", []),
    ],
)
def test_how_long_a_run_may_take(service: str, found: list[str]):
    texts = {"sync.timer": TIMER, "sync.service": f"[Service]\nExecStart=/bin/sync\n{service}\n"}
    findings = [f for f in check_files(texts).findings if f.rule == "run-longer-than-period"]
    assert [label.setting for f in findings for label in f.labels] == found
