"""Passengerfile.json of Passenger Standalone."""

from __future__ import annotations

from tests.products.texts import facts, read


def test_file():
    (found,), _ = read(
        "passenger", {"Passengerfile.json": '{"port": 3100, "max_request_time": 60, "pool_idle_time": 0}'}
    )
    assert [str(a) for a in found.listens] == ["*:3100"]
    assert facts(found.facts, "accept.request_total", "lifecycle.process_idle") == [
        "accept.request_total = 60s (passenger_max_request_time, written @ 1:16)",
        "lifecycle.process_idle = never (passenger_pool_idle_time, written @ 1:40)",
    ]


def test_socket_and_nothing():
    (found,), _ = read("passenger", {"Passengerfile.json": '{"socket_file": "/run/app.sock"}'})
    assert [str(a) for a in found.listens] == ["unix:/run/app.sock"]
    assert read("passenger", {"Passengerfile.json": "[1]"})[0] == []
