"""Rows of `observed` in a facts file: put in their place, with the rest of the file as it was."""

from __future__ import annotations

from tests.wire.lab.observed import placed

FACTS = """\
product: x
settings:
  - setting: idle
    timers: [accept.idle_close]
    source: here

  - setting: other
    source: there
behaviour:
  stale_reuse:
    get: '502'
traps: [one]
"""
ROW = {"program": "x", "version": "1.0", "date": "2026-01-02", "saw": "closes after 5.0 s", "tries": "3"}
LINE = '      - {program: x, version: 1.0, date: 2026-01-02, saw: "closes after 5.0 s", tries: 3}'


def test_a_first_row_follows_the_setting() -> None:
    lines = FACTS.splitlines()
    assert placed(lines, "idle", ROW) == [*lines[:5], "    observed:", LINE, *lines[5:]]


def test_a_first_row_follows_the_behaviour() -> None:
    lines = FACTS.splitlines()
    assert placed(lines, "behaviour.stale_reuse", ROW) == [*lines[:11], "    observed:", LINE, *lines[11:]]


def test_a_row_replaces_one_of_the_same_program_version_and_counterpart() -> None:
    once = placed(FACTS.splitlines(), "idle", {**ROW, "against": "a"})
    twice = placed(once, "idle", {**ROW, "against": "b"})
    again = placed(twice, "idle", {**ROW, "against": "a", "saw": "closes after 6.0 s"})
    assert [line for line in again if "program" in line] == [
        LINE[:-1] + ", against: b}",
        LINE.replace("5.0", "6.0")[:-1] + ", against: a}",
    ]


def test_another_version_is_kept_beside_it() -> None:
    once = placed(FACTS.splitlines(), "idle", ROW)
    twice = placed(once, "idle", {**ROW, "version": "2.0"})
    assert [line for line in twice if "program" in line] == [LINE, LINE.replace("1.0", "2.0")]


def test_a_variant_tells_settings_of_one_name_apart() -> None:
    lines = FACTS.replace("setting: other", "setting: idle\n    variant: late").splitlines()
    assert placed(lines, "idle", ROW, "late") == [*lines[:9], "    observed:", LINE, *lines[9:]]
