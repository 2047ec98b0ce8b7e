from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.make import fact
from tochain.engine.evaluate import Env, chosen, number, truth
from tochain.engine.expr import ExprError, parse
from tochain.engine.logic import INF, exactly
from tochain.engine.nodes import Binary, Compare, Constant, Join, Not, Param, Ref, Text, refs
from tochain.model.limit import NEVER, OFF, UNKNOWN, Finite, OneOf, Word

KEEP = Ref("client", "connect.idle_keep")
CLOSE = Ref("server", "accept.idle_close")
SIZE = Ref("client", "connect.idle_pool_size")
RETRY = Ref("client", "connect.stale_retry")
PROBE = Ref("client", "connect.tcp_keepalive_time")
PARAMS = {"margin": "time", "limit": "count"}


def env(**found: object) -> Env:
    names = {"keep": KEEP, "close": CLOSE, "size": SIZE, "retry": RETRY, "probe": PROBE}
    known = dict.fromkeys(names.values())
    for name, value in found.items():
        known[names[name]] = fact(names[name].timer, value)  # type: ignore[arg-type]
    return Env(known, {"margin": exactly(1_000_000), "limit": exactly(10)})


def test_the_tree() -> None:
    text = 'client.connect.idle_keep + 1s <= 1h30m and not (client.connect.stale_retry == "all")'
    assert parse(text, "hop", PARAMS) == Join(
        "and",
        (
            Compare("<=", Binary("+", KEEP, Constant(1_000_000, "time"), "time"), Constant(5_400_000_000, "time")),
            Not(Compare("==", RETRY, Text("all"))),
        ),
    )


def test_chained_comparisons_are_joined() -> None:
    assert parse("0s < client.connect.idle_keep <= margin", "hop", PARAMS) == Join(
        "and",
        (Compare("<", Constant(0, "time"), KEEP), Compare("<=", KEEP, Param("margin", "time"))),
    )


def test_refs_in_order_and_once() -> None:
    node = parse("min(server.accept.idle_close, client.connect.idle_keep) < client.connect.idle_keep", "hop", {})
    assert refs(node) == (CLOSE, KEEP)


@pytest.mark.parametrize(
    ("text", "message", "at", "size"),
    [
        ("client.connect.idle_kep > 1s", "no timer 'connect.idle_kep'; nearest: client.connect.idle_keep", 0, 23),
        (
            "clint.connect.idle_keep > 1s",
            "no name 'clint.connect.idle_keep' in the scope hop; did you mean 'client'?",
            0,
            23,
        ),
        ("box.flow.idle_tcp > 1s", "no name 'box.flow.idle_tcp' in the scope hop; allowed: client, server", 0, 17),
        ("client.connect.idle_keep > 1", "a time cannot be compared with a count", 27, 1),
        (
            "client.connect.idle_keep + 1 > 1s",
            "a time + a count is nothing; write a duration with its unit (1s)",
            0,
            28,
        ),
        ("client.connect.idle_keep * 2s > 1s", "a time * a time is nothing", 0, 29),
        ("client.connect.idle_keep", "expected a truth, this is a time", 0, 24),
        ("1s and 2s > 1s", "and, or, not join truths, this is a time", 0, 2),
        ('client.connect.stale_retry < "all"', "words are equal or not, neither is larger", 29, 5),
        ("sum(1s) > 1s", "no function 'sum'; allowed: min, max", 0, 7),
        ("known(1s)", "known takes one timer", 0, 9),
        ("earliest(1s, client.connect.idle_keep) > 1s", "earliest takes timers", 0, 38),
        ("min(1s, 1) > 1s", "min compares times or counts, this is a count", 8, 1),
        ("min() > 1s", "min takes at least one value", 0, 5),
        ("1.5 > 1", "only whole numbers, durations and quoted words", 0, 3),
        ("True", "only whole numbers, durations and quoted words", 0, 4),
        ("1s if 1s > 2s else 2s", "not allowed here; allowed: timers, durations", 0, 21),
        ("[1s for x in y]", "not allowed here", 0, 15),
        ("1s in 2s", "only < <= > >= == != compare", 0, 8),
        ("__import__('os').system('x')", "no function 'of this form'", 0, 28),
        ("(lambda: 1)() > 1", "no function 'of this form'", 0, 13),
    ],
)
def test_errors(text: str, message: str, at: int, size: int) -> None:
    with pytest.raises(ExprError) as caught:
        parse(text, "hop", PARAMS)
    assert str(caught.value).startswith(message)
    assert (caught.value.at, caught.value.size) == (at, size)


def test_broken_syntax() -> None:
    with pytest.raises(ExprError, match="not an expression: "):
        parse("client.connect.idle_keep >", "hop", PARAMS)  # type: ignore[arg-type]


def test_bounds() -> None:
    with pytest.raises(ExprError, match="longer than 4000"):
        parse("1s<" * 2000, "hop", {})
    with pytest.raises(ExprError):
        parse("not " * 950 + "has(client.connect.idle_keep)", "hop", {})


