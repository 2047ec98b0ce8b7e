"""Grafana: grafana.ini and provisioned data sources."""

from __future__ import annotations

from tests.products.texts import facts, links, read, workload

SOURCES = """\
apiVersion: 1
datasources:
- {name: metrics, url: "http://prometheus:9090", jsonData: {timeout: 60}}
- name: sql
  url: db:5432
"""


def test_files_of_one_workload():
    one = workload("grafana", "grafana/grafana:10.4.1", mounts={"grafana": "/etc/grafana"})
    texts = {"grafana/grafana.ini": "[dataproxy]\ntimeout = 45\n", "grafana/datasources/all.yml": SOURCES}
    (found,), _ = read("grafana", texts, one)
    assert (found.name, found.kind, str(found.versions), links(found)) == (
        "grafana",
        "client",
        "10.4.1",
        ["prometheus:9090 http data source metrics @ 3:24", "db:5432 tcp data source sql @ 5:8"],
    )
    assert facts(found.facts, "connect.response_header") == [
        "connect.response_header = 45s (dataproxy.timeout, written @ 2:1)"
    ]
    assert facts(found.links[0].facts, "connect.response_header") == [
        "connect.response_header = 60s (dataproxy.timeout, written @ 3:61)"
    ]
