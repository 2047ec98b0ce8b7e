"""Envoy: every form of its configuration, scopes and conditions, with places."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.products.texts import facts, links, read, settings, workload

BOOTSTRAP = """\
static_resources:
  listeners:
    - name: edge
      address:
        socket_address: {address: 0.0.0.0, port_value: 8080}
      filter_chains:
        - transport_socket_connect_timeout: 7s
          filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stream_idle_timeout: 120s
                request_timeout: 30s
                drain_timeout: 6s
                common_http_protocol_options:
                  idle_timeout: 900s
                  max_connection_duration: 3600s
                route_config:
                  name: all
                  virtual_hosts:
                    - name: shop
                      domains: ["shop.example:8080", "*.shop.example"]
                      retry_policy: {retry_on: "connect-failure", num_retries: 4}
                      routes:
                        - match: {prefix: /api}
                          route:
                            cluster: api
                            timeout: 20s
                            retry_policy:
                              retry_on: "reset,5xx"
                              num_retries: 2
                              per_try_timeout: 6s
                        - match: {path: /feed}
                          route:
                            timeout: 0s
                            idle_timeout: 3600s
                            weighted_clusters:
                              clusters:
                                - {name: api, weight: 90}
                                - {name: gone, weight: 10}
                        - match: {prefix: /}
                          redirect: {https_redirect: true}
  clusters:
    - name: api
      type: STRICT_DNS
      connect_timeout: 0.25s
      upstream_connection_options:
        tcp_keepalive: {keepalive_time: 60}
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          common_http_protocol_options:
            idle_timeout: 4s
          explicit_http_config:
            http_protocol_options: {}
      load_assignment:
        cluster_name: api
        endpoints:
          - lb_endpoints:
              - endpoint: {address: {socket_address: {address: app, port_value: 3000}}}
              - endpoint: {address: {pipe: {path: /run/app.sock}}}
      health_checks:
        - {interval: 10s, timeout: 2s, unhealthy_threshold: 3, healthy_threshold: 1}
