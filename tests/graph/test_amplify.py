"""Tries that multiply along a path, and those that never reach a server."""

from __future__ import annotations

import pytest

from tochain.check import sample
from tochain.model.limit import Finite


def chain(first: str, second: str, protocol: str = "http") -> tuple[int | None, int | None]:
    """`connect.attempts_below` of the first hop and `connect.worst` of the second, in whole numbers and seconds."""
    text = f"""
version: 1
components:
  a: {{product: black-box, timers: {{{first}}}}}
  b: {{product: black-box, timers: {{{second}}}}}
  c: {{product: black-box, timers: {{accept.request_total: 1s}}}}
paths: [{{path: a -> b -> c, protocol: {protocol}}}]
"""
    one, two = sample({"tochain.yaml": text}).graph.hops
    below = one.client_facts.get("connect.attempts_below")
    worst = two.client_facts.get("connect.worst")
    count = below[0].limit.amount if below and isinstance(below[0].limit, Finite) else None
    total = worst[0].limit.amount // 1_000_000 if worst and isinstance(worst[0].limit, Finite) else None
    return count, total


@pytest.mark.parametrize(
    ("first", "second", "protocol", "expected"),
    [
        ("connect.attempts: 3", "connect.attempts: 4, connect.response_header: 10s", "http", (12, 40)),
        ("connect.attempts: 3", "connect.attempts: 1, connect.response_header: 10s", "http", (None, 10)),
        ("connect.attempts: 3", "connect.attempts: 4, connect.response_header: 10s", "tcp", (None, 40)),
        (
            "connect.attempts: 3",
            "connect.attempts: 4, connect.retry_condition: conn-failure,"
            " connect.connect: 2s, connect.response_header: 10s",
            "http",
            (None, 18),
        ),
        *(
            (
                "connect.attempts: 3",
                f"connect.attempts: 4, connect.retry_condition: {word}, connect.connect: 2s, connect.response_header: 10s",
                protocol,
                expected,
            )
            for word, protocol, expected in (
                ("reset-before-request", "http", (None, 18)),
                ("unavailable", "http", (None, 18)),
                ("unavailable", "grpc", (12, 48)),
                ("5xx", "http", (12, 48)),
            )
        ),
        (
            "connect.attempts: 3",
            "connect.attempts: 4, connect.retry_condition: off, connect.response_header: 10s",
            "http",
            (None, 10),
        ),
    ],
)
def test_tries(first: str, second: str, protocol: str, expected: tuple[int | None, int | None]) -> None:
    """Only tries that reach a server count, and each further try that only connects takes no longer than connecting."""
    assert chain(first, second, protocol) == expected
