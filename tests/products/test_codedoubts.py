"""Pings that a program writes by itself: what its library does by default says nothing then."""

from __future__ import annotations

import pytest

from tests.products.test_code import read
from tests.products.texts import facts

GO_MOD = {"go.mod": "module example.com/hub\n"}
GORILLA = 'package hub\n\nimport "github.com/gorilla/websocket"\n\nvar up = websocket.Upgrader{}\n'
TICKER = 'package hub\n\nimport "github.com/gorilla/websocket"\n\nfunc beat(c *websocket.Conn) {\n\tc.WriteMessage(websocket.PingMessage, nil)\n}\n'
CODER = 'package hub\n\nimport "github.com/coder/websocket"\n\nfunc f() { c, _ := websocket.Accept(w, r, nil) }\n'
WS = 'import { WebSocketServer } from "ws";\nconst wss = new WebSocketServer({ port: 9000 });\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"hub.go": GORILLA}, "off (WriteControl(PingMessage), default @ 5:10)"),
        ({"hub.go": GORILLA, "beat.go": TICKER}, "unknown (WriteControl(PingMessage), written @ 6:27)"),
        ({"hub.go": GORILLA, "deep/beat.go": TICKER}, "unknown (WriteControl(PingMessage), written @ 6:27)"),
        ({"hub.go": GORILLA, "other/go.mod": "module b\n", "other/beat.go": TICKER}, "off (WriteControl(PingMessage), default @ 5:10)"),
        ({"hub.go": GORILLA, "beat.js": "PingMessage"}, "off (WriteControl(PingMessage), default @ 5:10)"),
        ({"hub.go": CODER}, "off (Conn.Ping, default @ 5:20)"),
        ({"hub.go": CODER, "a.go": "package hub\nfunc g() { db.Ping(ctx) }\n"}, "off (Conn.Ping, default @ 5:20)"),
        ({"hub.go": CODER, "a.go": CODER + "\nfunc g() { c.Ping(ctx) }\n"}, "unknown (Conn.Ping, written @ 7:13)"),
        ({"hub.ts": WS}, "off (ping(), default @ 2:13)"),
        ({"hub.ts": WS + "setInterval(() => wss.clients.forEach((c) => c.ping()), 25_000);\n"}, "25s (ping(), written @ 3:57)"),
    ],
)  # fmt: skip
def test_what_a_program_pings_by_itself_is_known_by_its_timer_alone(files: dict[str, str], expected: str) -> None:
    component = next(c for c in read({**GO_MOD, **files}) if c.product == "websocket")
    assert facts(component.facts, "accept.ping_interval") == [f"accept.ping_interval = {expected}"]


CLIENT = 'package app\n\nimport "net/http"\n\nvar c = &http.Client{%s}\n'
BOUND = 'package app\n\nimport (\n\t"context"\n\t"net/http"\n)\n\nfunc ask(ctx context.Context) {\n\tctx, _ = context.WithTimeout(ctx, limit)\n}\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"c.go": CLIENT % ""}, "never (Client.Timeout, default @ 5:10)"),
        ({"c.go": CLIENT % "", "ask.go": BOUND}, "unknown (Client.Timeout, written @ 9:11)"),
        ({"c.go": CLIENT % "Timeout: 5e9", "ask.go": BOUND}, "5s (Client.Timeout, written @ 5:22)"),
    ],
)
def test_a_deadline_in_the_context_of_requests_may_be_their_limit(files: dict[str, str], expected: str) -> None:
    component = next(c for c in read({**GO_MOD, **files}) if c.product == "go-net-http")
    assert facts(component.facts, "connect.request_total") == [f"connect.request_total = {expected}"]
