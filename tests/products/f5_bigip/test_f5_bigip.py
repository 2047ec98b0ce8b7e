"""BIG-IP: virtual servers of bigip.conf, tmsh and AS3, profiles with parents, OneConnect, FastL4; with places."""

from __future__ import annotations

import json

from tests.products.texts import facts, links, read, settings

BIGIP = """\
#TMSH-VERSION: 16.1.3
ltm node /Common/n1 {
    address 10.0.0.11
}
ltm pool /Common/app_pool {
    members {
        /Common/n1:8080 {
            address 10.0.0.11
        }
        /Common/app.internal:http { }
    }
    monitor /Common/slow
    slow-ramp-time 30
}
ltm monitor http /Common/slow {
    defaults-from /Common/http
    interval 20
    timeout 61
}
ltm profile tcp /Common/wan {
    app-service none
    defaults-from /Common/base
    keep-alive-interval 60
}
ltm profile tcp /Common/base {
    defaults-from /Common/tcp
    idle-timeout 600
}
ltm profile one-connect /Common/oc {
    defaults-from /Common/oneconnect
    idle-timeout-override 4
    max-reuse 10
}
ltm profile fastl4 /Common/db {
    idle-timeout indefinite
    reset-on-timeout disabled
}
ltm virtual /Common/app {
    destination /Common/10.0.0.1%2:443
    ip-protocol tcp
    pool /Common/app_pool
    profiles {
        /Common/clientssl { context clientside }
        /Common/http { }
        /Common/oc { }
        /Common/tcp {
            context serverside
        }
        /Common/wan {
            context clientside
        }
    }
}
ltm virtual /Common/db {
    destination /Common/2001:db8::1.5432
    pool /Common/gone
    profiles {
        /Common/db { }
    }
}
"""


def test_virtual_servers() -> None:
    found, reports = read("f5-bigip", {"lb/bigip.conf": BIGIP})
    assert [(c.key, c.name, c.kind, c.variant, c.protocol, c.scope, [str(a) for a in c.listens]) for c in found] == [
        ("f5-bigip:lb/bigip.conf#app", "app", "lb", None, "http", "dir:lb", ["10.0.0.1:443"]),
        ("f5-bigip:lb/bigip.conf#db", "db", "box", "fastl4", "tcp", "dir:lb", ["2001:db8::1:5432"]),
    ]
    assert settings(found[0].settings) == [
        "one-connect idle-timeout-override = 4 @ 31:5-28",
        "one-connect max-reuse = 10 @ 32:5-17",
        "tcp idle-timeout (client side) = 600 @ 27:5-21",
        "tcp keep-alive-interval = 60 @ 23:5-27",
        "slow-ramp-time = 30 @ 13:5-22",
        "monitor interval = 20 @ 17:5-16",
        "monitor timeout = 61 @ 18:5-15",
    ]
    assert [links(c) for c in found] == [
        ["10.0.0.11:8080 http virtual app @ 7:9", "app.internal:80 http virtual app @ 10:9"],
        ["pool gone is not in these files  virtual db @ 56:5"],
    ]
    assert reports["lb/bigip.conf"].status == "understood"


def test_timers_of_a_full_proxy() -> None:
    found, _ = read("f5-bigip", {"bigip.conf": BIGIP})
    assert facts(found[0].facts) == [
        "accept.idle_close = 600s (tcp idle-timeout (client side), written @ 27:5)",
        "accept.stream_idle = 600s (tcp idle-timeout (client side), written @ 27:5)",
        "connect.response_header = 300s (tcp idle-timeout (server side), default @ 38:1)",
        "connect.read_stall = 300s (tcp idle-timeout (server side), default @ 38:1)",
        "connect.stream_idle = 300s (tcp idle-timeout (server side), default @ 38:1)",
        "connect.idle_keep = 4s (one-connect idle-timeout-override, written @ 31:5)",
        "connect.max_age = 1d (one-connect max-age, default @ 38:1)",
        "connect.max_requests = 10 (one-connect max-reuse, written @ 32:5)",
        "connect.idle_pool_size = 10000 (one-connect max-size, default @ 38:1)",
        "accept.max_requests = never (http enforcement max-requests, default @ 38:1)",
        "accept.tcp_keepalive_time = 60s (tcp keep-alive-interval, written @ 23:5)",
        "accept.send_stall = 20s (tcp zero-window-timeout, default @ 38:1)",
        "accept.idle_halfclosed = 300s (tcp fin-wait-2-timeout, default @ 38:1)",
        "accept.tls_handshake = 10s (client-ssl handshake-timeout, default @ 38:1)",
        "accept.sni_required = off (client-ssl sni-require, default @ 38:1)",
        "lifecycle.health_interval = 20s (monitor interval, written @ 17:5)",
        "lifecycle.health_timeout = 61s (monitor timeout, written @ 18:5)",
        "lifecycle.slow_start = 30s (slow-ramp-time, written @ 13:5)",
    ]


