"""nginx's grammar of times, as the program accepts and refuses it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.products.nginx.times import parse_time

GOOD = {
    "10": 10_000,
    "0": 0,
    "10s": 10_000,
    "250ms": 250,
    "1m": 60_000,
    " 5": 5_000,
    "2w": 1_209_600_000,
    "1h30m": 5_400_000,
    "1h 30m": 5_400_000,
    "1d 2h 3m 4s 5ms": 93_784_005,
    "1m30": 90_000,
    "5s 5": 10_000,
}

BAD = {
    "": 'invalid time ""; expected a number with ms, s, m, h, d or w',
    "s": 'invalid time "s"; expected a number with ms, s, m, h, d or w',
    "10 s": 'invalid time "10 s"; expected a number with ms, s, m, h, d or w; no space between number and unit',
    "1,5s": 'invalid time "1,5s"; expected a number with ms, s, m, h, d or w; fractions are not allowed',
    "1.5": 'invalid time "1.5"; expected a number with ms, s, m, h, d or w; fractions are not allowed',
    "10sec": (
        'invalid time "10sec"; expected a number with ms, s, m, h, d or w; units are single letters in lower case'
    ),
    "30m1h": 'invalid time "30m1h"; units go from the largest to the smallest, each once',
    "1s1s": 'invalid time "1s1s"; units go from the largest to the smallest, each once',
    "-1": 'invalid time "-1"; expected a number with ms, s, m, h, d or w',
}


@pytest.mark.parametrize(("text", "amount"), GOOD.items())
def test_times_in_milliseconds(text, amount):
    assert parse_time(text) == amount


@pytest.mark.parametrize(("text", "message"), BAD.items())
def test_what_nginx_refuses(text, message):
    with pytest.raises(ValueError) as told:
        parse_time(text)
    assert str(told.value) == message


@pytest.mark.parametrize(("text", "amount"), [("1M", 2_592_000_000), ("1y 2w", 32_745_600_000), ("30", 30_000)])
def test_whole_seconds_know_months_and_years(text, amount):
    assert parse_time(text, whole_seconds=True) == amount


@pytest.mark.parametrize(("text", "whole"), [("10ms", True), ("1M", False), ("1y", False)])
def test_the_other_directives_units_are_refused(text, whole):
    with pytest.raises(ValueError, match="invalid time"):
        parse_time(text, whole_seconds=whole)


@given(st.text("0123456789yMwdhms ", max_size=70))
def test_a_time_or_a_reason(text):
    try:
        assert parse_time(text) == sum(parse_time(part) for part in text.split())
    except ValueError as error:
        assert str(error).startswith("invalid time")
