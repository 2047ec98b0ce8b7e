"""Pools read from Tomcat's data sources and from c3p0's own files, and what their switches make of the limits."""

from __future__ import annotations

import pytest

from tochain.check import Sample, sample
from tochain.model.component import Component


def pool(found: Sample, product: str) -> Component:
    (component,) = (c for c in found.graph.components if c.product == product)
    return component


def timers(component: Component, *names: str) -> list[str]:
    return [f"{n} {fact.value} {fact.setting} {fact.origin}" for n in names for fact in component.facts.get(n, ())]


RESOURCE = '<Context>\n  <Resource name="jdbc/shop" type="javax.sql.DataSource" %s\n url="jdbc:mysql://db:3306/shop"/>\n</Context>\n'


@pytest.mark.parametrize(
    ("attributes", "product", "expected"),
    [
        (
            "",
            "dbcp2",
            [
                "connect.idle_keep never minEvictableIdleTimeMillis default",
                "connect.validate_after_idle 0s testOnBorrow default",
            ],
        ),
        (
            'minEvictableIdleTimeMillis="60000" testOnBorrow="false"',
            "dbcp2",
            [
                "connect.idle_keep never minEvictableIdleTimeMillis written",
                "connect.validate_after_idle off testOnBorrow written",
            ],
        ),
        (
            'minEvictableIdleTimeMillis="60000" timeBetweenEvictionRunsMillis="5000"',
            "dbcp2",
            [
                "connect.idle_keep 60s minEvictableIdleTimeMillis written",
                "connect.validate_after_idle 0s testOnBorrow default",
            ],
        ),
        (
            'factory="org.apache.tomcat.jdbc.pool.DataSourceFactory" minEvictableIdleTimeMillis="1800000"',
            "tomcat-jdbc",
            [
                "connect.idle_keep never minEvictableIdleTimeMillis written",
                "connect.validate_after_idle never testOnBorrow default",
            ],
        ),
        (
            'factory="org.apache.tomcat.jdbc.pool.DataSourceFactory" minIdle="0" minEvictableIdleTimeMillis="1800000"',
            "tomcat-jdbc",
            [
                "connect.idle_keep 1800s minEvictableIdleTimeMillis written",
                "connect.validate_after_idle never testOnBorrow default",
            ],
        ),
    ],
)
def test_data_sources_of_tomcat(attributes: str, product: str, expected: list[str]) -> None:
    found = sample({"context.xml": RESOURCE % attributes})
    component = pool(found, product)
    assert (component.name, component.kind, str(component.span)) == ("shop", "pool", "context.xml:2:3")
    assert timers(component, "connect.idle_keep", "connect.validate_after_idle") == expected
    assert [str(link.target) for link in component.links] == ["db:3306"]


def test_a_pool_of_another_maker_is_left_alone() -> None:
    found = sample({"context.xml": RESOURCE % 'factory="org.example.PoolFactory"'})
    assert [c.product for c in found.graph.components if c.kind == "pool"] == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "c3p0.properties",
            "c3p0.maxIdleTime=1800\nc3p0.minPoolSize=5\n",
            ["c3p0 connect.idle_keep 1800s maxIdleTime written"],
        ),
        ("c3p0.properties", "c3p0.minPoolSize=5\n", ["c3p0 connect.idle_keep never maxIdleTime default"]),
        (
            "c3p0-config.xml",
            '<c3p0-config><default-config><property name="maxIdleTime">30</property></default-config>\n'
            '<named-config name="reports"><property name="maxIdleTime" value="90"/></named-config></c3p0-config>\n',
            ["c3p0 connect.idle_keep 30s maxIdleTime written", "reports connect.idle_keep 90s maxIdleTime written"],
        ),
    ],
)
def test_c3p0(path: str, text: str, expected: list[str]) -> None:
    found = sample({path: text})
    assert [f"{c.name} {line}" for c in found.graph.components for line in timers(c, "connect.idle_keep")] == expected


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ("", "60s"),
        ("      test-while-idle: false\n", "off"),
        ("      test-while-idle: false\n      test-on-borrow: true\n", "0s"),
        ("      time-between-eviction-runs-millis: 30000\n", "30s"),
    ],
)
def test_when_druid_looks_at_a_connection(lines: str, value: str) -> None:
    text = f"spring:\n  datasource:\n    druid:\n      url: jdbc:mysql://db:3306/app\n{lines}"
    component = pool(sample({"application.yml": text}), "druid")
    assert [fact.value for fact in component.facts["connect.validate_after_idle"]] == [value]


R2DBC = """\
spring:
  r2dbc:
    url: %s
    pool: {%s}
"""


@pytest.mark.parametrize(
    ("url", "options", "target", "expected"),
    [
        (
            "r2dbc:mysql://db:3306/shop",
            "max-idle-time: 10m",
            "db:3306",
            ["connect.idle_keep 600s maxIdleTime written", "connect.validate_after_idle never validationQuery default"],
        ),
        (
            "r2dbc:pool:postgresql://db/shop",
            "maxLifeTime: 5m, validation-query: SELECT 1",
            "db:5432",
            [
                "connect.idle_keep 1800s maxIdleTime default",
                "connect.max_age 300s maxLifeTime written",
                "connect.validate_after_idle 0s validationQuery written",
            ],
        ),
    ],
)
def test_the_reactive_pool_of_spring(url: str, options: str, target: str, expected: list[str]) -> None:
    """By its URL with or without the word pool; a query tests each connection before use."""
    component = pool(sample({"application.yml": R2DBC % (url, options)}), "r2dbc-pool")
    assert [str(link.target) for link in component.links] == [target]
    found = timers(component, "connect.idle_keep", "connect.max_age", "connect.validate_after_idle")
    assert [line for line in found if "max_age never" not in line] == expected


def test_a_reactive_pool_that_is_switched_off_is_none() -> None:
    found = sample({"application.yml": R2DBC % ("r2dbc:mysql://db/shop", "enabled: false")})
    assert [c.product for c in found.graph.components if c.kind == "pool"] == []
