"""Configs of a compose project: files, and texts that stand in the compose file itself."""

from __future__ import annotations

from tochain.check import check_files, sample

COMPOSE = """\
services:
  edge:
    image: nginx:1.28
    configs:
    - {source: edge_conf, target: /etc/nginx/conf.d/default.conf}
    - {source: unknown, target: /x}
    - 3
  cache:
    image: redis:7
    command: redis-server /etc/redis.conf
    configs: [{source: cache_conf, target: /etc/redis.conf}]
  app: {image: app}
configs:
  edge_conf:
    content: |
      upstream app { server app:8000; keepalive 8; keepalive_timeout 90s; }
      server {
        listen 80;
        location / { proxy_pass http://app; proxy_read_timeout 7s; }
      }
  cache_conf: {file: ./cache/redis.conf}
"""


def test_configs():
    found = sample({"compose.yaml": COMPOSE, "cache/redis.conf": "timeout 44\n"})
    hop = next(h for h in found.graph.hops if h.client.product == "nginx")
    assert (hop.client.name, hop.server.name) == ("edge", "app")
    (fact,) = hop.client_facts["connect.response_header"]
    assert (fact.value, str(fact.span)) == ("7s", "compose.yaml:19:45")
    (redis,) = [c for c in found.graph.components if c.product == "redis"]
    assert (redis.name, [str(setting.span) for (setting,) in redis.settings.values()]) == (
        "cache", ["cache/redis.conf:1:1"],
    )  # fmt: skip
    assert check_files({"compose.yaml": COMPOSE}).crashes == ()
