"""Variants as tochain.yaml may spell them; settings are in test_bind."""

from __future__ import annotations

import pytest

from tochain.check import sample
from tochain.products.facts import load
from tochain.products.spelling import setting_meant

TEXT = "version: 1\ncomponents:\n  a: {product: %s, variant: '%s'}\n"


@pytest.mark.parametrize(
    ("product", "spelled", "variant", "problems"),
    [
        ("websocket", "socket-io", "socket-io", ()),
        ("websocket", "Socket.IO", "socket-io", ()),
        ("websocket", "gorilla/websocket", "gorilla", ()),
        ("websocket", "ws (node)", "ws", ()),
        (
            "grpc",
            "java",
            None,
            ("tochain.yaml:3:3: component a: grpc has no variant 'java'; it has: dotnet, go",),
        ),
        ("caddy", "v2", None, ("tochain.yaml:3:3: component a: caddy has no variant 'v2'; it has none",)),
    ],
)
def test_a_variant_is_known_by_its_words(
    product: str, spelled: str, variant: str | None, problems: tuple[str, ...]
) -> None:
    found = sample({"tochain.yaml": TEXT % (product, spelled)})
    (component,) = (c for c in found.graph.components if c.name == "a")
    assert (component.variant, found.problems) == (variant, problems)


def test_the_version_of_a_pool_is_not_that_of_its_framework() -> None:
    found = sample(
        {
            "tochain.yaml": "version: 1\ncomponents:\n  db: {product: hikaricp, version: '4.0.3', config: application.properties}\n",
            "application.properties": "spring.datasource.url=jdbc:mysql://db:3306/app\n",
        }
    )
    assert sorted((c.product, str(c.versions)) for c in found.graph.components if c.kind in ("server", "pool")) == [
        ("hikaricp", "4.0.3"),
        ("spring-boot", "any version"),
    ]


@pytest.mark.parametrize(
    ("product", "spelled", "meant"),
    [
        ("apache-httpd", "timeout=", "timeout"),
        ("apache-httpd", "ttl=", "ttl"),
        ("resilience4j", "resilience4j.retry.instances.orders.max-attempts", "retry.max-attempts"),
        ("prometheus", "remote_write[].remote_timeout", "remote_write.remote_timeout"),
        ("prometheus", "scrape_configs[].scrape_timeout", "scrape_timeout"),
        (
            "istio",
            "DestinationRule.spec.trafficPolicy.connectionPool.http.idleTimeout",
            "connectionPool.http.idleTimeout",
        ),
        ("kubernetes", "spec.containers[].lifecycle.preStop", "lifecycle.preStop"),
        ("nginx", "proxy.reads", "proxy.reads"),  # no path of one that is known
    ],
)
def test_a_setting_is_known_by_the_steps_of_its_path(product: str, spelled: str, meant: str) -> None:
    known = load(product)
    assert known is not None
    assert setting_meant(known, spelled) == meant
