"""uWSGI: its sockets decide whether the HTTP router's limits count."""

from __future__ import annotations

from tests.products.texts import facts, read, settings, workload


def test_router():
    text = "[uwsgi]\nhttp = :8080\nhttp-timeout = 30\nhttp_keepalive = 15\nharakiri = 25 ; longest\n"
    (found,), _ = read("uwsgi", {"uwsgi.ini": text})
    assert ([str(a) for a in found.listens], found.traits) == (["*:8080"], frozenset({"router"}))
    assert settings(found.settings) == [
        "http-timeout = 30 @ 3:1-18",
        "http-keepalive = 15 @ 4:1-20",
        "harakiri = 25 @ 5:1-14",
    ]
    assert facts(
        found.facts, "accept.idle_close", "accept.request_total", "connect.read_stall", "accept.header_read"
    ) == [
        "accept.idle_close = 15s (http-keepalive, written @ 4:1)",
        "accept.request_total = 25s (harakiri, written @ 5:1)",
        "connect.read_stall = 30s (http-timeout, written @ 3:1)",
        "accept.header_read = 30s (http-headers-timeout, inherited @ 3:1)",
    ]


def test_sockets_alone():
    text = "[uwsgi]\nhttp-socket = [::]:8000\nsocket = /run/app.sock\nhttp-timeout = 30\nsocket-timeout = {{ t }}\n"
    (found,), _ = read("uwsgi", {"uwsgi.ini": text})
    assert [str(a) for a in found.listens] == ["*:8000", "unix:/run/app.sock"]
    assert "connect.read_stall" not in found.facts and "accept.header_read" not in found.facts
    assert facts(found.facts, "accept.idle_close", "accept.body_read") == [
        "accept.idle_close = off (http-keepalive, default @ 1:1)",
        "accept.body_read = unknown (socket-timeout, written @ 5:1)",
    ]


def test_the_router_calls_its_workers():
    (found,), _ = read("uwsgi", {"uwsgi.ini": "[uwsgi]\nhttp = :8080\n"})
    assert [(link.target.ref, link.protocol) for link in found.links] == [(found.key, "uwsgi")]
    (started,), _ = read("uwsgi", {}, workload("app", "python:3.12", "uwsgi --http :8000 --harakiri 90 -w app"))
    assert (started.name, started.traits, [link.target.ref for link in started.links]) == (
        "app", frozenset({"router"}), [started.key],
    )  # fmt: skip
    assert read("uwsgi", {}, workload("app", "python:3.12", "uwsgi --http-socket :8000 -w app"))[0] == []
