"""Crontabs: periods, what limits a run, locks, the system's own form with users; and files that are something else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.products.texts import facts, read
from tochain.check import check_files

TABLE = """\
# m h dom mon dow command
SHELL=/bin/bash
*/5 * * * * timeout 600 /opt/app/sync.sh >> /var/log/x 2>&1
@hourly cd /srv && curl -sS -m 90 https://example.com/cron
0 3 * * 1-5 flock -n /tmp/l timeout -k 5 10m backup --all
@reboot /opt/start
30 4 1,15 * * flock /tmp/m php artisan x
"""
TIMERS = ("schedule.period", "schedule.duration", "schedule.concurrency")


def test_a_users_own():
    jobs, reports = read("crontab", {"crontab": TABLE})
    assert [(job.name, facts(job.facts, *TIMERS)) for job in jobs] == [
        ("sync.sh", [
            "schedule.period = 300s ((schedule), written @ 3:1)",
            "schedule.duration = 600s (timeout, written @ 3:21)",
            "schedule.concurrency = Allow (flock, default @ 3:1)",
        ]),
        ("curl", [
            "schedule.period = 1h ((schedule), written @ 4:1)",
            "schedule.duration = 90s (timeout, written @ 4:32)",
            "schedule.concurrency = Allow (flock, default @ 4:1)",
        ]),
        ("backup", [
            "schedule.period = 1d ((schedule), written @ 5:1)",
            "schedule.duration = 600s (timeout, written @ 5:42)",
            "schedule.concurrency = Forbid (flock, written @ 5:13)",
        ]),
        ("php", [
            "schedule.period = 14d ((schedule), written @ 7:1)",
            "schedule.duration = never (timeout, default @ 7:1)",
            "schedule.concurrency = Wait (flock, written @ 7:15)",
        ]),
    ]  # fmt: skip
    assert reports["crontab"].status == "understood"


def test_the_systems_has_users():
    (job,), _ = read("crontab", {"etc/cron.d/app": "*/2 * * * * www-data /srv/run -x\n"})
    assert (job.name, facts(job.facts, "schedule.period")) == (
        "run",
        ["schedule.period = 120s ((schedule), written @ 1:1)"],
    )


def test_something_else():
    for text in ("1 2 3 4 5\n", "Dear reader, this is no table at all\n", "99 * * * * x\n", ""):
        assert read("crontab", {"crontab": text}) == ([], {})


def test_a_run_longer_than_the_time_to_the_next():
    found = check_files({"crontab": TABLE.replace("-n ", "")}).findings
    assert [(f.rule, f.severity, str(f.labels[0].span)) for f in found] == [
        ("run-longer-than-period", "warning", "crontab:3:21")
    ]


@given(st.text(alphabet="* /1,-@hourly\nflock timeout-kcurlm", max_size=200))
def test_any_text(text):
    read("crontab", {"crontab": text})
