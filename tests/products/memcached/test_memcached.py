"""memcached: options of a command and of memcached.conf."""

from __future__ import annotations

from tests.products.texts import facts, read, workload


def test_command_and_file():
    (started,), _ = read(
        "memcached", {}, workload("cache", "memcached:1.6", "memcached -m 64 -p 11212 -o modern,idle_timeout=300")
    )
    assert (started.name, str(started.versions), [str(a) for a in started.listens]) == ("cache", "1.6", ["*:11212"])
    assert facts(started.facts, "accept.idle_close") == ["accept.idle_close = 300s (idle_timeout, written @ 1:1)"]
    (found,), _ = read("memcached", {"memcached.conf": "# cache\n-m 64\n-p 11213\n-o idle_timeout=60\n"})
    assert [str(a) for a in found.listens] == ["*:11213"]
    assert facts(found.facts, "accept.idle_close") == ["accept.idle_close = 60s (idle_timeout, written @ 4:4)"]
    (plain,), _ = read("memcached", {"memcached.conf": "-m 64\n"})
    assert facts(plain.facts, "accept.idle_close") == ["accept.idle_close = never (idle_timeout, default @ 1:1)"]
