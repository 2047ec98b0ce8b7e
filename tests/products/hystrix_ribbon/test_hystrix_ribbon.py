"""Ribbon's tries: the product of two counts, each with the first try in it."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, read


@pytest.mark.parametrize(
    ("text", "tries"),
    [
        ("", "2 (ribbon.MaxAutoRetriesNextServer, default"),
        ("ribbon.MaxAutoRetries=1\n", "4 (ribbon.MaxAutoRetries, written"),
        ("ribbon.MaxAutoRetries=1\nribbon.MaxAutoRetriesNextServer=2\n", "6 (ribbon.MaxAutoRetriesNextServer, written"),
        ("ribbon.MaxAutoRetriesNextServer=0\n", "1 (ribbon.MaxAutoRetriesNextServer, written"),
    ],
)
def test_tries(text, tries):
    found, _ = read("spring-boot", {"application.properties": f"ribbon.ReadTimeout=3000\n{text}"})
    client = next(c for c in found if c.product == "hystrix-ribbon")
    assert facts(client.facts, "connect.attempts")[0].startswith(f"connect.attempts = {tries}")
    assert [fact.value for fact in client.facts["connect.retry_condition"]] == ["GET"]
