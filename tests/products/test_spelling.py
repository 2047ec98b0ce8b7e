"""Variants as tochain.yaml may spell them; settings are in test_bind."""

from __future__ import annotations

import pytest

from tochain.check import sample

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
            ("tochain.yaml:3:3: component a: grpc has no variant 'java'; it has: go",),
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
    assert [(c.product, str(c.versions)) for c in found.graph.components if c.name == "db"] == [
        ("spring-boot", "any version")
    ]
