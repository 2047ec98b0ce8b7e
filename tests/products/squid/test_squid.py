"""Squid: times with unit words, peers, switches, includes; with places."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, links, read, settings, workload

CONFIG = """\
# a reverse proxy
http_port 80 accel tcpkeepalive=60,30,3
https_port [::]:443 tls-cert=/x
acl all src all
client_idle_pconn_timeout 75 seconds
read_timeout 15 minutes # the default
pconn_lifetime 1 hour
if ${process_number} = 1
connect_retries 2
else
connect_retries 5
endif
cache_peer app.internal parent 8080 0 no-query originserver connect-timeout=5 name=app
cache_peer safe.internal parent 8443 0 originserver tls
cache_peer ${PEER} parent 80 0
include /etc/squid/conf.d/*.conf
"""


def test_a_component_with_its_settings_and_peers() -> None:
    files = {"etc/squid/squid.conf": CONFIG, "etc/squid/conf.d/a.conf": "forward_timeout 30 seconds\nacl b src all\n"}
    [component], reports = read("squid", files)
    assert (component.key, component.name, component.kind, component.files, [str(a) for a in component.listens]) == (
        "squid:etc/squid/squid.conf#squid",
        "squid",
        "proxy",
        ("etc/squid/squid.conf", "etc/squid/conf.d/a.conf"),
        ["*:80", "*:443"],
    )
    assert settings(component.settings) == [
        "tcpkeepalive = 60 @ 2:20-40",
        "tcpkeepalive interval = 30 @ 2:20-40",
        "client_idle_pconn_timeout = 75 seconds @ 5:1-37",
        "read_timeout = 15 minutes @ 6:1-24",
        "pconn_lifetime = 1 hour @ 7:1-22",
        "connect_retries = 2 @ 9:1-18",
        "forward_timeout = 30 seconds @ 1:1-27",
    ]
    assert links(component) == [
        "app.internal:8080 http cache_peer app.internal @ 13:1",
        "safe.internal:8443 http cache_peer safe.internal @ 14:1",
        "the address is filled in from ${PEER}:80 http cache_peer ${PEER} @ 15:1",
    ]
    assert {path: report.status for path, report in reports.items()} == dict.fromkeys(files, "understood")


def test_timers_towards_clients_and_towards_a_peer() -> None:
    [component], _ = read("squid", {"squid.conf": CONFIG})
    timers = ("accept.idle_close", "accept.stream_idle", "accept.tcp_keepalive_time", "accept.tcp_keepalive_interval")
    assert facts(component.facts, *timers, "accept.drain") == [
        "accept.idle_close = 75s (client_idle_pconn_timeout, written @ 5:1)",
        "accept.stream_idle = 900s (read_timeout, written @ 6:1)",
        "accept.tcp_keepalive_time = 60s (tcpkeepalive, written @ 2:20)",
        "accept.tcp_keepalive_interval = 30s (tcpkeepalive interval, written @ 2:20)",
        "accept.drain = 30s (shutdown_lifetime, default @ 2:1)",
    ]
    timers = ("connect.connect", "connect.read_stall", "connect.idle_keep", "connect.stale_retry", "connect.sni")
    assert facts(component.links[0].facts, *timers) == [
        "connect.connect = 5s (peer_connect_timeout, written @ 13:61)",
        "connect.read_stall = 900s (read_timeout, written @ 6:1)",
        "connect.idle_keep = 60s (server_idle_pconn_timeout, default @ 2:1)",
        "connect.stale_retry = all (server_pconn_for_nonretriable, default @ 2:1)",
    ]
    assert facts(component.links[1].facts, "connect.connect", "connect.sni") == [
        "connect.connect = 30s (peer_connect_timeout, default @ 2:1)",
        "connect.sni = on ((SNI), fixed @ 2:1)",
    ]


@pytest.mark.parametrize(
    ("line", "timer", "expected"),
    [
        (
            "client_persistent_connections off",
            "accept.idle_close",
            "off (client_persistent_connections, written @ 2:1)",
        ),
        (
            "server_persistent_connections off",
            "connect.idle_keep",
            "off (server_persistent_connections, written @ 2:1)",
        ),
        (
            "server_pconn_for_nonretriable allow all",
            "connect.stale_retry",
            "idempotent (server_pconn_for_nonretriable, written @ 2:1)",
        ),
        ("read_timeout {{ t }} minutes", "accept.stream_idle", "unknown (read_timeout, written @ 2:1)"),
        ("pconn_timeout 2 fortnights", "connect.idle_keep", "28d (server_idle_pconn_timeout, written @ 2:1)"),
        ("", "accept.idle_close", "120s (client_idle_pconn_timeout, default @ 1:1)"),
    ],
)
def test_switches_and_units(line: str, timer: str, expected: str) -> None:
    [component], _ = read("squid", {"squid.conf": f"http_port 3128\n{line}\n"})
    assert facts(component.facts, timer) == [f"{timer} = {expected}"]


def test_a_time_without_a_unit_is_refused_since_4() -> None:
    def said(version: str) -> list[str]:
        text = "http_port 3128\nread_timeout 900\n"
        [component], _ = read("squid", {"squid.conf": text}, workload("proxy", f"squid:{version}"))
        return [f"{i.kind} {i.text} @ {i.span}" for i in component.issues]

    assert said("6.10") == [
        "setting-out-of-range read_timeout 900 has no unit; Squid 4 and later refuse it @ squid.conf:2:1"
    ]
    assert said("3.5") == []
