"""What start commands and variables set: flags over variables over files, prefixes of variables, where a program listens."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, settings, workload
from tochain.model.component import Component, Word, Workload
from tochain.model.fact import Setting
from tochain.model.span import Pos, Span
from tochain.products.registry import Registry
from tochain.products.started import with_started

FILE = Span("app.conf", Pos(2, 1), Pos(2, 9))
AT = Span("compose.yaml", Pos(3, 3), Pos(3, 9))


def variables(**values: str) -> dict[str, Word]:
    """Environment variables with one place for all."""
    return {name: Word(text, AT) for name, text in values.items()}


def started(app: Workload, *read: Component) -> Component:
    """The only component of a workload."""
    (found,) = with_started(list(read), [app], Registry())
    return found


@pytest.mark.parametrize(
    ("command", "env", "found", "listens"),
    [
        ("uvicorn a:b", {"UVICORN_TIMEOUT_KEEP_ALIVE": "9", "UVICORN_PORT": "9001"},
         ["timeout_keep_alive = 9 @ 3:3-9"], ["*:9001"]),
        ("uvicorn a:b --timeout-keep-alive 7", {"UVICORN_TIMEOUT_KEEP_ALIVE": "9", "PORT": "80"},
         ["timeout_keep_alive = 7 @ 1:1-2"], ["*:80"]),
        ("granian a:b --workers-kill-timeout 30", {"GRANIAN_HTTP1_HEADER_READ_TIMEOUT": "9000"},
         ["http1_header_read_timeout = 9000 @ 3:3-9", "workers_kill_timeout = 30 @ 1:1-2"], ["*:8000"]),
        ("uwsgi -w app", {"UWSGI_HTTP": ":8001", "UWSGI_SOCKET_TIMEOUT": "5"}, ["socket-timeout = 5 @ 3:3-9"], ["*:8001"]),
        ("waitress-serve --listen=*:8041 --channel-timeout=90 a:b", {}, ["channel_timeout = 90 @ 1:1-2"], ["*:8041"]),
        ("passenger start", {"PASSENGER_MAX_REQUEST_TIME": "30", "PASSENGER_PORT": "3001"},
         ["passenger_max_request_time = 30 @ 3:3-9"], ["*:3001"]),
        ("hypercorn a:b --keep-alive 30", {"KEEP_ALIVE": "5"}, ["keep_alive_timeout = 30 @ 1:1-2"], ["*:8000"]),
    ],
)  # fmt: skip
def test_flags_and_variables(command, env, found, listens):
    one = started(workload("app", "app", command, env=variables(**env)))
    assert (settings(one.settings), [str(address) for address in one.listens]) == (found, listens)


def test_flags_win_over_variables_over_files():
    read = Component(
        "gunicorn:a", "app", "gunicorn", FILE, workload="compose:compose.yaml#app",
        settings={name: (Setting(name, "5", FILE),) for name in ("keepalive", "timeout", "graceful_timeout")},
    )  # fmt: skip
    env = variables(GUNICORN_CMD_ARGS="--keep-alive 30 --timeout 20")
    one = started(workload("app", "app", "gunicorn -k gthread --keep-alive 65 app", env=env), read)
    complete = Registry().complete(one, lambda span, message: None)
    assert facts(complete.facts, "accept.idle_close", "lifecycle.drain") == [
        "accept.idle_close = 65s (keepalive, written @ 1:1)",
        "lifecycle.drain = 5s (graceful_timeout, written @ 2:1)",
    ]
    assert settings(complete.settings) == [
        "keepalive = 65 @ 1:1-2",
        "timeout = 20 @ 3:3-9",
        "graceful_timeout = 5 @ 2:1-9",
        "worker_class = gthread @ 1:1-2",
    ]
