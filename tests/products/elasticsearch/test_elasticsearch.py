"""elasticsearch.yml in both spellings, the environment over it, and probes by version."""

from __future__ import annotations

from tests.products.texts import facts, read, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span

AT = Span("compose.yaml", Pos(3, 3), Pos(3, 9))
TIMERS = ("accept.idle_close", "accept.tcp_keepalive_time")


def test_file():
    text = "cluster.name: logs\nhttp.port: 9201\nhttp:\n  read_timeout: 30s\nnetwork.tcp.keep_idle: 120\n"
    (found,), _ = read("elasticsearch", {"config/elasticsearch.yml": text})
    assert (found.kind, [str(a) for a in found.listens]) == ("database", ["*:9201"])
    assert facts(found.facts, *TIMERS) == [
        "accept.idle_close = 30s (http.read_timeout, written @ 4:17)",
        "accept.tcp_keepalive_time = 120s (http.tcp.keep_idle, written @ 5:24)",
    ]


def test_environment_and_versions():
    env = {"http.read_timeout": Word("10s", AT), "http.tcp.keep_alive": Word("false", AT)}
    new = workload("es", "docker.elastic.co/elasticsearch/elasticsearch:8.9.0", env=env)
    (found,), _ = read("elasticsearch", {"elasticsearch.yml": "node.name: a\nhttp.read_timeout: 30s\n"}, new)
    assert facts(found.facts, *TIMERS) == [
        "accept.idle_close = 10s (http.read_timeout, written @ 3:3)",
        "accept.tcp_keepalive_time = off (http.tcp.keep_idle, written @ 3:3)",
    ]
    images = ("elasticsearch:7.8.1", "elasticsearch:8.0.0", "opensearchproject/opensearch:2.11.0", "elasticsearch")
    made = [read("elasticsearch", {}, workload("es", image))[0][0] for image in images]
    assert [facts(one.facts, "accept.tcp_keepalive_time")[0] for one in made] == [
        "accept.tcp_keepalive_time = kernel (http.tcp.keep_idle, default @ 1:1)",
        "accept.tcp_keepalive_time = 300s (http.tcp.keep_idle, default @ 1:1)",
        "accept.tcp_keepalive_time = 300s (http.tcp.keep_idle, default @ 1:1)",
        "accept.tcp_keepalive_time = kernel or 300s (http.tcp.keep_idle, default @ 1:1)",
    ]
    assert read("elasticsearch", {}, workload("x", "opensearchproject/opensearch-dashboards:2"))[0] == []
