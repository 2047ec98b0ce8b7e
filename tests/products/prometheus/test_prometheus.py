"""prometheus.yml: jobs with their own or inherited times, targets, and the exporter between."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings

TEXT = """\
global:
  scrape_interval: 5s
  evaluation_interval: 30s
scrape_configs:
- job_name: app
  scrape_interval: 1m
  scrape_timeout: 20s
  scheme: https
  static_configs:
  - targets: ["web:8443", api]
- job_name: probes
  metrics_path: /probe
  static_configs:
  - targets: [https://example.org]
  relabel_configs:
  - {source_labels: [__address__], target_label: __param_target}
  - {target_label: __address__, replacement: "blackbox:9115"}
"""


def test_jobs():
    server, app, probes = read("prometheus", {"mon/prometheus.yml": TEXT})[0]
    assert (server.name, server.kind, server.scope, [str(a) for a in server.listens]) == (
        "prometheus",
        "monitor",
        "dir:mon",
        ["*:9090"],
    )
    assert (app.key, app.span.start.line, links(app)) == (
        "prometheus:mon/prometheus.yml#app",
        5,
        ["web:8443 http job app @ 10:15", "api:443 http job app @ 10:27"],
    )
    assert settings(app.settings) == ["scrape_interval = 1m @ 6:3-22", "scrape_timeout = 20s @ 7:3-22"]
    assert links(probes) == ["blackbox:9115 http job probes @ 17:46"]
    assert facts(probes.facts, "monitor.interval", "monitor.timeout") == [
        "monitor.interval = 5s (scrape_interval, inherited @ 2:3)",
        "monitor.timeout = 5s (scrape_timeout, default @ 11:3)",
    ]
    assert facts(app.facts, "monitor.interval", "monitor.timeout") == [
        "monitor.interval = 60s (scrape_interval, written @ 6:3)",
        "monitor.timeout = 20s (scrape_timeout, written @ 7:3)",
    ]


def test_defaults():
    (server,) = read("prometheus", {"prometheus.yml": "scrape_configs: []\n"})[0]
    assert facts(server.facts, "monitor.interval", "monitor.timeout") == [
        "monitor.interval = 60s (scrape_interval, default @ 1:1)",
        "monitor.timeout = 10s (scrape_timeout, default @ 1:1)",
    ]


def test_an_inherited_timeout_is_cut_to_the_jobs_interval():
    text = "global: {scrape_interval: 15s, scrape_timeout: 10s}\nscrape_configs:\n"
    text += "- {job_name: a, scrape_interval: 5s}\n- {job_name: b, scrape_interval: 20s}\n"
    _, a, b = read("prometheus", {"prometheus.yml": text})[0]
    assert [facts(c.facts, "monitor.timeout")[0] for c in (a, b)] == [
        "monitor.timeout = 5s (scrape_timeout, inherited @ 1:32)",
        "monitor.timeout = 10s (scrape_timeout, inherited @ 1:32)",
    ]