"""


LISTENER = [
    "transport_socket_connect_timeout = 7s @ 7:11-47",
    "stream_idle_timeout = 120s @ 12:17-42",
    "request_timeout = 30s @ 13:17-37",
    "drain_timeout = 6s @ 14:17-34",
    "hcm.common_http_protocol_options.idle_timeout = 900s @ 16:19-37",
    "hcm.common_http_protocol_options.max_connection_duration = 3600s @ 17:19-49",
]
CLUSTER = [
    "connect_timeout = 0.25s @ 46:7-29",
    "cluster.common_http_protocol_options.idle_timeout = 4s @ 53:13-29",
    "upstream_connection_options.tcp_keepalive = on @ 48:9-22",
    "upstream_connection_options.tcp_keepalive.keepalive_time = 60 @ 48:25-43",
]


def one(text, path="envoy.yaml", *workloads):
    (found,), _ = read("envoy", {path: text}, *workloads)
    return found


def test_a_bootstrap():
    (edge,), reports = read("envoy", {"proxy/envoy.yaml": BOOTSTRAP})
    assert (edge.name, edge.key, edge.kind, edge.scope, edge.protocol) == (
        "edge", "envoy:proxy/envoy.yaml#edge", "proxy", "dir:proxy", "http",
    )  # fmt: skip
    assert str(edge.span) == "proxy/envoy.yaml:3:7"
    assert [str(address) for address in edge.listens] == ["*:8080"]
    assert edge.names == ("shop.example",)
    assert settings(edge.settings) == [
        *LISTENER,
        "health_checks.interval = 10s @ 63:12-25",
        "health_checks.timeout = 2s @ 63:27-38",
        "health_checks.unhealthy_threshold = 3 @ 63:40-62",
        "health_checks.healthy_threshold = 1 @ 63:64-84",
    ]
    assert links(edge) == [
        "app:3000 http route /api @ 60:55",
        "unix:/run/app.sock http route /api @ 61:45",
        "app:3000 http route /feed @ 60:55",
        "unix:/run/app.sock http route /feed @ 61:45",
        "cluster gone is not in this configuration http route /feed @ 40:36",
    ]
    inherited = [f"{line} inherited" for line in LISTENER]
    assert settings(edge.links[0].settings) == [
        *inherited,
        "route.timeout = 20s @ 28:29-41",
        "route.retry_policy.num_retries = 2 @ 31:31-45",
        "route.retry_policy.per_try_timeout = 6s @ 32:31-50",
        "route.retry_policy.retry_on = reset,5xx @ 30:31-52",
        *CLUSTER,
    ]
    assert settings(edge.links[2].settings) == [
        *inherited,
        "route.timeout = 0s @ 35:29-40",
        "route.idle_timeout = 3600s @ 36:29-48",
        "route.retry_policy.num_retries = 4 @ 23:67-81 inherited",
        "route.retry_policy.retry_on = connect-failure @ 23:38-65 inherited",
        *CLUSTER,
    ]
    assert edge.links[0].settings is edge.links[1].settings
    assert {path: report.status for path, report in reports.items()} == {"proxy/envoy.yaml": "understood"}


def test_facts_of_a_listener():
    found = [line for line in facts(one(BOOTSTRAP).facts) if line.startswith(("accept.", "lifecycle.health"))]
    assert found == [
        "accept.idle_close = 900s (common_http_protocol_options.idle_timeout, written @ 16:19)",
        "accept.header_read = never (request_headers_timeout, default @ 3:7)",
        "accept.request_read = 30s (request_timeout, written @ 13:17)",
        "accept.stream_idle = 120s (stream_idle_timeout, written @ 12:17)",
        "accept.send_stall = 120s (stream_flush_timeout, inherited @ 12:17)",
        "accept.max_age = 1h (common_http_protocol_options.max_connection_duration, written @ 17:19)",
        "accept.max_requests = never (common_http_protocol_options.max_requests_per_connection, default @ 3:7)",
        "accept.drain = 6s (drain_timeout, written @ 14:17)",
        "accept.lingering_close = 1s (delayed_close_timeout, default @ 3:7)",
        "accept.tls_handshake = 7s (transport_socket_connect_timeout, written @ 7:11)",
        "accept.protocol_detect = 15s (listener_filters_timeout, default @ 3:7)",
        "accept.ping_interval = off (http2_protocol_options.connection_keepalive.interval, default @ 3:7)",
        "accept.ping_timeout = off (http2_protocol_options.connection_keepalive.timeout, default @ 3:7)",
        "accept.tcp_keepalive_time = off (listener.tcp_keepalive.keepalive_time, default @ 3:7)",
        "accept.tcp_keepalive_interval = off (listener.tcp_keepalive.keepalive_interval, default @ 3:7)",
        "accept.tcp_keepalive_probes = off (listener.tcp_keepalive.keepalive_probes, default @ 3:7)",
        "lifecycle.health_interval = 10s (health_checks.interval, written @ 63:12)",
        "lifecycle.health_timeout = 2s (health_checks.timeout, written @ 63:27)",
        "lifecycle.health_fail_count = 3 (health_checks.unhealthy_threshold, written @ 63:40)",
        "lifecycle.health_ok_count = 1 (health_checks.healthy_threshold, written @ 63:64)",
        "accept.request_total = never (common_http_protocol_options.max_stream_duration, default @ 3:7)",
    ]


def test_facts_of_routes():
    api, _, feed, _, gone = one(BOOTSTRAP).links
    assert facts(api.facts, "connect.connect", "connect.request_total", "connect.attempt_total", "connect.attempts",
                 "connect.idle_keep", "connect.stream_idle", "connect.stale_retry", "connect.tcp_keepalive_time",
                 "connect.tcp_keepalive_interval", "connect.retry_backoff") == [
        "connect.connect = 250ms (connect_timeout, written @ 46:7)",
        "connect.request_total = 20s (route.timeout, written @ 28:29)",
        "connect.attempt_total = 6s (route.retry_policy.per_try_timeout, written @ 32:31)",
        "connect.attempts = 3 (route.retry_policy.num_retries, written @ 31:31)",
        "connect.idle_keep = 4s (common_http_protocol_options.idle_timeout, written @ 53:13)",
        "connect.stream_idle = 120s (route.idle_timeout, inherited @ 12:17)",
        "connect.stale_retry = all (route.retry_policy.retry_on, written @ 30:31)",
        "connect.tcp_keepalive_time = 60s (upstream_connection_options.tcp_keepalive.keepalive_time, written @ 48:25)",
        "connect.tcp_keepalive_interval = kernel (upstream_connection_options.tcp_keepalive.keepalive_interval, inherited @ 48:9)",
        "connect.retry_backoff = 25ms (route.retry_policy.retry_back_off.base_interval, default @ 3:7)",
    ]  # fmt: skip
    assert facts(
        feed.facts, "connect.request_total", "connect.attempts", "connect.stream_idle", "connect.stale_retry"
    ) == [
        "connect.request_total = never (route.timeout, written @ 35:29)",
        "connect.attempts = 5 (route.retry_policy.num_retries, inherited @ 23:67)",
        "connect.stream_idle = 1h (route.idle_timeout, written @ 36:29)",
        "connect.stale_retry = none ((stale reuse), default @ 3:7)",
    ]
    assert facts(gone.facts, "connect.idle_keep", "connect.connect") == [
        "connect.idle_keep = 1h (common_http_protocol_options.idle_timeout, default @ 3:7)",
        "connect.connect = 5s (connect_timeout, default @ 3:7)",
    ]


def camel(node):
    if isinstance(node, dict):
        return {
            re.sub(r"_([a-z])", lambda found: found[1].upper(), key) if "." not in key else key: camel(value)
            for key, value in node.items()
        }
    return [camel(value) for value in node] if isinstance(node, list) else node


def test_json_in_camel_case_says_the_same():
    data = yaml.safe_load(BOOTSTRAP)
    plain, odd = one(json.dumps(data, indent=1), "envoy.json"), one(json.dumps(camel(data), indent=1), "envoy.json")
    values = [[(timer, found[0].limit) for timer, found in c.facts.items()] for c in (one(BOOTSTRAP), plain, odd)]
    assert values[0] == values[1] == values[2]
    assert [str(link.target) for link in odd.links] == [str(link.target) for link in plain.links]


DUMP = {
    "configs": [
        {
            "@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump",
            "bootstrap": {"node": {"user_agent_build_version": {"version": {"major_number": 1, "minor_number": 33, "patch": 2}}}},
        },
        {
            "@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
            "dynamic_active_clusters": [
                {"cluster": {"name": "app", "type": "EDS", "eds_cluster_config": {"service_name": "app-eds"}}},
                {"cluster": {"name": "far", "type": "EDS"}},
            ],
        },
        {
            "@type": "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump",
            "dynamic_endpoint_configs": [
                {"endpoint_config": {"cluster_name": "app-eds", "endpoints": [
                    {"lb_endpoints": [{"endpoint": {"address": {"socket_address": {"address": "10.0.0.7", "port_value": 8080}}}}]}
                ]}}
            ],
        },
        {
            "@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump",
            "dynamic_listeners": [
                {"active_state": {"listener": {
                    "name": "in", "address": {"socket_address": {"address": "::", "port_value": 80}},
                    "filter_chains": [{"filters": [{
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": {"@type": "x/HttpConnectionManager", "rds": {"route_config_name": "web"}},
                    }]}],
                }}},
                {"active_state": {"listener": {
                    "name": "other", "address": {"socket_address": {"address": "0.0.0.0", "port_value": 81}},
                    "filter_chains": [{"filters": [{
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": {"rds": {"route_config_name": "elsewhere"}},
                    }]}],
                }}},
            ],
        },
        {
            "@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump",
            "dynamic_route_configs": [{"route_config": {"name": "web", "virtual_hosts": [
                {"name": "v", "domains": ["*"], "routes": [
                    {"match": {"prefix": "/"}, "route": {"cluster": "app"}},
                    {"match": {"prefix": "/far"}, "route": {"cluster": "far", "max_stream_duration": {"max_stream_duration": "9s"}}},
                    {"match": {"prefix": "/any"}, "route": {"cluster_header": "x-to"}},
                ]},
            ]}}],
        },
    ]
}  # fmt: skip


def test_a_config_dump():
    (entry, other), reports = read("envoy", {"dump.json": json.dumps(DUMP)})
    assert str(entry.versions) == "1.33.2"
    assert [text.split(" @ ")[0] for text in links(entry)] == [
        "10.0.0.7:8080 http route /",
        "the endpoints of far come from a control plane http route /far",
        "the request names the cluster http route /any",
    ]
    assert [text.split(" @ ")[0] for text in links(other)] == [
        "the routes elsewhere come from a control plane http routes"
    ]
    assert facts(entry.links[1].facts, "connect.request_total")[0].startswith(
        "connect.request_total = 9s (route.max_stream_duration.max_stream_duration, written"
    )
    assert reports["dump.json"].status == "understood"


XDS = {
    "edge/cds.yaml": """\
resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: app
  http2_protocol_options: {}
  load_assignment:
    endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: app, port_value: 50051}}}}]}]
""",
    "edge/lds.yaml": """\
resources:
- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  address: {socket_address: {address: 127.0.0.1, port_value: 9000}}
  filter_chains:
  - filters:
      name: envoy.filters.network.http_connection_manager
      typed_config:
        route_config:
          virtual_hosts: [{domains: ["*"], routes: [{match: {prefix: "/", grpc: {}}, route: {cluster: app}}, {match: {prefix: "/"}, route: {cluster: app}}]}]
""",
    "kustomization.yaml": "resources:\n- deployment.yaml\n",
}


def test_resources_in_files_beside_one_another():
    (found,), reports = read("envoy", XDS)
    assert (found.name, found.key) == ("envoy", "envoy:edge/lds.yaml#127.0.0.1:9000")
    assert links(found) == ["app:50051 grpc route / @ 6:72", "app:50051 http2 route / @ 6:72"]
    assert sorted(reports) == ["edge/cds.yaml", "edge/lds.yaml"]


TCP = """\
static_resources:
  listeners:
  - address: {socket_address: {address: 0.0.0.0, port_value: 3306}}
    socket_options:
    - {level: 1, name: 9, int_value: 1}
    - {level: 6, name: 4, int_value: 45}
    filter_chains:
    - filters:
      - name: envoy.filters.network.mysql_proxy
      - name: envoy.filters.network.tcp_proxy
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          cluster: db
          idle_timeout: 600s
  - address: {socket_address: {address: 0.0.0.0, port_value: 6379}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.redis_proxy
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.redis_proxy.v3.RedisProxy
          settings: {op_timeout: 2s}
          prefix_routes: {catch_all_route: {cluster: cache}}
  - address: {socket_address: {address: 0.0.0.0, port_value: 53, protocol: UDP}}
    listener_filters:
    - name: envoy.filters.udp_listener.udp_proxy
      typed_config: {cluster: db, idle_timeout: 20s}
  clusters:
  - name: db
    load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: db, port_value: 3306}}}}]}]}
  - name: cache
    type: ORIGINAL_DST
