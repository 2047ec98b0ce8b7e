"""Numbers read in a unit nobody can have meant, and the sensible ones beside them."""

from __future__ import annotations

import pytest

from tests.products.texts import facts
from tochain.check import check_files
from tochain.model.component import Component
from tochain.model.fact import Setting
from tochain.model.span import Pos, Span
from tochain.products.registry import Registry

AT = Span("a.yaml", Pos(1, 1), Pos(1, 5))


def issues(product: str, name: str, text: str) -> list[tuple[str, str]]:
    """Kind and text of what is wrong with one setting by itself."""
    bare = Component("c", "c", product, AT, settings={name: (Setting(name, text, AT),)})
    return [(i.kind, i.text) for i in Registry().complete(bare, lambda span, message: None).issues]


@pytest.mark.parametrize(
    ("product", "setting", "text", "said"),
    [
        ("nodejs-http", "server.keepAliveTimeout", "65", "milliseconds; 65 s would be 65000"),
        ("hikaricp", "maxLifetime", "1800", "milliseconds; 1800 s would be 1800000"),
        ("hikaricp", "maxLifetime", "28800", "milliseconds; 28800 s would be 28800000"),
        ("hikaricp", "connectionTimeout", "30", "milliseconds; 30 s would be 30000"),
        ("hikaricp", "idleTimeout", "600", "milliseconds; 600 s would be 600000"),
        ("openfeign", "read-timeout", "60", "milliseconds; 60 s would be 60000"),
        ("axios", "timeout", "30", "milliseconds; 30 s would be 30000"),
        ("mongodb", "socketTimeoutMS", "5", "milliseconds; 5 s would be 5000"),
        ("spring-boot", "spring.lifecycle.timeout-per-shutdown-phase", "20", "milliseconds; 20 s would be 20000"),
        ("mysql", "wait_timeout", "28800000", "seconds; 28800000 ms would be 28800"),
        ("gunicorn", "keepalive", "65000", "seconds; 65000 ms would be 65"),
        ("python-requests", "timeout", "30000", "seconds; 30000 ms would be 30"),
        ("curl", "--connect-timeout", "20000", "seconds; 20000 ms would be 20"),
    ],
)
def test_another_unit(product, setting, text, said):
    found = [issue for issue in issues(product, setting, text) if issue[0] != "keepalive-without-effect"]
    assert found == [("suspicious-unit", f"{setting} = {text} is {text} {said}")]


@pytest.mark.parametrize(
    ("product", "setting", "text"),
    [
        ("nodejs-http", "server.keepAliveTimeout", "65000"),
        ("nodejs-http", "server.keepAliveTimeout", "1000"),
        ("hikaricp", "maxLifetime", "30000"),
        ("hikaricp", "maxLifetime", "45000"),
        ("hikaricp", "idleTimeout", "10000"),
        ("hikaricp", "connectionTimeout", "250"),
        ("hikaricp", "connectionTimeout", "1000"),
        ("openfeign", "read-timeout", "2000"),
        ("openfeign", "read-timeout", "500"),
        ("openfeign", "connect-timeout", "100"),
        ("mongodb", "socketTimeoutMS", "50"),
        ("mongodb", "maxIdleTimeMS", "500"),
        ("kafka", "linger.ms", "5"),
        ("spring-boot", "spring.lifecycle.timeout-per-shutdown-phase", "20s"),
        ("mysql", "wait_timeout", "60"),
        ("mysql", "wait_timeout", "600000"),
        ("uvicorn", "timeout_keep_alive", "1000"),
        ("uvicorn", "timeout_keep_alive", "3600"),
        ("python-requests", "timeout", "3000"),
    ],
)
def test_sensible(product, setting, text):
    assert [kind for kind, _ in issues(product, setting, text) if kind == "suspicious-unit"] == []


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ("maxLifetime: 20000", "connect.max_age = 1800s (maxLifetime, written @ 3:58)"),
        ("keepaliveTime: 10000", "connect.ping_interval = off (keepaliveTime, written @ 3:58)"),
        ("connectionTimeout: 200", "connect.pool_wait = 30s (connectionTimeout, written @ 3:58)"),
        ("maxLifetime: 31000", "connect.max_age = 31s (maxLifetime, written @ 3:58)"),
        ("maxLifetime: 0", "connect.max_age = never (maxLifetime, written @ 3:58)"),
    ],
)
def test_what_hikari_takes_instead(settings, found):
    text, _, number = settings.partition(": ")
    at = Span("t.yaml", Pos(3, 58), Pos(3, 60))
    bare = Component("p", "p", "hikaricp", at, "pool", settings={text: (Setting(text, number, at),)})
    complete = Registry().complete(bare, lambda span, message: None)
    assert facts(complete.facts, found.split(" ")[0]) == [found]


def test_a_refused_value_is_out_of_range():
    (finding,) = check_files(
        {"tochain.yaml": "version: 1\ncomponents:\n  db: {product: hikaricp, settings: {maxLifetime: 20000}}\n"}
    ).findings
    assert (finding.rule, finding.message) == (
        "setting-out-of-range",
        "db: maxLifetime is below the smallest value the product accepts, 30s",
    )
