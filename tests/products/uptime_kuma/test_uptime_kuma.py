"""A backup of Uptime Kuma 1.x: monitors of pages and ports."""

from __future__ import annotations

from tests.products.texts import facts, links, read

BACKUP = """\
{"version": "1.23.11", "monitorList": [
  {"id": 1, "name": "shop", "url": "https://shop.example/health", "interval": 30, "timeout": 48, "maxretries": 2},
  {"id": 2, "name": "db", "type": "port", "hostname": "db", "port": 5432, "interval": 60, "timeout": 20}
]}
"""


def test_monitors():
    shop, db = read("uptime-kuma", {"kuma.json": BACKUP})[0]
    assert [(c.name, c.kind, str(c.versions), links(c)) for c in (shop, db)] == [
        ("shop", "monitor", "1.23.11", ["shop.example:443 http  @ 2:36"]),
        ("db", "monitor", "1.23.11", ["db:5432 tcp  @ 3:55"]),
    ]
    assert facts(shop.facts, "monitor.interval", "monitor.timeout", "monitor.retries") == [
        "monitor.interval = 30s (interval, written @ 2:67)",
        "monitor.timeout = 48s (timeout, written @ 2:83)",
        "monitor.retries = 2 (maxretries, written @ 2:98)",
    ]
    assert facts(db.facts, "monitor.timeout") == ["monitor.timeout = 5s ((TCP port monitor), fixed @ 3:21)"]


def test_a_monitor_of_a_database():
    text = '{"monitorList": [{"id": 1, "type": "postgres", "databaseConnectionString": "postgres://me:hunter2@db/x"}]}'
    (found,) = read("uptime-kuma", {"kuma.json": text})[0]
    assert links(found) == ["db:5432 postgresql  @ 1:76"]
    assert "hunter2" not in repr(found)
