"""pg_service.conf, and the variables libpq reads."""

from __future__ import annotations

from tests.products.texts import facts, links, read, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span
from tochain.products.dsnlinks import with_dsn_links


def test_services():
    text = "# x\n[shop]\nhost=db\nport=6000\npassword=hunter2\nconnect_timeout=4\ntcp_user_timeout=9000\n[local]\nhost=/run/pg\n[bare]\ndbname=x\n"
    found = read("libpq", {"pg_service.conf": text})[0]
    assert [(c.name, links(c)) for c in found] == [
        ("shop", ["db:6000 postgresql service shop @ 3:1"]),
        ("local", ["unix:/run/pg/.s.PGSQL.5432 postgresql service local @ 9:1"]),
        ("bare", []),
    ]
    assert facts(found[0].facts, "connect.connect", "connect.tcp_user_timeout") == [
        "connect.connect = 4s (connect_timeout, written @ 6:1)",
        "connect.tcp_user_timeout = 9s (tcp_user_timeout, written @ 7:1)",
    ]
    assert "hunter2" not in repr(found)


def test_variables():
    at = Span("compose.yaml", Pos(4, 5), Pos(4, 9))
    env = {"PGHOST": "db", "PGPORT": "6000", "PGPASSWORD": "hunter2", "PGCONNECT_TIMEOUT": "7"}
    app = workload("api", "api", env={name: Word(text, at) for name, text in env.items()})
    (client,) = with_dsn_links([], [app])
    assert (client.product, links(client)) == ("libpq", ["db:6000 postgresql PGHOST @ 4:5"])
    assert [(name, group[0].text) for name, group in client.settings.items()] == [("connect_timeout", "7")]
    del app.env["PGCONNECT_TIMEOUT"]
    (client,) = with_dsn_links([], [app])
    assert (client.product, links(client)) == ("server", ["db:6000 postgresql PGHOST @ 4:5"])
