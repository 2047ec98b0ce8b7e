"""Caddy: sites, snippets, global options and JSON, with places; what versions change."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.products.texts import facts, links, read, settings, workload

CADDYFILE = """\
{
	grace_period 20s
	http_port 8080
	servers {
		timeouts {
			idle 90s
			read_header 5s
		}
		keepalive_interval 20s
	}
	servers :9000 {
		timeouts {
			idle 10s
		}
	}
}

(upstream) {
	transport http {
		keepalive {args[0]}
		response_header_timeout 30s
	}
}

shop.example, www.shop.example {
	handle /api/* {
		reverse_proxy app:3000 app2:3000 {
			lb_retries 2
			lb_try_interval 100ms
			import upstream 4s
			health_uri /healthz
			health_interval 5s
		}
	}
	reverse_proxy @ws ws:9000-9001 {
		stream_timeout 1h
		lb_try_duration 3s
	}
	php_fastcgi unix//run/php.sock {
		read_timeout 40s
	}
	reverse_proxy https://auth.internal {$LEGACY:legacy:81} {$NOBODY} {
		transport http {
			tls_server_name auth.example
			versions h2c 2
		}
	}
}

http://plain.example {
	reverse_proxy h2c://grpc:50051
}

:9000 {
	reverse_proxy {
		to :7000
		dynamic srv _app._tcp.example {
			refresh 15s
		}
	}
}
"""


def test_sites_of_a_caddyfile():
    (shop, plain, other), reports = read("caddy", {"edge/Caddyfile": CADDYFILE})
    assert [(c.name, c.key, str(c.span), [str(a) for a in c.listens], c.names) for c in (shop, plain, other)] == [
        (
            "shop.example", "caddy:edge/Caddyfile#shop.example", "edge/Caddyfile:25:1", ["*:443", "*:8080"],
            ("shop.example", "www.shop.example"),
        ),
        ("plain.example", "caddy:edge/Caddyfile#http://plain.example", "edge/Caddyfile:50:1", ["*:8080"], ("plain.example",)),
        ("caddy", "caddy:edge/Caddyfile#:9000", "edge/Caddyfile:54:1", ["*:9000"], ()),
    ]  # fmt: skip
    assert settings(shop.settings) == [
        "grace_period = 20s @ 2:2-18",
        "servers timeouts idle = 90s @ 6:4-12",
        "servers timeouts read_header = 5s @ 7:4-18",
        "servers keepalive_interval = 20s @ 9:3-25",
        "health_uri = /healthz @ 31:4-23",
        "health_interval = 5s @ 32:4-22",
        "stream_timeout = 1h @ 36:3-20",
    ]
    assert settings(other.settings) == ["grace_period = 20s @ 2:2-18", "servers timeouts idle = 10s @ 13:4-12"]
    assert {path: report.status for path, report in reports.items()} == {"edge/Caddyfile": "understood"}


def test_links_of_a_caddyfile():
    (shop, plain, other), _ = read("caddy", {"Caddyfile": CADDYFILE})
    assert links(shop) == [
        "app:3000 http reverse_proxy /api/* @ 27:17",
        "app2:3000 http reverse_proxy /api/* @ 27:26",
        "ws:9000 http reverse_proxy @ws @ 35:20",
        "ws:9001 http reverse_proxy @ws @ 35:20",
        "unix:/run/php.sock fastcgi php_fastcgi @ 39:14",
        "auth.internal:443 http2 reverse_proxy @ 42:16",
        "legacy:81 http2 reverse_proxy @ 42:38",
        "the upstream {$NOBODY} is known at run time only http2 reverse_proxy @ 42:58",
    ]
    assert [settings(link.settings) for link in shop.links[::2]] == [
        [
            "lb_retries = 2 @ 28:4-16",
            "lb_try_interval = 100ms @ 29:4-25",
            "keepalive = 4s @ 20:3-22",
            "response_header_timeout = 30s @ 21:3-30",
        ],
        ["lb_try_duration = 3s @ 37:3-21"],
        ["fastcgi read_timeout = 40s @ 40:3-19"],
        ["tls_server_name = auth.example @ 44:4-32"],
    ]
    assert settings(shop.links[5].settings) == ["tls_server_name = auth.example @ 44:4-32", "tls = on @ 42:16-37"]
    assert links(plain) == ["grpc:50051 http2 reverse_proxy @ 51:16"]
    assert links(other) == ["upstreams are looked up at run time (srv) http reverse_proxy @ 55:2"]


def test_facts_of_a_site():
    (shop, _, _), _ = read("caddy", {"Caddyfile": CADDYFILE})
    assert [line for line in facts(shop.facts) if not line.startswith("connect.")] == [
        "accept.idle_close = 90s (servers timeouts idle, written @ 6:4)",
        "accept.header_read = 5s (servers timeouts read_header, written @ 7:4)",
        "accept.request_read = never (servers timeouts read_body, default @ 25:1)",
        "accept.body_read = never (servers timeouts read_body_idle, default @ 25:1)",
        "accept.send_stall = never (servers timeouts write_idle, default @ 25:1)",
        "accept.request_total = never (servers timeouts write, default @ 25:1)",
        "accept.tcp_keepalive_time = 15s (servers keepalive_idle, default @ 25:1)",
        "accept.tcp_keepalive_interval = 20s (servers keepalive_interval, written @ 9:3)",
        "accept.tcp_keepalive_probes = 9 (servers keepalive_count, default @ 25:1)",
        "accept.drain = 20s (grace_period, written @ 2:2)",
        "lifecycle.drain = 20s (grace_period, written @ 2:2)",
        "lifecycle.pre_stop = off (shutdown_delay, default @ 25:1)",
        "accept.connection_total = 1h (stream_timeout, written @ 36:3)",
        "lifecycle.reload_drain = 0s (stream_close_delay, default @ 25:1)",
        "accept.stream_idle = never ((no idle limit for WebSocket), fixed @ 25:1)",
        "lifecycle.health_interval = 5s (health_interval, written @ 32:4)",
        "lifecycle.health_timeout = 5s (health_timeout, default @ 25:1)",
        "lifecycle.health_fail_count = 1 (health_fails, default @ 25:1)",
        "lifecycle.health_ok_count = 1 (health_passes, default @ 25:1)",
    ]
    api, _, socket, _, php, auth, *_ = shop.links
    assert facts(
        api.facts, "connect.idle_keep", "connect.response_header", "connect.attempts", "connect.retry_backoff"
    ) == [
        "connect.idle_keep = 4s (keepalive, written @ 20:3)",
        "connect.response_header = 30s (response_header_timeout, written @ 21:3)",
        "connect.attempts = 3 (lb_retries, written @ 28:4)",
        "connect.retry_backoff = 100ms (lb_try_interval, written @ 29:4)",
    ]
    assert facts(socket.facts, "connect.attempts", "connect.retry_total", "connect.retry_backoff") == [
        "connect.attempts = never (lb_try_duration, written @ 37:3)",
        "connect.retry_total = 3s (lb_try_duration, written @ 37:3)",
        "connect.retry_backoff = 250ms (lb_try_interval, default @ 25:1)",
    ]
    assert facts(php.facts) == [
        "connect.connect = 3s (fastcgi dial_timeout, default @ 25:1)",
        "connect.read_stall = 40s (fastcgi read_timeout, written @ 40:3)",
        "connect.send_stall = never (write_timeout, default @ 25:1)",
        "connect.idle_keep = off (transport fastcgi, fixed @ 25:1)",
        "connect.attempts = 1 (lb_retries, default @ 25:1)",
        "connect.retry_total = off (lb_try_duration, default @ 25:1)",
        "connect.retry_backoff = 0s (lb_try_interval, default @ 25:1)",
        "connect.dns_ttl = 60s (dynamic refresh, default @ 25:1)",
    ]
    assert facts(auth.facts, "connect.sni") == ["connect.sni = auth.example (tls_server_name, written @ 44:4)"]


PLAIN = ":80 {\n reverse_proxy app:3000\n}\n"
ODD = ":80 {\n reverse_proxy https://app:3000 {\n  transport http {\n   keepalive_interval 5s\n  }\n }\n}\n"
VERSIONS = [
    ("2.2.1", ["never", "never", "10s", "120s", "32"], ["never", "2"]),
    ("2.5.0", ["5m", "never", "3s", "120s", "32"], ["never", "2"]),
    ("2.10.2", ["5m", "60s", "3s", "120s", "32"], ["never", "2"]),
    ("2.11.4-alpine", ["5m", "60s", "3s", "120s", "32"], ["120s", "32"]),
    ("latest", ["never or 5m", "never or 60s", "10s or 3s", "120s", "32"], ["120s or never", "32 or 2"]),
]


@pytest.mark.parametrize(("tag", "plain", "odd"), VERSIONS)
def test_defaults_by_version(tag, plain, odd):
    owner = workload("web", f"docker.io/library/caddy:{tag}", mounts={"Caddyfile": "/etc/caddy/Caddyfile"})
    values = []
    for text in (PLAIN, ODD):
        (found,), _ = read("caddy", {"Caddyfile": text}, owner)
        assert (found.name, found.workload, found.scope) == ("web", owner.key, "compose:compose.yaml")
        both = {**found.facts, **found.links[0].facts}
        timers = (
            "accept.idle_close",
            "accept.header_read",
            "connect.connect",
            "connect.idle_keep",
            "connect.idle_pool_size",
        )
        values.append([fact.value.replace("300s", "5m") for timer in timers for fact in both[timer]])
    assert values == [plain, [*plain[:3], *odd]]


def test_environment_of_the_workload_fills_placeholders():
    owner = workload("web", "caddy", mounts={"conf": "/etc/caddy"}, env={"APP": workload("x", "app:1").image})
    (found,), _ = read("caddy", {"conf/Caddyfile": "{$SITE::8080} {\n reverse_proxy {$APP} {env.APP}\n}\n"}, owner)
    assert [str(address) for address in found.listens] == ["*:8080"]
    assert [str(link.target) for link in found.links] == ["app:1", "app:1"]


def test_imported_files_are_part_of_the_importer():
    texts = {
        "conf/Caddyfile": "import sites/*.caddy\nimport nothing.caddy\n(log) {\n log\n}\n",
        "conf/sites/a.caddy": "a.example {\n import log\n import ../common.caddy 9s\n}\n",
        "conf/common.caddy": "reverse_proxy a:1 {\n transport http {\n  dial_timeout {args.0}\n }\n}\n",
    }
    (found,), reports = read("caddy", texts)
    assert (found.name, links(found)) == ("a.example", ["a:1 http reverse_proxy @ 1:15"])
    assert settings(found.links[0].settings) == ["dial_timeout = 9s @ 3:3-24"]
    assert found.files == ("conf/Caddyfile", "conf/common.caddy", "conf/sites/a.caddy")
    assert reports["conf/sites/a.caddy"].status == "understood"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(a) {\n import b\n}\n(b) {\n import a\n}\n:80 {\n import a\n}\n", "imports go in a circle or too deep"),
        (":80 {\n import nope\n}\n", "no snippet and no file 'nope' to import"),
        (":80 {\n reverse_proxy app:1\n", "this block is never closed"),
    ],
)
def test_problems_are_said_and_the_rest_is_read(text, message):
    components, reports = read("caddy", {"Caddyfile": text})
    assert len(components) == 1
    assert [problem.message for problem in reports["Caddyfile"].problems] == [message]
    assert reports["Caddyfile"].status == "partly"


def test_imports_that_multiply_are_cut_off():
    text = (
        "".join(f"(s{at}) {{\n" + f" import s{at + 1}\n" * 10 + "}\n" for at in range(12))
        + "(s12) {\n log\n}\n:80 {\n import s0\n}\n"
    )
    _, reports = read("caddy", {"Caddyfile": text})
    assert [problem.message for problem in reports["Caddyfile"].problems] == [
        "imports add up to more than 50000 lines; the rest was not read"
    ]


JSON = {
    "apps": {"http": {"grace_period": 5000000000, "servers": {"edge": {
        "listen": [":443", "127.0.0.1:2020"],
        "idle_timeout": "2m",
        "read_timeout": 15000000000,
        "routes": [
            {"match": [{"host": ["shop.example"]}], "handle": [{"handler": "subroute", "routes": [
                {"match": [{"path": ["/api/*"]}], "handle": [{
                    "handler": "reverse_proxy",
                    "load_balancing": {"retries": 1},
                    "transport": {"protocol": "http", "dial_timeout": 1500000000, "keep_alive": {"idle_timeout": "30s"}, "tls": {}},
                    "upstreams": [{"dial": "app:443"}, {"dial": "{http.vars.up}"}],
                }]},
            ]}]},
            {"handle": [{"handler": "reverse_proxy", "transport": {"protocol": "fastcgi"}, "upstreams": [{"dial": "unix//run/php.sock"}]}]},
        ],
    }}}},
}  # fmt: skip


def test_json():
    (edge,), reports = read("caddy", {"caddy.json": json.dumps(JSON, indent=1), "package.json": '{"apps": {}}'})
    assert (edge.name, edge.key, [str(a) for a in edge.listens]) == (
        "shop.example", "caddy:caddy.json#edge", ["*:443", "127.0.0.1:2020"],
    )  # fmt: skip
    assert facts(edge.facts, "accept.idle_close", "accept.request_read", "accept.drain") == [
        "accept.idle_close = 120s (servers timeouts idle, written @ 11:6)",
        "accept.request_read = 15s (servers timeouts read_body, written @ 12:6)",
        "accept.drain = 5s (grace_period, written @ 4:4)",
    ]
    assert [line.split(" @")[0] for line in links(edge)] == [
        "app:443 http reverse_proxy /api/*",
        "the upstream {http.vars.up} is known at run time only http reverse_proxy /api/*",
        "unix:/run/php.sock fastcgi reverse_proxy",
    ]
    assert [
        line.split(" (")[0]
        for line in facts(
            edge.links[0].facts, "connect.connect", "connect.idle_keep", "connect.sni", "connect.attempts"
        )
    ] == [
        "connect.connect = 1500ms",
        "connect.idle_keep = 30s",
        "connect.sni = on",
        "connect.attempts = 2",
    ]
    assert sorted(reports) == ["caddy.json"]


@given(
    st.text(alphabet='a{}()$:/ \n"*,', max_size=60)
    | st.sampled_from(["import {args[9]}", "{", "reverse_proxy", "reverse_proxy {"])
)
def test_any_text_is_no_error(text):
    read("caddy", {"Caddyfile": CADDYFILE + text, "b.caddyfile": text})