"""


def test_tcp_redis_and_udp():
    (tcp, redis, udp), _ = read("envoy", {"envoy.yaml": TCP})
    assert (tcp.variant, tcp.protocol, redis.variant, redis.protocol, udp.variant, udp.protocol) == (
        "tcp", "mysql", "redis", "redis", "udp", "udp",
    )  # fmt: skip
    assert facts(tcp.facts) == [
        "accept.stream_idle = 600s (tcp_proxy.idle_timeout, written @ 14:11)",
        "accept.idle_close = 600s (tcp_proxy.idle_timeout, written @ 14:11)",
        "connect.stream_idle = 600s (tcp_proxy.idle_timeout, written @ 14:11)",
        "accept.max_age = never (tcp_proxy.max_downstream_connection_duration, default @ 3:5)",
        "connect.attempts = 1 (tcp_proxy.max_connect_attempts, default @ 3:5)",
        "accept.tls_handshake = never (transport_socket_connect_timeout, default @ 3:5)",
        "accept.protocol_detect = 15s (listener_filters_timeout, default @ 3:5)",
        "accept.tcp_keepalive_time = 45s (listener.socket_options TCP_KEEPIDLE, written @ 6:27)",
        "accept.tcp_keepalive_interval = kernel (listener.tcp_keepalive.keepalive_interval, inherited @ 5:27)",
        "accept.tcp_keepalive_probes = kernel (listener.tcp_keepalive.keepalive_probes, inherited @ 5:27)",
        "connect.connect = 5s (connect_timeout, default @ 3:5)",
        "connect.tcp_keepalive_time = off (upstream_connection_options.tcp_keepalive.keepalive_time, default @ 3:5)",
        "connect.tcp_keepalive_interval = off (upstream_connection_options.tcp_keepalive.keepalive_interval, default @ 3:5)",
        "connect.tcp_keepalive_probes = off (upstream_connection_options.tcp_keepalive.keepalive_probes, default @ 3:5)",
        "connect.dns_ttl = 5s (dns_refresh_rate, default @ 3:5)",
        "lifecycle.slow_start = off (slow_start_config.slow_start_window, default @ 3:5)",
        "lifecycle.reload_drain = 600s (--drain-time-s, default @ 3:5)",
        "lifecycle.termination_grace = 900s (--parent-shutdown-time-s, default @ 3:5)",
    ]
    assert links(tcp) == ["db:3306 mysql tcp_proxy @ 29:90"]
    assert links(redis) == ["the target is the address the client dialled redis redis_proxy @ 22:45"]
    assert facts(redis.links[0].facts, "connect.read_stall") == [
        "connect.read_stall = 2s (redis_proxy.settings.op_timeout, inherited @ 21:22)"
    ]
    assert facts(udp.facts, "flow.idle_udp") == ["flow.idle_udp = 20s (udp_proxy.idle_timeout, written @ 26:35)"]


TLS = """\
static_resources:
  listeners:
  - name: in
    address: {{socket_address: {{address: 0.0.0.0, port_value: 80}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          route_config: {{virtual_hosts: [{{domains: ["*"], routes: [{{match: {{prefix: "/"}}, route: {{{route}}}}}]}}]}}
  clusters:
  - name: app
    load_assignment: {{endpoints: [{{lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: app, port_value: 443}}}}}}}}]}}]}}
{cluster}
"""
SOCKET = "    transport_socket: {{name: envoy.transport_sockets.tls, typed_config: {{{}}}}}"


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        ("", []),
        (SOCKET.format(""), ["connect.sni = off (sni, default @ 13:24)"]),
        (SOCKET.format("sni: app.example"), ["connect.sni = app.example (sni, written @ 13:74)"]),
        (SOCKET.format("auto_host_sni: true"), ["connect.sni = auto (sni, written @ 13:74)"]),
        (
            SOCKET.format("")
            + "\n    typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: "
            "{upstream_http_protocol_options: {auto_sni: true}}}",
            ["connect.sni = auto (sni, written @ 14:130)"],
        ),
    ],
)
def test_server_names(cluster, expected):
    found = one(TLS.format(route="cluster: app", cluster=cluster))
    assert facts({**found.facts, **found.links[0].facts}, "connect.sni") == expected


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (
            "cluster: app, timeout: 5s, retry_policy: {retry_on: 5xx, per_try_timeout: 5s}",
            [
                "setting-without-effect: route.retry_policy.per_try_timeout 5s is not shorter than route.timeout 5s, so Envoy ignores it"
            ],
        ),
        (
            "cluster: app, retry_policy: {num_retries: 2}",
            ["setting-without-effect: route.retry_policy.num_retries has no effect without retry_on"],
        ),
        (
            "cluster: app, timeout: 5m",
            [
                "setting-out-of-range: Envoy refuses '5m' for route.timeout: a duration is seconds with the suffix s, such as 300s"
            ],
        ),
        (
            "cluster: app, timeout: 300",
            [
                "setting-out-of-range: Envoy refuses '300' for route.timeout: a duration is seconds with the suffix s, such as 300s"
            ],
        ),
        ("cluster: app, timeout: 300s, retry_policy: {retry_on: 5xx, per_try_timeout: 5s}", []),
    ],
)
def test_issues(route, expected):
    found = one(TLS.format(route=route, cluster=""))
    assert [f"{issue.kind}: {issue.text}" for issue in found.issues] == expected


@pytest.mark.parametrize(
    ("image", "timeout", "expected"),
    [
        ("v1.13.4", "0s", ("never", ["route.retry_policy.per_try_timeout: route.timeout is never"])),
        ("v1.13.4", "30s", ("5s", [])),
        ("v1.14.1", "0s", ("5s", [])),
        ("latest", "0s", ("5s", [])),
    ],
)
def test_one_try_alone_was_once_ignored(image, timeout, expected):
    route = f"cluster: app, timeout: {timeout}, retry_policy: {{retry_on: 5xx, per_try_timeout: 5s}}"
    edge = workload("edge", f"envoyproxy/envoy:{image}", mounts={"edge.yaml": "/etc/envoy/envoy.yaml"})
    found = one(TLS.format(route=route, cluster=""), "edge.yaml", edge)
    told = [f"{i.setting}: {where[1]}" for i in found.issues if i.kind == "per-try-needs-total" for where in i.others]
    link = {**found.facts, **found.links[0].facts}
    assert (link["connect.attempt_total"][0].value, told) == expected


def test_the_workload_that_mounts_the_file_names_the_component():
    edge = workload("edge", "envoyproxy/envoy:v1.31-latest", "envoy -c /etc/envoy/edge.yaml --drain-time-s 30",
                    mounts={"proxy/edge.yaml": "/etc/envoy/edge.yaml"}, ports={8080: 8080})  # fmt: skip
    other = workload("other", "envoyproxy/envoy:v1.29.1", mounts={"proxy/other.yaml": "/etc/envoy/envoy.yaml"})
    found = one(BOOTSTRAP, "proxy/edge.yaml", edge, other)
    assert (found.name, found.workload, found.scope, str(found.versions)) == (
        "edge", "compose:compose.yaml#edge", "compose:compose.yaml", "1.31",
    )  # fmt: skip
    assert facts(found.facts, "lifecycle.reload_drain") == [
        "lifecycle.reload_drain = 30s (--drain-time-s, written @ 1:1)"
    ]


def test_files_of_others_are_left_alone():
    components, reports = read(
        "envoy", {"a.yaml": "static_resources_of: mine\n", "b.json": "[1, 2]", "c.yaml": "- x\n"}
    )
    assert (components, reports) == ([], {})


@given(st.recursive(st.none() | st.integers(0, 99) | st.sampled_from(["5s", "app", ""]), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["listeners", "clusters", "filter_chains", "filters", "typed_config", "route_config", "virtual_hosts", "routes", "route",
                     "cluster", "name", "address", "socket_address", "port_value", "load_assignment", "endpoints", "retry_policy", "@type"]),
    inner, max_size=4), max_leaves=25))  # fmt: skip
def test_wrong_types_are_no_error(data):
    read("envoy", {"envoy.json": json.dumps({"static_resources": data})})


ALONE = {
    "clusters": XDS["edge/cds.yaml"],
    "routes": """\
resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  virtual_hosts: [{domains: ["*"], routes: [{match: {prefix: "/"}, route: {cluster: app, timeout: 3s}}]}]
""",
}


@pytest.mark.parametrize(("text", "expected"), [
    ("clusters", ["app:50051 http2 cluster app @ 6:72"]),
    ("routes", ["cluster app is not in this configuration http route / @ 3:76"]),
])  # fmt: skip
def test_resources_without_a_listener_are_one_component(text, expected):
    found = one(ALONE[text], "edge/part.yaml")
    assert (found.name, found.key, links(found)) == ("envoy", f"envoy:edge/part.yaml#{found.span.start.line}", expected)
