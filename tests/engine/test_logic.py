from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.engine.logic import ANYTHING, INF, NEVER_FIRES, Number, Texts, all_of, any_of, exactly, number_of, texts_of
from tochain.model.limit import NEVER, OFF, UNKNOWN, UNSET, Finite, OneOf, Word

amounts = st.integers(0, 10**9) | st.just(INF)
numbers = st.lists(amounts, min_size=1, max_size=4).map(lambda values: exactly(*values)) | st.tuples(
    amounts, amounts
).map(lambda pair: Number(min(pair), max(pair)))
truths = st.sampled_from([True, False, None])


def members(number: Number) -> set[int]:
    return set(number.points) if number.points is not None else {number.lo, number.hi}


@pytest.mark.parametrize(
    ("limit", "off", "expected"),
    [
        (Finite(5), "never", exactly(5)),
        (NEVER, "zero", NEVER_FIRES),
        (OFF, "never", NEVER_FIRES),
        (OFF, "zero", exactly(0)),
        (UNKNOWN, "zero", ANYTHING),
        (UNSET, "never", ANYTHING),
        (None, "never", ANYTHING),
        (Word("kernel"), "never", ANYTHING),
        (OneOf((Finite(60), Finite(75))), "zero", exactly(60, 75)),
        (OneOf((OFF, Finite(60))), "zero", exactly(0, 60)),
        (OneOf((Word("x"), Finite(60))), "zero", ANYTHING),
    ],
)
def test_limits_as_numbers(limit, off, expected) -> None:
    assert number_of(limit, off) == expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (Word("all"), {"all"}),
        (OFF, {"off"}),
        (NEVER, {"never"}),
        (Finite(3), {"3"}),
        (OneOf((OFF, Word("on"))), {"off", "on"}),
        (UNKNOWN, None),
        (None, None),
    ],
)
def test_limits_as_words(limit, expected) -> None:
    assert texts_of(limit).choices == expected


@pytest.mark.parametrize(
    ("left", "right", "at_most", "less", "equals"),
    [
        (exactly(1), exactly(2), True, True, False),
        (exactly(2), exactly(2), True, False, True),
        (exactly(3), exactly(2), False, False, False),
        (ANYTHING, NEVER_FIRES, True, None, None),
        (NEVER_FIRES, NEVER_FIRES, True, False, True),
        (NEVER_FIRES, ANYTHING, None, False, None),
        (NEVER_FIRES, exactly(5), False, False, False),
        (exactly(5), ANYTHING, None, None, None),
        (exactly(60, 75), exactly(75), True, None, None),
        (exactly(60, 75), exactly(70), None, None, False),
        (exactly(60, 75), exactly(60, 75), None, None, None),
        (Number(0, 100), exactly(350), True, True, False),
    ],
)
def test_comparisons(left, right, at_most, less, equals) -> None:
    assert (left.at_most(right), left.less(right), left.equals(right)) == (at_most, less, equals)


def test_least_of_unknown_decides_when_the_known_one_is_small_enough() -> None:
    limit = exactly(350)
    assert ANYTHING.least(exactly(900)).at_most(limit) is None
    assert ANYTHING.least(exactly(100)).at_most(limit) is True


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (exactly(2).plus(exactly(3)), exactly(5)),
        (NEVER_FIRES.plus(exactly(3)), NEVER_FIRES),
        (exactly(5).minus(exactly(3)), exactly(2)),
        (exactly(3).minus(exactly(5)), exactly(-2)),
        (NEVER_FIRES.minus(exactly(5)), NEVER_FIRES),
        (NEVER_FIRES.minus(NEVER_FIRES), Number(-INF, INF)),
        (exactly(5).minus(ANYTHING), Number(-INF, 5)),
        (exactly(3).times(exactly(4)), exactly(12)),
        (exactly(0).times(NEVER_FIRES), exactly(0)),
        (exactly(2).times(NEVER_FIRES), NEVER_FIRES),
        (exactly(60, 75).plus(exactly(1)), exactly(61, 76)),
        (ANYTHING.plus(exactly(1)), Number(1, INF)),
        (exactly(1, 9).greatest(exactly(5)), exactly(5, 9)),
    ],
)
def test_arithmetic(found, expected) -> None:
    assert found == expected


@given(numbers, numbers)
def test_a_verdict_holds_for_every_possible_value(a: Number, b: Number) -> None:
    for verdict, holds in ((a.at_most(b), int.__le__), (a.less(b), int.__lt__), (a.equals(b), int.__eq__)):
        if verdict is not None:
            assert all(holds(x, y) is verdict for x in members(a) for y in members(b))


@given(numbers, numbers)
def test_arithmetic_holds_every_possible_result(a: Number, b: Number) -> None:
    for result, op in ((a.plus(b), int.__add__), (a.least(b), min), (a.greatest(b), max), (a.times(b), int.__mul__)):
        for x in members(a):
            for y in members(b):
                assert result.lo <= min(op(x, y), INF) <= result.hi


@given(numbers, numbers)
def test_sum_and_extremes_commute(a: Number, b: Number) -> None:
    assert a.plus(b) == b.plus(a)
    assert a.least(b) == b.least(a)
    assert a.greatest(b) == b.greatest(a)


@given(st.lists(truths, max_size=5))
def test_de_morgan(values: list[bool | None]) -> None:
    contrary = [None if value is None else not value for value in values]
    both = all_of(values)
    assert any_of(contrary) == (None if both is None else not both)


def test_words() -> None:
    on, off, unknown = Texts(frozenset({"on"})), Texts(frozenset({"off"})), Texts()
    assert (on.equals(on), on.equals(off), on.equals(unknown)) == (True, False, None)
    assert Texts(frozenset({"on", "off"})).equals(on) is None


def test_many_choices_become_a_range() -> None:
    many = exactly(*range(20))
    assert many.plus(many) == Number(0, 38)
