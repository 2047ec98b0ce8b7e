"""kdb+: start lines, q scripts, handles."""

from __future__ import annotations

from tests.products.texts import facts, links, read

START = "#!/bin/sh\nnohup q tick.q sym . -p 5010 -T 30 >/dev/null 2>&1 &\nq gw.q -p 0W\n"
SCRIPT = '\\t 1000\nh: hopen (`:rdb:5011:me:hunter2; 2000)\ng: hopen `::5012\nsystem "p 5020"\n.h.ka:60000\n'


def test_start_lines():
    tick, gateway = read("kdb", {"bin/start.sh": START})[0]
    assert [(c.name, [str(a) for a in c.listens], c.span.start.line) for c in (tick, gateway)] == [
        ("tick", ["*:5010"], 2), ("gw", [], 3),
    ]  # fmt: skip
    assert facts(tick.facts, "session.statement_total", "accept.queue_wait") == [
        "session.statement_total = 30s (-T, written @ 2:30)",
        "accept.queue_wait = never ((one main loop), fixed @ 2:7)",
    ]
    assert facts(gateway.facts, "session.statement_total") == ["session.statement_total = never (-T, default @ 3:1)"]


def test_script():
    server, client = read("kdb", {"gw.q": SCRIPT})[0]
    assert (server.name, [str(a) for a in server.listens]) == ("gw", ["*:5020"])
    assert facts(server.facts, "schedule.period") == ["schedule.period = 1s (\\t, written @ 1:1)"]
    assert links(client) == ["rdb:5011 kdb  @ 2:4", "localhost:5012 kdb  @ 3:4"]
    assert facts(client.links[0].facts, "connect.connect") == ["connect.connect = 2s (hopen, written @ 2:4)"]
    assert "hunter2" not in repr((server, client))
