"""Proxies whose configuration a ConfigMap carries: found by the pod that mounts it, with places in the manifest."""

from __future__ import annotations

import pytest

from tochain.discover import Files
from tochain.reading import read_all

POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: prod}
spec:
  template:
    metadata: {labels: {app: edge}}
    spec:
      containers: [{name: edge, image: IMAGE, volumeMounts: [{name: c, mountPath: FOLDER}]}]
      volumes: [{name: c, configMap: {name: edge}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: edge, namespace: prod}
data:
  KEY: |
"""
CASES = {
    "envoy": (
        "envoyproxy/envoy:v1.31.0", "/etc/envoy", "envoy.yaml",
        "static_resources: {listeners: [{filter_chains: [{filters: [{name: envoy.filters.network.tcp_proxy,\n"
        "typed_config: {cluster: db, idle_timeout: 9s}}]}]}]}\n",
        "tcp_proxy.idle_timeout", "9s", (17, 33),
    ),
    "caddy": (
        "caddy:2.8", "/etc/caddy", "Caddyfile", "{\n\tgrace_period 9s\n}\n:80 {\n\treverse_proxy app:3000\n}\n",
        "grace_period", "9s", (17, 6),
    ),
    "traefik": (
        "traefik:v3.1", "/etc/traefik", "traefik.yml",
        "entryPoints:\n  web:\n    address: ':80'\n    transport: {respondingTimeouts: {idleTimeout: 9s}}\n",
        "respondingTimeouts.idleTimeout", "9s", (19, 42),
    ),
    "kong": (
        "kong:3.4", "/etc/kong", "kong.conf", "upstream_keepalive_idle_timeout = 9\n",
        "upstream_keepalive_idle_timeout", "9", (16, 5),
    ),
    "apisix": (
        "apache/apisix:3.9", "/usr/local/apisix/conf", "config.yaml",
        "nginx_config:\n  http: {keepalive_timeout: 9s}\n",
        "nginx_config.http.keepalive_timeout", "9s", (17, 14),
    ),
}  # fmt: skip


@pytest.mark.parametrize("product", CASES)
def test_a_config_map_is_read_where_it_stands(product):
    image, folder, key, text, name, value, place = CASES[product]
    manifest = POD.replace("IMAGE", image).replace("FOLDER", folder).replace("KEY", key)
    manifest += "".join(f"    {line}\n" for line in text.splitlines())
    reading = read_all(Files({}, {}, {"deploy/edge.yaml": manifest}), {}, {})
    assert reading.crashes == []
    (found,) = [component for component in reading.components if component.product == product]
    setting = found.settings[name][0]
    assert (found.name, found.scope, setting.text) == ("edge", "k8s:prod", value)
    assert (setting.span.path, tuple(setting.span.start)) == ("deploy/edge.yaml", place)
