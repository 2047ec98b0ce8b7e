"""Grafana: grafana.ini and provisioned data sources."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span
from tochain.products.registry import Registry
from tochain.products.started import with_started

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


def test_variables_win():
    at = Span("compose.yaml", Pos(3, 3), Pos(3, 9))
    env = {"GF_DATAPROXY_TIMEOUT": "60", "GF_SERVER_HTTP_PORT": "3001", "GF_DATABASE_CONN_MAX_LIFETIME": "600"}
    one = workload("g", "grafana/grafana:10.4.1", env={name: Word(text, at) for name, text in env.items()})
    ini = "[server]\nhttp_port = 8000\n[dataproxy]\ntimeout = 45\nkeep_alive_seconds = 20\n"
    made = read("grafana", {"grafana.ini": ini}, one)[0]
    assert [str(a) for a in made[0].listens] == ["*:8000"]
    (found,) = with_started(made, [one], Registry())
    assert ([str(a) for a in found.listens], settings(found.settings)) == (
        ["*:3001"],
        [
            "dataproxy.timeout = 60 @ 3:3-9",
            "dataproxy.keep_alive_seconds = 20 @ 5:1-24",
            "database.conn_max_lifetime = 600 @ 3:3-9",
        ],
    )
