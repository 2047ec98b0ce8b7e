"""quartz.properties."""

from __future__ import annotations

from tests.products.texts import facts, read


def test_file():
    text = "org.quartz.scheduler.instanceName = nightly\norg.quartz.jobStore.misfireThreshold = 30000\n"
    (found,), _ = read("quartz", {"quartz.properties": text})
    assert (found.name, found.kind) == ("nightly", "schedule")
    assert facts(found.facts, "schedule.misfire", "schedule.pool_size") == [
        "schedule.misfire = 30s (org.quartz.jobStore.misfireThreshold, written @ 2:1)",
        "schedule.pool_size = 10 (org.quartz.threadPool.threadCount, default @ 1:1)",
    ]
