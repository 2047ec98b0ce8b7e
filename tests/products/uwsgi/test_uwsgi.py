"""uWSGI: its sockets decide whether the HTTP router's limits count."""

from __future__ import annotations

from tests.products.texts import facts, read, settings, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span
from tochain.products.registry import Registry
from tochain.products.started import with_started


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


def test_other_forms_of_its_file():
    texts = {
        "uwsgi.yaml": "uwsgi:\n  http: :9090\n  harakiri: 30\n  env: [A=1, B=2]\n",
        "my-uwsgi.json": '{"uwsgi": {"socket": "127.0.0.1:3031", "harakiri": 20}}',
        "uwsgi.xml": "<uwsgi>\n  <http11-socket>:8000</http11-socket>\n  <harakiri>45</harakiri>\n</uwsgi>\n",
        "uwsgi-x.yml": "other: {http: 1}\n",
    }
    found, reports = read("uwsgi", texts)
    assert [([str(a) for a in c.listens], settings(c.settings)) for c in found] == [
        (["*:9090"], ["harakiri = 30 @ 3:3-15"]),
        (["127.0.0.1:3031"], ["harakiri = 20 @ 1:40-54"]),
        (["*:8000"], ["http11-socket = :8000 @ 2:4-23", "harakiri = 45 @ 3:4-15"]),
    ]
    assert sorted(reports) == ["my-uwsgi.json", "uwsgi.xml", "uwsgi.yaml"]


def test_its_environment():
    at = Span("compose.yaml", Pos(3, 3), Pos(3, 9))
    env = {"UWSGI_HTTP": Word(":8000", at), "UWSGI_HARAKIRI": Word("30", at)}
    app = workload("app", "python:3.12", "uwsgi -w app", env=env)
    (started,) = with_started(read("uwsgi", {}, app)[0], [app], Registry())
    assert (started.traits, [str(a) for a in started.listens], settings(started.settings)) == (
        frozenset({"router"}), ["*:8000"], ["harakiri = 30 @ 3:3-9"],
    )  # fmt: skip
