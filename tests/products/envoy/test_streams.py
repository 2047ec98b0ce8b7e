"""Envoy's longest stream of a route in place of its timeout, routes by scope, and listeners of HTTP/3."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, links, read

MANAGER = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
HEAD = f"""\
static_resources:
  listeners:
  - name: edge
    address: {{socket_address: {{address: 0.0.0.0, port_value: 443}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": {MANAGER}
"""
ROUTE = """\
          common_http_protocol_options: {max_stream_duration: 50s}
          route_config: {virtual_hosts: [{name: v, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: c, ROUTE}}]}]}
"""


@pytest.mark.parametrize(
    ("route", "total", "issues"),
    [
        ("timeout: 20s", "20s (route.timeout, written", []),
        ("timeout: 70s", "50s (common_http_protocol_options.max_stream_duration, inherited", []),
        (
            "timeout: 1s, max_stream_duration: {max_stream_duration: 0s}",
            "never (route.max_stream_duration.max_stream_duration, written",
            ["route.timeout 1s has no effect beside max_stream_duration"],
        ),
        (
            "timeout: 0s, max_stream_duration: {max_stream_duration: 90s}",
            "90s (route.max_stream_duration.max_stream_duration, written",
            [],
        ),
        (
            "max_stream_duration: {max_stream_duration: 90s}",
            "90s (route.max_stream_duration.max_stream_duration, written",
            [],
        ),
        (
            "timeout: 1s, max_stream_duration: {grpc_timeout_header_max: 9s}",
            "50s (common_http_protocol_options.max_stream_duration, inherited",
            ["route.timeout 1s has no effect beside max_stream_duration"],
        ),
    ],
)
def test_the_total(route: str, total: str, issues: list[str]) -> None:
    text = HEAD + ROUTE.replace("ROUTE", route) + "  clusters: [{name: c}]\n"
    (found,), _ = read("envoy", {"envoy.yaml": text})
    assert facts(found.links[0].facts, "connect.request_total")[0].startswith(f"connect.request_total = {total} @ ")
    assert [issue.text for issue in found.issues] == issues


SCOPES = """\
          scoped_routes:
            name: tenants
            rds_config_source: {path_config_source: {path: rds.yaml}}
            scoped_route_configurations_list:
              scoped_route_configurations:
              - {name: a, route_configuration_name: one, key: {fragments: [{string_key: a}]}}
              - {name: b, route_configuration_name: gone, key: {fragments: [{string_key: b}]}}
              - name: c
                route_configuration:
                  name: three
                  virtual_hosts: [{name: v, domains: [c.example], routes: [{match: {prefix: /c}, route: {cluster: c}}]}]
  clusters: [{name: c, load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: /c}}}}]}]}}]
"""
ONE = """\
resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: one
  virtual_hosts: [{name: v, domains: [a.example], routes: [{match: {prefix: /a}, route: {cluster: c}}]}]
"""


def test_routes_by_scope() -> None:
    (found,), reports = read("envoy", {"envoy.yaml": HEAD + SCOPES, "rds.yaml": ONE})
    assert (found.names, links(found)) == (
        ("a.example", "c.example"),
        [
            "unix:/c http route /a @ 21:99",
            "unix:/c http route /c @ 21:99",
            "the routes gone come from a control plane http routes @ 10:11",
        ],
    )
    assert {report.status for report in reports.values()} == {"understood"}


def test_a_listener_of_http_3() -> None:
    quic = "    udp_listener_config: {quic_options: {idle_timeout: 40s}}\n    filter_chains:"
    text = (
        HEAD.replace("    filter_chains:", quic) + ROUTE.replace("ROUTE", "timeout: 9s") + "  clusters: [{name: c}]\n"
    )
    (found,), _ = read("envoy", {"envoy.yaml": text})
    timers = ("accept.stream_idle", "accept.tls_handshake", "accept.idle_close", "connect.idle_keep")
    assert (found.variant, facts(found.facts, *timers)) == (
        "quic",
        [
            "accept.stream_idle = 40s (udp_listener_config.quic_options.idle_timeout, written @ 5:42)",
            "accept.tls_handshake = 20s (udp_listener_config.quic_options.crypto_handshake_timeout, default @ 3:5)",
            "accept.idle_close = 1h (common_http_protocol_options.idle_timeout, default @ 3:5)",
            "connect.idle_keep = 1h (common_http_protocol_options.idle_timeout, default @ 3:5)",
        ],
    )