@given(st.text(alphabet="clientservr.acp_idkyo ()<>=+-*\"'019sm,never\n", max_size=60))
def test_nothing_but_an_error_comes_out_of_nonsense(text: str) -> None:
    try:
        parse(text, "hop", PARAMS)  # type: ignore[arg-type]
    except ExprError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("client.connect.idle_keep + margin <= server.accept.idle_close", {"keep": "300s", "close": "10s"}, False),
        ("client.connect.idle_keep + margin <= server.accept.idle_close", {"keep": "9s", "close": "10s"}, True),
        ("client.connect.idle_keep + margin <= server.accept.idle_close", {"keep": "9s"}, None),
        ("client.connect.idle_keep + margin <= server.accept.idle_close", {"close": NEVER}, True),
        ("client.connect.idle_keep + margin <= server.accept.idle_close", {"keep": OFF, "close": "5s"}, True),
        ("client.connect.idle_keep <= server.accept.idle_close", {"keep": "1s", "close": OFF}, False),
        ("client.connect.tcp_keepalive_time < 900s", {"probe": OFF}, False),
        ("client.connect.tcp_keepalive_time < 900s", {"probe": Word("kernel")}, None),
        ("client.connect.idle_pool_size > 0", {"size": Finite(3)}, True),
        ("client.connect.idle_pool_size * 2 > limit", {"size": Finite(6)}, True),
        ("has(client.connect.idle_keep)", {}, False),
        ("has(client.connect.idle_keep)", {"keep": UNKNOWN}, True),
        ("known(client.connect.idle_keep)", {}, False),
        ("known(client.connect.idle_keep)", {"keep": UNKNOWN}, False),
        ("known(client.connect.idle_keep)", {"keep": OneOf((OFF, Finite(1)))}, True),
        ("off(client.connect.idle_keep)", {}, None),
        ("off(client.connect.idle_keep)", {"keep": OFF}, True),
        ("off(client.connect.idle_keep)", {"keep": OneOf((OFF, Finite(1)))}, None),
        ("off(client.connect.idle_keep)", {"keep": OneOf((Finite(2), Finite(1)))}, False),
        ("finite(client.connect.idle_keep)", {"keep": NEVER}, False),
        ("finite(client.connect.idle_keep)", {"keep": "1s"}, True),
        ("written(client.connect.idle_keep)", {"keep": "1s"}, True),
        ("written(client.connect.idle_keep)", {}, False),
        ('client.connect.stale_retry == "all"', {"retry": Word("all")}, True),
        ('client.connect.stale_retry != "all"', {"retry": Word("none")}, True),
        ('client.connect.stale_retry == "all"', {}, None),
        ('client.connect.stale_retry == "off"', {"retry": OFF}, True),
        (
            "client.connect.idle_keep == server.accept.idle_close",
            {"keep": "60s", "close": OneOf((Finite(60), Finite(75)))},
            False,
        ),
        ("client.connect.idle_keep >= never", {"keep": NEVER}, True),
        ("earliest(client.connect.idle_keep, server.accept.idle_close) < 60s", {"close": "30s"}, True),
        ("earliest(client.connect.idle_keep, server.accept.idle_close) < never", {}, False),
        ("earliest(client.connect.idle_keep, server.accept.idle_close) < 60s", {"keep": UNKNOWN, "close": "90s"}, None),
        ("min(client.connect.idle_keep, server.accept.idle_close) < 60s", {"close": "90s"}, None),
        ("max(client.connect.idle_keep, server.accept.idle_close) > 60s", {"close": "90s"}, True),
        ("not (client.connect.idle_keep > 1s) or 1s > 2s", {"keep": "1s"}, True),
        ("client.connect.idle_keep != 1s", {"keep": "1s"}, False),
        ("client.connect.idle_keep < 1s or client.connect.idle_keep >= 5s - 1s", {"keep": "4s"}, True),
    ],
)
def test_truth(text: str, known: dict[str, object], expected: bool | None) -> None:
    assert truth(parse(text, "hop", PARAMS), env(**known)) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("client.connect.idle_keep", {"keep": "1s"}, KEEP),
        ("earliest(client.connect.idle_keep, server.accept.idle_close)", {"close": "1s"}, CLOSE),
        ("earliest(client.connect.idle_keep, server.accept.idle_close)", {}, KEEP),
        ("min(client.connect.idle_keep, server.accept.idle_close)", {"keep": "2s", "close": "1s"}, CLOSE),
        ("max(client.connect.idle_keep, server.accept.idle_close)", {"keep": "2s", "close": "1s"}, KEEP),
        ("client.connect.idle_keep + 1s", {"keep": "2s"}, None),
    ],
)
def test_the_timer_that_decides(text: str, known: dict[str, object], expected: Ref | None) -> None:
    assert chosen(parse(text, "hop", {}, ("time",)), env(**known)) == expected


def test_never_is_larger_than_everything() -> None:
    assert number(parse("never", "hop", {}, ("time",)), env()) == exactly(INF)
