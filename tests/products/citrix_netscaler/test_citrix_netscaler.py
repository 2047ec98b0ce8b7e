"""NetScaler: virtual servers, services and groups of an ns.conf; with places."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings

NS = """\
#NS13.1 Build 49.13
set ns timeout -halfclose 30
add ns httpProfile fast -reusePoolTimeout 4 -maxReusePool 20
add ns tcpProfile ka -KA ENABLED -KAconnIdleTime 60
add server s1 10.0.0.11
add server s2 app.internal
add service web1 s1 HTTP 8080 -gslb NONE -maxClient 0 -svrTimeout 60
add service tls1 s2 SSL 8443
add serviceGroup group1 HTTP -svrTimeout 90
bind serviceGroup group1 s1 81
bind serviceGroup group1 -monitorName slow
add lb monitor slow HTTP -interval 1 -units3 MIN -resptimeout 500 -units4 MSEC
add lb vserver web HTTP 10.0.0.1 80 -persistenceType NONE -cltTimeout 75 -httpProfileName fast -tcpProfileName ka
add lb vserver db TCP 10.0.0.1 5432
bind lb vserver web web1
bind lb vserver web tls1
bind lb vserver web group1
bind lb vserver db gone
"""


def test_virtual_servers() -> None:
    found, reports = read("citrix-netscaler", {"lb/ns.conf": NS})
    assert [(c.key, c.name, c.kind, c.protocol, c.scope, [str(a) for a in c.listens]) for c in found] == [
        ("citrix-netscaler:lb/ns.conf#web", "web", "lb", "http", "dir:lb", ["10.0.0.1:80"]),
        ("citrix-netscaler:lb/ns.conf#db", "db", "lb", "tcp", "dir:lb", ["10.0.0.1:5432"]),
    ]
    assert [links(c) for c in found] == [
        [
            "10.0.0.11:8080 http service web1 @ 7:1",
            "app.internal:8443 http service tls1 @ 8:1",
            "10.0.0.11:81 http service group1 @ 10:1",
        ],
        ["gone is not in this file  gone @ 18:1"],
    ]
    assert reports["lb/ns.conf"].status == "understood"


def test_settings_and_timers() -> None:
    found, _ = read("citrix-netscaler", {"ns.conf": NS})
    assert settings(found[0].settings) == [
        "halfclose = 30 @ 2:16-29",
        "reusePoolTimeout = 4 @ 3:25-44",
        "maxReusePool = 20 @ 3:45-61",
        "KA = 60 @ 4:34-52",
        "cltTimeout = 75 @ 13:59-73",
        "svrTimeout = 60 @ 7:55-69",
        "svrTimeout = 90 @ 9:30-44",
        "tls = on @ 8:1-29",
        "monitor interval = 1 @ 12:26-37",
        "monitor resptimeout = 500 @ 12:50-66",
    ]
    timers = ("accept.idle_close", "accept.tcp_keepalive_time", "lifecycle.health_interval", "lifecycle.health_timeout")
    assert facts(found[0].facts, *timers) == [
        "accept.idle_close = 75s (cltTimeout, written @ 13:59)",
        "accept.tcp_keepalive_time = 60s (KA, written @ 4:34)",
        "lifecycle.health_interval = 60s (monitor interval, written @ 12:26)",
        "lifecycle.health_timeout = 500ms (monitor resptimeout, written @ 12:50)",
    ]
    assert facts(found[0].links[0].facts, "connect.idle_keep", "connect.read_stall", "connect.sni") == [
        "connect.idle_keep = 4s (reusePoolTimeout, written @ 3:25)",
        "connect.read_stall = 60s (svrTimeout, written @ 7:55)",
    ]
    assert facts(found[0].links[1].facts, "connect.read_stall", "connect.sni") == [
        "connect.read_stall = 360s (svrTimeout, default @ 13:1)",
        "connect.sni = off (sniEnable, default @ 13:1)",
    ]


def test_tcp_has_other_defaults_and_no_pool() -> None:
    found, _ = read("citrix-netscaler", {"ns.conf": NS})
    assert facts(found[1].facts, "accept.stream_idle", "connect.read_stall", "connect.idle_keep") == [
        "accept.stream_idle = 2h30m (cltTimeout, default @ 14:1)",
        "connect.read_stall = 2h30m (svrTimeout, default @ 14:1)",
    ]
