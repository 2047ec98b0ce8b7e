"""blackbox.yml: every module's timeout is one of the exporter's."""

from __future__ import annotations

from tests.products.texts import facts, read

TEXT = """\
modules:
  http_2xx: {prober: http, timeout: 5s}
  icmp: {prober: icmp}
  slow:
    prober: tcp
    timeout: 20s
"""


def test_modules():
    (found,), _ = read("blackbox-exporter", {"blackbox.yml": TEXT})
    assert [str(a) for a in found.listens] == ["*:9115"]
    assert facts(found.facts, "monitor.timeout") == [
        "monitor.timeout = 5s (timeout, written @ 2:28)", "monitor.timeout = 20s (timeout, written @ 6:5)",
    ]  # fmt: skip
    assert [fact.scope for fact in found.facts["monitor.timeout"]] == ["module http_2xx", "module slow"]
    assert read("blackbox-exporter", {"blackbox.yml": "modules: {a: {b: c}}\n"}) == ([], {})
