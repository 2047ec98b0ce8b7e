"""postgresql.conf and options of the command line, with units of their own."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, read, settings, workload
from tochain.model.version import parse_versions
from tochain.products.registry import Registry

CONF = """\
listen_addresses = '*'
port = 5433
idle_session_timeout = '10min'   # since 14
Statement_Timeout = 30000
tcp_keepalives_idle = 60
#idle_in_transaction_session_timeout = 5s
"""


def test_file():
    (found,), _ = read("postgresql", {"pg/postgresql.conf": CONF})
    assert ([str(a) for a in found.listens], found.protocol) == (["*:5433"], "postgresql")
    assert settings(found.settings) == [
        "idle_session_timeout = 10min @ 3:1-31",
        "statement_timeout = 30000 @ 4:1-26",
        "tcp_keepalives_idle = 60 @ 5:1-25",
    ]
    assert facts(found.facts, "session.idle_session", "session.statement_total", "session.idle_in_transaction") == [
        "session.idle_session = 600s (idle_session_timeout, written @ 3:1)",
        "session.statement_total = 30s (statement_timeout, written @ 4:1)",
        "session.idle_in_transaction = never (idle_in_transaction_session_timeout, default @ 1:1)",
    ]
    assert found.issues == ()


def test_by_version():
    (found,), _ = read("postgresql", {"postgresql.conf": CONF})
    at = {version: replace(found, versions=parse_versions(version), facts={}, issues=()) for version in ("13.4", "16")}
    done = {version: Registry().complete(c, lambda span, message: None) for version, c in at.items()}
    assert [i.kind for i in done["13.4"].issues] == ["setting-unknown-in-version"]
    assert "session.request_total" not in done["13.4"].facts
    assert facts(done["16"].facts, "session.idle_session") == [
        "session.idle_session = 600s (idle_session_timeout, written @ 3:1)"
    ]


def test_command_line_over_the_file():
    one = workload("db", "postgres:16", "postgres -c idle_session_timeout=0 -cstatement_timeout=5s --lock-timeout=1s")
    (alone,), _ = read("postgresql", {}, one)
    assert {name: s.text for name, (s,) in alone.settings.items()} == {
        "idle_session_timeout": "0", "statement_timeout": "5s", "lock_timeout": "1s",
    }  # fmt: skip
    (found,), _ = read("postgresql", {"postgresql.conf": CONF}, replace(one, mounts={"postgresql.conf": "/etc/p.conf"}))
    assert {name: s.text for name, (s,) in found.settings.items()} == {
        "idle_session_timeout": "0", "statement_timeout": "5s", "lock_timeout": "1s", "tcp_keepalives_idle": "60",
    }  # fmt: skip
    assert found.workload == one.key
