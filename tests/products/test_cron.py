"""The shortest pause between two starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.model.limit import Finite, Unknown, format_duration
from tochain.products.cron import calendar_period, cron_period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("*/5 * * * *", "300s"),
        ("* * * * *", "60s"),
        ("0 * * * *", "1h"),
        ("0,50 * * * *", "600s"),
        ("7-59/20 * * * *", "1200s"),
        ("0 9-17 * * mon-fri", "1h"),
        ("30 2 * * *", "1d"),
        ("0 0 * * 0", "7d"),
        ("0 0 * * 7", "7d"),
        ("0 0 * * 1,3", "2d"),
        ("0 0 1 * *", "28d"),
        ("0 23 28-31 * *", "1d"),
        ("0 0 1 jan *", "365d"),
        ("0 0 13 * 5", "1d"),
        ("0 0/15 * * * ?", "900s"),
        ("@hourly", "1h"),
        ("@every 90s", "90s"),
        ("CRON_TZ=Europe/Berlin 0 3 * * *", "1d"),
    ],
)
def test_periods(text, period):
    assert format_duration(cron_period(text)) == period


@pytest.mark.parametrize(
    "text", ["", "{{ .Values.cron }}", "* * *", "61 * * * *", "5-1 * * * *", "*/0 * * * *", "@often", "@every x"]
)
def test_no_expression(text):
    assert isinstance(cron_period(text), Unknown)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("hourly", "1h"),
        ("daily", "1d"),
        ("*:0/10", "600s"),
        ("*-*-* 02:30:00", "1d"),
        ("Mon..Fri *-*-* 09:00", "1d"),
        ("Sun 03:00", "7d"),
        ("*-*-01 00:00:00", "28d"),
        ("every now and then", "unknown"),
    ],
)
def test_calendar(text, period):
    assert format_duration(calendar_period(text)) == period


@given(st.text(alphabet="0123456789*/,-? @abcdefghij.:", max_size=30))
def test_whatever_is_written(text):
    assert isinstance(cron_period(text), (Finite, Unknown))
    calendar_period(text)
