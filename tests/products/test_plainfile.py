"""Files of products without a reader, handed over by tochain.yaml: only what their facts know by name is read."""

from __future__ import annotations

import pytest

from tests.products.texts import settings
from tochain.check import check_files, sample

CHAIN = "version: 1\ncomponents:\n  app: {{product: {product}, config: {path}}}\n"


@pytest.mark.parametrize(
    ("product", "path", "text", "expected"),
    [
        (
            "pekko-http",
            "application.conf",
            "pekko {\n  loglevel = INFO\n  http.server {\n    idle-timeout = 90s\n  }\n}\n",
            ["pekko.http.server.idle-timeout = 90s @ 4:5-23"],
        ),
        (
            "pekko-http",
            "a.properties",
            "pekko.http.server.idle-timeout=75s\nother=1\n",
            ["pekko.http.server.idle-timeout = 75s @ 1:1-35"],
        ),
        (
            "pekko-http",
            "a.yaml",
            "pekko: {http: {server: {idle-timeout: 30s}}}\n",
            ["pekko.http.server.idle-timeout = 30s @ 1:39-42"],
        ),
        ("c3p0", "pool.properties", "maxIdleTime=40\n", ["maxIdleTime = 40 @ 1:1-15"]),
        ("pekko-http", "a.yaml", "something: else\n", []),
        ("pekko-http", "Main.scala", "object Main\n", []),
        ("pekko-http", "a.yaml", "a: [\n", []),
    ],
    ids=["hocon", "properties", "yaml", "aliases", "nothing", "no plain file", "broken"],
)
def test_what_is_known_by_name(product: str, path: str, text: str, expected: list[str]) -> None:
    found = sample({path: text, "tochain.yaml": CHAIN.format(product=product, path=path)}).graph.components
    (app,) = [c for c in found if c.name == "app"]
    assert settings(app.settings) == expected


def test_the_timers_are_the_files_own() -> None:
    """A time in the file counts in a chain as one of a product with a reader would."""
    chain = (
        "version: 1\ncomponents:\n"
        "  lb: {product: gcp-lb}\n  app: {product: pekko-http, config: application.conf}\npaths: [lb -> app]\n"
    )
    for text, count in (("pekko.http.server.idle-timeout = 620s\n", 0), ("pekko.http.server.idle-timeout = 90s\n", 1)):
        findings = check_files({"application.conf": text, "tochain.yaml": chain}).findings
        assert len([f for f in findings if f.rule == "idle-reuse-race"]) == count
