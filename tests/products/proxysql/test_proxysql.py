"""proxysql.cnf: variables, interfaces, and the servers of its host groups."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings

CONF = """\
admin_variables = { mysql_ifaces="0.0.0.0:6032" }
mysql_variables=
{
  # wait_timeout=1
  wait_timeout=180000
  interfaces="0.0.0.0:6033;/run/proxysql.sock"
  ping_interval_server_msec = 30000;
}
mysql_servers =
(
  { address="db1", port=3307, hostgroup=1 },
  { hostname = "db2"; hostgroup = 2; }
)
"""


def test_file():
    (found,), _ = read("proxysql", {"proxysql.cnf": CONF})
    assert [str(a) for a in found.listens] == ["*:6033"]
    assert settings(found.settings) == [
        "mysql-wait_timeout = 180000 @ 5:3-22",
        "mysql-ping_interval_server_msec = 30000 @ 7:3-36",
    ]
    assert links(found) == ["db1:3307 mysql hostgroup 1 @ 11:5", "db2:3306 mysql hostgroup 2 @ 12:5"]
    assert facts(found.facts, "accept.idle_close", "connect.ping_interval", "connect.max_age") == [
        "accept.idle_close = 180s (mysql-wait_timeout, written @ 5:3)",
        "connect.ping_interval = 30s (mysql-ping_interval_server_msec, written @ 7:3)",
        "connect.max_age = never (mysql-connection_max_age_ms, default @ 1:1)",
    ]
