"""MySQL and MariaDB option files, their groups and what they come to by version."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, read, settings, workload
from tochain.model.version import parse_versions
from tochain.products.registry import Registry

CONF = """\
[client]
connect_timeout = 3
[mysqld]
port = 3307
wait-timeout=600        # ten minutes
loose_max_execution_time = 5000
net_read_timeout = 15
wait_timeout = 900
"""


def test_server_groups_only():
    (found,), reports = read("mysql", {"db/my.cnf": CONF})
    assert (found.name, found.product, found.kind, found.scope, [str(a) for a in found.listens]) == (
        "mysql", "mysql", "database", "dir:db", ["*:3307"],
    )  # fmt: skip
    assert settings(found.settings) == [
        "wait_timeout = 900 @ 8:1-19",
        "max_execution_time = 5000 @ 6:1-32",
        "net_read_timeout = 15 @ 7:1-22",
    ]
    assert facts(
        found.facts, "session.idle_session", "accept.idle_close", "accept.header_read", "session.statement_total"
    ) == [
        "session.idle_session = 900s (wait_timeout, written @ 8:1)",
        "accept.idle_close = 900s (wait_timeout, written @ 8:1)",
        "accept.header_read = 10s (connect_timeout, default @ 3:1)",
        "session.statement_total = 5s (max_execution_time, written @ 6:1)",
    ]
    assert reports["db/my.cnf"].status == "understood"


def test_setting_newer_than_the_server():
    (found,), _ = read("mysql", {"my.cnf": "[mysqld]\nmax_execution_time = 1000\n"})
    old = Registry().complete(
        replace(found, versions=parse_versions("5.6.20"), facts={}, issues=()), lambda span, message: None
    )
    assert [issue.kind for issue in old.issues] == ["setting-unknown-in-version"]


def test_mariadb_by_group_or_image():
    (found,), _ = read("mysql", {"galera.cnf": "[mariadb]\nidle_transaction_timeout = 30\nwait_timeout = {{ wait }}\n"})
    assert (found.product, found.name) == ("mariadb", "mariadb")
    assert facts(found.facts, "session.idle_in_transaction", "session.idle_session") == [
        "session.idle_in_transaction = 30s (idle_transaction_timeout, written @ 2:1)",
        "session.idle_session = unknown (wait_timeout, written @ 3:1)",
    ]
    one = workload("db", "mariadb:10.11", mounts={"conf.d": "/etc/mysql/conf.d"})
    (found,), _ = read(
        "mysql", {"conf.d/a.cnf": "[mysqld]\nwait_timeout=60\n", "conf.d/b.cnf": "[mysqld]\nwait_timeout=90\n"}, one
    )
    assert (found.product, found.name, found.workload, str(found.versions), found.files) == (
        "mariadb", "db", one.key, "10.11", ("conf.d/a.cnf", "conf.d/b.cnf"),
    )  # fmt: skip
    assert settings(found.settings) == ["wait_timeout = 90 @ 2:1-16"]


def test_client_files_are_nobodys():
    assert read("mysql", {"my.cnf": "[client]\nport = 3306\n"}) == ([], {})
