"""Jobs of the Prometheus operator: times by endpoint, and the services a selector finds."""

from __future__ import annotations

from tests.products.texts import facts, links, read

TEXT = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: ipmi, namespace: ops}
spec:
  selector: {matchLabels: {app: ipmi}}
  endpoints:
  - {port: metrics, interval: 15s, scrapeTimeout: 20s}
  - {port: slow}
---
apiVersion: v1
kind: Service
metadata: {name: ipmi, namespace: ops, labels: {app: ipmi}}
spec:
  ports: [{name: metrics, port: 9290}]
---
apiVersion: monitoring.coreos.com/v1
kind: Probe
metadata: {name: shop, namespace: ops}
spec:
  module: http_2xx
  interval: 30s
  prober: {url: "blackbox.ops:9115"}
---
apiVersion: example.com/v1
kind: Probe
metadata: {name: something else}
"""


def test_jobs():
    fast, slow, probe = read("prometheus", {"mon.yaml": TEXT})[0]
    assert [(c.name, c.kind, c.scope) for c in (fast, slow, probe)] == [
        ("ipmi", "monitor", "k8s:ops"),
        ("ipmi", "monitor", "k8s:ops"),
        ("shop", "monitor", "k8s:ops"),
    ]
    assert facts(fast.facts, "monitor.interval", "monitor.timeout") == [
        "monitor.interval = 15s (scrape_interval, written @ 7:31)",
        "monitor.timeout = 20s (scrape_timeout, written @ 7:51)",
    ]
    assert links(fast) == ["ipmi.ops:9290 http ServiceMonitor @ 7:5"]
    assert links(slow) == []
    assert [(str(link.target), link.part) for link in probe.links] == [("blackbox.ops:9115", "module http_2xx")]
