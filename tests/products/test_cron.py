"""Cron expressions: the smallest pause between two starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.model.limit import NEVER, Finite, Unknown
from tochain.products.cron import aws_period, seconds_period, smallest_gap

DAY = 24 * 60


@pytest.mark.parametrize(
    ("expression", "minutes"),
    [
        ("* * * * *", 1),
        ("*/5 * * * *", 5),
        ("*/7 * * * *", 4),  # from :56 to the next hour
        ("0 * * * *", 60),
        ("0,10 * * * *", 10),
        ("5-6 3 * * *", 1),
        ("0 0 * * *", DAY),
        ("0 23,1 * * *", 2 * 60),
        ("0 0 * * mon,wed", 2 * DAY),
        ("0 0 * * 0", 7 * DAY),
        ("0 0 * * 7", 7 * DAY),
        ("0 0 1 * *", 28 * DAY),
        ("0 0 1,15 * fri", DAY),  # either kind of day is enough
        ("30 2 1 JAN *", 365 * DAY),
        ("0 0 29 2 *", None),  # once in the four years looked at
        ("59 23 * * 1,2", DAY),
        ("0 0,23 * * *", 60),
        ("0 8/4 * * *", 4 * 60),
        ("@hourly", 60),
        ("@weekly", 7 * DAY),
        ("TZ=Europe/Berlin 0 0 * * *", DAY),
        ("@every 5m", None),
        ("*/0 * * * *", None),
        ("60 * * * *", None),
        ("1 2 3", None),
        ("a b c d e", None),
        ("5-1 * * * *", None),
        ("", None),
    ],
)
def test_smallest_gap(expression, minutes):
    assert smallest_gap(expression) == minutes


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("0 * * * * *", 60),
        ("*/10 * * * * *", 10),
        ("0/30 * * * * ?", 30),
        ("5,8 0 0 * * *", 3),
        ("0 0 9-17 * * MON-FRI", 3600),
        ("@daily", 86_400),
        ("0 0 3 * * ?", 86_400),
    ],
)
def test_cron_with_seconds(expression, seconds):
    assert seconds_period(expression) == Finite(seconds * 1_000_000)


@pytest.mark.parametrize("expression", ["* * * * *", "0 0 0 L * *", "61 * * * * *", "", "x"])
def test_what_is_no_cron_with_seconds(expression):
    assert isinstance(seconds_period(expression), Unknown)


def test_a_dash_is_never():
    assert seconds_period("-") == NEVER


@given(st.text(alphabet="0123456789*/,-@adehjlnmory ", max_size=30))
def test_any_text_has_a_gap_or_none(text):
    found = smallest_gap(text)
    assert found is None or 1 <= found <= 366 * 4 * DAY


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(2 hours)", 7200),
        ("rate(1 day)", 86400),
        ("cron(0/15 * * * ? *)", 900),
        ("cron(0 10 ? * 2-6 *)", 86400),  # Monday to Friday
        ("cron(0 10 ? * MON *)", 7 * 86400),
        ("cron(0 8 1 * ? *)", 28 * 86400),
        ("rate(0 minutes)", None),
        ("cron(0 10 ? * 6L *)", None),
        ("cron(* * * * *)", None),
        ("at(2026-01-01T00:00:00)", None),
        ("", None),
    ],
)
def test_schedules_of_eventbridge(expression, seconds):
    found = aws_period(expression)
    assert (found.amount // 1_000_000 if isinstance(found, Finite) else None) == seconds


@given(st.text(alphabet="crontae()0123456789*/,-? mius", max_size=40))
def test_any_text_is_a_schedule_or_unknown(text):
    assert isinstance(aws_period(text), Finite | Unknown)