def test_timers_of_a_packet_forwarder() -> None:
    found, _ = read("f5-bigip", {"bigip.conf": BIGIP})
    assert facts(found[1].facts, "flow.idle_tcp", "flow.on_expiry", "flow.idle_halfclosed") == [
        "flow.idle_tcp = never (fastl4 idle-timeout, written @ 35:5)",
        "flow.on_expiry = drop (reset-on-timeout, written @ 36:5)",
        "flow.idle_halfclosed = 5s (fastl4 tcp-close-timeout, default @ 54:1)",
    ]
    assert [timer for timer in found[1].facts if not timer.startswith(("flow.", "lifecycle."))] == []


def test_tmsh_commands_on_one_line() -> None:
    text = (
        "tmsh create ltm profile tcp slow defaults-from tcp idle-timeout 900\n"
        "tmsh create ltm pool p members add { 10.0.0.2:80 } monitor http\n"
        "tmsh create ltm virtual v destination 10.0.0.1:80 profiles add { slow http } pool p\n"
    )
    [component], _ = read("f5-bigip", {"setup.tmsh": text})
    assert links(component) == ["10.0.0.2:80 http virtual v @ 2:38"]
    assert facts(component.facts, "accept.idle_close", "connect.idle_keep", "lifecycle.health_timeout") == [
        "accept.idle_close = 900s (tcp idle-timeout (client side), written @ 1:52)",
        "connect.idle_keep = 900s (tcp idle-timeout (client side), written @ 1:52)",
        "lifecycle.health_timeout = 16s (monitor timeout, default @ 3:1)",
    ]


def test_as3() -> None:
    declaration = {
        "class": "AS3",
        "declaration": {
            "class": "ADC",
            "Shop": {
                "class": "Tenant",
                "web": {
                    "class": "Application",
                    "service": {
                        "class": "Service_HTTP",
                        "virtualAddresses": ["10.0.0.1"],
                        "pool": "web_pool",
                        "profileTCP": {"ingress": {"use": "wan"}, "egress": "lan"},
                        "profileMultiplex": {"bigip": "/Common/oneconnect"},
                    },
                    "db": {
                        "class": "Service_L4",
                        "virtualAddresses": ["10.0.0.2"],
                        "virtualPort": 5432,
                        "profileL4": {"use": "l4"},
                        "pool": {"bigip": "/Common/db"},
                    },
                    "wan": {"class": "TCP_Profile", "idleTimeout": 90},
                    "l4": {"class": "L4_Profile", "idleTimeout": -1, "resetOnTimeout": False},
                    "web_pool": {
                        "class": "Pool",
                        "members": [{"servicePort": 8080, "serverAddresses": ["10.0.0.11", "10.0.0.12"]}],
                        "monitors": [{"use": "m"}],
                    },
                    "m": {"class": "Monitor", "interval": 7},
                },
            },
        },
    }
    found, _ = read("f5-bigip", {"as3.json": json.dumps(declaration)})
    assert [(c.name, c.kind, [str(a) for a in c.listens], links(c)[0].partition(" @")[0]) for c in found] == [
        ("web", "lb", ["10.0.0.1:80"], "10.0.0.11:8080 http virtual web"),
        ("db", "box", ["10.0.0.2:5432"], "pool /Common/db is not in these files  virtual db"),
    ]

    def values(at: int, *timers: str) -> list[str]:
        return [f"{t} = {f.value} ({f.setting}, {f.origin})" for t in timers for f in found[at].facts.get(t, ())]

    assert values(0, "accept.idle_close", "connect.read_stall", "connect.idle_keep", "lifecycle.health_interval") == [
        "accept.idle_close = 90s (tcp idle-timeout (client side), written)",
        "connect.read_stall = 300s (tcp idle-timeout (server side), default)",
        "connect.idle_keep = 300s (one-connect idle-timeout-override, default)",
        "lifecycle.health_interval = 7s (monitor interval, written)",
    ]
    assert values(1, "flow.idle_tcp", "flow.on_expiry") == [
        "flow.idle_tcp = never (fastl4 idle-timeout, written)",
        "flow.on_expiry = drop (reset-on-timeout, written)",
    ]


def test_what_is_broken_has_a_place() -> None:
    _, reports = read("f5-bigip", {"bigip.conf": "ltm virtual a {\n destination {{ vip }}:80\n"})
    assert [str(p.span) for p in reports["bigip.conf"].problems] == ["bigip.conf:2:14", "bigip.conf:1:15"]
