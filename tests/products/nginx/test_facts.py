"""What nginx's settings come to: timers of servers and targets, by version and by everything else that decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.products.texts import facts, read, workload
from tochain.model.component import Component
from tochain.model.limit import OFF, Finite, Never, OneOf, Unknown, Word
from tochain.model.span import Span
from tochain.model.version import parse_versions
from tochain.products.registry import Registry


def server(text: str, version: str = "", *workloads) -> Component:
    found, _ = read("nginx", {"nginx.conf": text}, *workloads)
    return at_version(found[0], version)


def at_version(component: Component, version: str) -> Component:
    if not version:
        return component
    links = tuple(replace(link, facts={}) for link in component.links)
    bare = replace(component, versions=parse_versions(version), issues=(), facts={}, links=links)
    return Registry().complete(bare, lambda span, message: None)


def link(text: str, version: str = "", at: int = 0):
    """The facts of one link of a location with the text in it, in front of a group called app."""
    body = "upstream app { server a:8000; %s } server { location / { %s } }"
    group, _, place = text.partition("|")
    return server(f"http {{ {body % (group, place)} }}", version).links[at].facts


def test_a_server_with_nothing_written_has_the_defaults_of_its_version():
    text = "http {\n  server { listen 443 ssl; location / { proxy_pass http://a; } }\n}\n"
    assert facts(server(text, "1.28").facts) == [
        "accept.idle_close = 75s (keepalive_timeout, default @ 2:3)",
        "accept.idle_min_keep = 0s (keepalive_min_timeout, default @ 2:3)",
        "accept.max_requests = 1000 (keepalive_requests, default @ 2:3)",
        "accept.max_age = 1h (keepalive_time, default @ 2:3)",
        "accept.header_read = 60s (client_header_timeout, default @ 2:3)",
        "accept.tls_handshake = 60s (client_header_timeout, default @ 2:3)",
        "accept.body_read = 60s (client_body_timeout, default @ 2:3)",
        "accept.send_stall = 60s (send_timeout, default @ 2:3)",
        "accept.stream_idle = 60s (proxy_read_timeout, default @ 2:3)",
        "accept.request_total = never ((no such setting), fixed @ 2:3)",
        "accept.drain = never (worker_shutdown_timeout, default @ 2:3)",
        "lifecycle.reload_drain = never (worker_shutdown_timeout, default @ 2:3)",
        "accept.lingering_close = 5s (lingering_timeout, default @ 2:3)",
        "accept.tcp_keepalive_time = off (so_keepalive, default @ 2:3)",
        "lifecycle.health_fail_count = 1 (upstream server max_fails, default @ 2:3)",
        "lifecycle.health_interval = 10s (upstream server fail_timeout, default @ 2:3)",
        "lifecycle.slow_start = off (upstream server slow_start, default @ 2:3)",
    ]
    old = server(text, "1.18")
    assert facts(old.facts, "accept.idle_min_keep", "accept.max_requests", "accept.max_age") == [
        "accept.max_requests = 100 (keepalive_requests, default @ 2:3)",
        "accept.max_age = never (keepalive_time, default @ 2:3)",
    ]
    assert server(text).facts["accept.max_requests"][0].limit == OneOf((Finite(100), Finite(1000)))


def test_a_link_without_a_group_has_no_pool():
    text = "http {\n  server {\n    location / { proxy_pass http://a; }\n  }\n}\n"
    assert facts(server(text, "1.31").links[0].facts) == [
        "connect.response_header = 60s (proxy_read_timeout, default @ 2:3)",
        "connect.read_stall = 60s (proxy_read_timeout, default @ 2:3)",
        "connect.connect = 60s (proxy_connect_timeout, default @ 2:3)",
        "connect.send_stall = 60s (proxy_send_timeout, default @ 2:3)",
        "connect.attempts = 1 (proxy_next_upstream_tries, default @ 2:3)",
        "connect.retry_total = never (proxy_next_upstream_timeout, default @ 2:3)",
        "connect.retry_condition = error timeout (proxy_next_upstream, default @ 2:3)",
        "connect.tcp_keepalive_time = off (proxy_socket_keepalive, default @ 2:3)",
        "connect.dns_ttl = never (resolver valid, fixed @ 2:3)",
        "connect.idle_pool_size = off (upstream keepalive, default @ 2:3)",
        "connect.idle_keep = off (upstream keepalive, default @ 2:3)",
        "connect.stale_retry = idempotent ((stale reuse), fixed @ 2:3)",
        "connect.honours_hint = off ((keep-alive hint), fixed @ 2:3)",
    ]


def test_each_place_has_its_own_values():
    found = server(
        "http {\n  keepalive_timeout 65 60;\n  proxy_read_timeout 90s;\n  server {\n"
        "    location / { proxy_pass http://a; }\n"
        "    location /slow { proxy_read_timeout 10m; keepalive_timeout 0; proxy_pass http://a; }\n"
        "    location /php { fastcgi_pass php:9000; fastcgi_read_timeout 2m; }\n  }\n}\n"
    )
    assert facts(found.facts, "accept.idle_close", "accept.idle_hint", "accept.stream_idle") == [
        "accept.idle_close = 65s (keepalive_timeout, inherited @ 2:3)",
        "accept.idle_close = off (keepalive_timeout, written @ 6:46)",
        "accept.idle_hint = 60s (keepalive_timeout hint, inherited @ 2:3)",
        "accept.stream_idle = 90s (proxy_read_timeout, inherited @ 3:3)",
        "accept.stream_idle = 600s (proxy_read_timeout, written @ 6:22)",
    ]
    assert [facts(link.facts, "connect.read_stall") for link in found.links] == [
        ["connect.read_stall = 90s (proxy_read_timeout, inherited @ 3:3)"],
        ["connect.read_stall = 600s (proxy_read_timeout, written @ 6:22)"],
        ["connect.read_stall = 120s (fastcgi_read_timeout, written @ 7:44)"],
    ]


def test_the_default_counts_beside_what_only_some_locations_say():
    found = server("http { server { location / { proxy_pass http://a; } location /k { keepalive_timeout 5s; } } }")
    assert facts(found.facts, "accept.idle_close", "accept.stream_idle") == [
        "accept.idle_close = 75s (keepalive_timeout, default @ 1:8)",
        "accept.idle_close = 5s (keepalive_timeout, written @ 1:67)",
        "accept.stream_idle = 60s (proxy_read_timeout, default @ 1:8)",
    ]
    found = server("http { server { location / { proxy_pass http://a; proxy_read_timeout 1h; } } }")
    assert facts(found.facts, "accept.stream_idle") == ["accept.stream_idle = 1h (proxy_read_timeout, written @ 1:51)"]
    found = server("http { server { location / { root /srv; } } }")
    assert facts(found.facts, "accept.stream_idle") == []


MODULES = {
    "grpc_pass grpc://a": ("grpc", "grpc", True),
    "fastcgi_pass a:1": ("fastcgi", "fastcgi", False),
    "uwsgi_pass a:1": ("uwsgi", "uwsgi", False),
    "scgi_pass a:1": ("scgi", "scgi", False),
    "memcached_pass a:1": ("memcached", "memcached", True),
}


@pytest.mark.parametrize("passed", MODULES)
def test_each_module_has_timers_of_its_own(passed):
    module, _, _ = MODULES[passed]
    found = server(
        f"http {{\nproxy_read_timeout 9s; proxy_connect_timeout 9s; {module}_send_timeout 8s;\n"
        f"server {{ location / {{ {passed}; {module}_read_timeout 7s; }} }} }}"
    ).links[0]
    assert found.protocol == module
    assert [f"{fact.timer} {fact.value} {fact.setting}" for timer in (
        "connect.connect", "connect.send_stall", "connect.response_header", "connect.read_stall", "connect.attempts",
    ) for fact in found.facts[timer]] == [
        f"connect.connect 60s {module}_connect_timeout",
        f"connect.send_stall 8s {module}_send_timeout",
        f"connect.response_header 7s {module}_read_timeout",
        f"connect.read_stall 7s {module}_read_timeout",
        f"connect.attempts 1 {module}_next_upstream_tries",
    ]  # fmt: skip


KEEPALIVE_11 = 'proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";'
POOLS = {
    ("|proxy_pass http://app;", "1.28"): (
        OFF, OFF, "no keepalive in the upstream block, and nginx before 1.29.7 keeps none by default"),
    ("|proxy_pass http://app;", "1.29.7"): (
        Finite(32), Finite(60_000_000), "upstream groups keep 32 connections by default since nginx 1.29.7"),
    ("|proxy_pass http://app;", "1.30"): (
        Finite(32), Finite(60_000_000), "upstream groups keep 32 connections by default since nginx 1.29.7"),
    ("|proxy_pass http://app;", ""): (
        OneOf((Finite(32), OFF)), OneOf((Never(), Finite(60_000_000), OFF)),
        "since 1.29.7: upstream groups keep 32 connections by default since nginx 1.29.7; before: no keepalive in the "
        "upstream block, and nginx before 1.29.7 keeps none by default"),
    ("keepalive 8;|" + KEEPALIVE_11, "1.28"): (Finite(8), Finite(60_000_000), ""),
    ("keepalive 8;|" + KEEPALIVE_11, ""): (Finite(8), OneOf((Never(), Finite(60_000_000))), ""),
    ("keepalive 8; keepalive_timeout 20s;|" + KEEPALIVE_11, "1.28"): (Finite(8), Finite(20_000_000), ""),
    ("keepalive 0;|proxy_pass http://app;", "1.31"): (OFF, OFF, "keepalive is 0"),
    ("keepalive 8;|proxy_pass http://app;", "1.28"): (
        OFF, OFF, "requests go out as HTTP/1.0 unless proxy_http_version 1.1 is set and the header Connection: close "
        'goes out unless proxy_set_header Connection "" is set'),
    ("keepalive 8;|proxy_pass http://app;", "1.31"): (Finite(8), Finite(60_000_000), ""),
    ("keepalive 8;|proxy_pass http://app; proxy_http_version 1.1;", "1.28"): (
        OFF, OFF, 'the header Connection: close goes out unless proxy_set_header Connection "" is set'),
    ("keepalive 8;|proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Host $host;", "1.28"): (
        OFF, OFF, 'the header Connection: close goes out unless proxy_set_header Connection "" is set beside the other '
        "headers, which replace all of the outer block"),
    ("keepalive 8;|proxy_pass http://app; proxy_http_version 1.0;", "1.31"): (OFF, OFF, "proxy_http_version is 1.0"),
    ("keepalive 8;|proxy_pass http://app; proxy_set_header Connection close;", "1.31"): (
        OFF, OFF, 'the header Connection "close" closes it'),
    ("keepalive 8;|proxy_pass http://app; proxy_set_header Connection upgrade;", "1.31"): (
        OFF, OFF, 'the header Connection "upgrade" makes it no connection to keep'),
    ("keepalive 8;|proxy_pass http://app; proxy_set_header Connection $http_connection;", "1.31"): (
        Unknown("the Connection header is $http_connection, which each request decides"), Finite(60_000_000),
        "the Connection header is $http_connection, which each request decides"),
    ("keepalive 8;|proxy_pass http://app; proxy_http_version 2; ", "1.31"): (Finite(8), Finite(60_000_000), ""),
    ("keepalive 8; least_conn;|" + KEEPALIVE_11, "1.28"): (
        OFF, OFF, "least_conn after keepalive replaces it in nginx before 1.29.7"),
    ("keepalive 8; least_conn;|" + KEEPALIVE_11, "1.31"): (Finite(8), Finite(60_000_000), ""),
    ("least_conn; keepalive 8;|" + KEEPALIVE_11, "1.28"): (Finite(8), Finite(60_000_000), ""),
    ("keepalive 8;|grpc_pass grpc://app;", "1.28"): (Finite(8), Finite(60_000_000), ""),
    ("keepalive 8;|memcached_pass app;", "1.28"): (Finite(8), Finite(60_000_000), ""),
    ("keepalive 8;|fastcgi_pass app;", "1.31"): (
        OFF, OFF, "fastcgi_keep_conn is off, so the server is asked to close after each request"),
    ("keepalive 8;|fastcgi_pass app; fastcgi_keep_conn on;", "1.28"): (Finite(8), Finite(60_000_000), ""),
    ("keepalive 8;|uwsgi_pass app;", "1.31"): (OFF, OFF, "uwsgi_pass never keeps connections"),
    ("keepalive 8;|scgi_pass app;", "1.31"): (OFF, OFF, "scgi_pass never keeps connections"),
    ("|proxy_pass http://other;", "1.31"): (
        OFF, OFF, "proxy_pass names no upstream block, and only those keep connections"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "version"), POOLS)
def test_whether_connections_are_kept(text, version):
    found = link(text, version)
    size, keep, because = POOLS[text, version]
    assert found["connect.idle_pool_size"][0].limit == size
    assert found["connect.idle_keep"][0].limit == keep
    assert found["connect.idle_pool_size"][0].because == because


def test_a_map_from_the_upgrade_header_says_what_other_requests_send():
    body = (
        "http {{ map $http_upgrade $connection {{ default upgrade; '' {}; }} upstream app {{ server a; keepalive 4; }}\n"
        "server {{ location / {{ proxy_pass http://app; proxy_http_version 1.1;\n"
        "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection; }} }} }}"
    )
    for value, size in (("''", Finite(4)), ("close", OFF)):
        assert server(body.format(value), "1.28").links[0].facts["connect.idle_pool_size"][0].limit == size


def test_the_place_that_takes_the_pool_away_carries_the_answer():
    text = "http {\n  upstream app {\n    server a;\n    keepalive 8;\n  }\n  server { location / { proxy_pass http://app;\n    proxy_set_header Connection close; } }\n}"
    found = server(text, "1.31").links[0].facts
    assert facts(found, "connect.idle_pool_size", "connect.idle_keep") == [
        "connect.idle_pool_size = off (proxy_set_header Connection, written @ 7:5)",
        "connect.idle_keep = off (proxy_set_header Connection, written @ 7:5)",
    ]


RETRIES = {
    "": ("error timeout", "idempotent", 1),
    "proxy_next_upstream error;": ("error", "idempotent", 1),
    "proxy_next_upstream error timeout non_idempotent;": ("error timeout non_idempotent", "all", 1),
    "proxy_next_upstream off;": ("off", "none", 1),
    "proxy_next_upstream http_502;": ("http_502", "none", 1),
}


@pytest.mark.parametrize("text", RETRIES)
def test_what_is_tried_again(text):
    found = link(f"|proxy_pass http://app; {text}", "1.31")
    condition, stale, attempts = RETRIES[text]
    assert [found[t][0].value for t in ("connect.retry_condition", "connect.stale_retry", "connect.attempts")] == [
        condition,
        stale,
        str(attempts),
    ]


TRIES = {
    "": (3, "upstream app has 3 servers in use"),
    "proxy_next_upstream_tries 2;": (2, ""),
    "proxy_next_upstream_tries 9;": (3, "upstream app has 3 servers in use"),
    "proxy_next_upstream_tries 0;": (3, "upstream app has 3 servers in use"),
    "proxy_next_upstream off;": (1, "proxy_next_upstream is off"),
}


@pytest.mark.parametrize("text", TRIES)
def test_no_more_tries_than_servers(text):
    (fact,) = link(f"server b; server c down; server d backup;|proxy_pass http://app; {text}")["connect.attempts"]
    assert (fact.limit, fact.because) == (Finite(TRIES[text][0]), TRIES[text][1])


SOCKETS = {
    "on": ("kernel", "kernel", "kernel"),
    "off": ("off", None, None),
    "30m::10": ("1800s", "kernel", "10"),
    ":30s:": ("kernel", "30s", "kernel"),
    "10m:1m:3": ("600s", "60s", "3"),
    "30m": ("1800s", "kernel", "kernel"),
    "0:30s": ("kernel", "30s", "kernel"),
}


@pytest.mark.parametrize("value", SOCKETS)
def test_keepalive_of_accepted_sockets(value):
    found = server(f"http {{ server {{ listen 80 so_keepalive={value}; }} }}").facts
    timers = ("accept.tcp_keepalive_time", "accept.tcp_keepalive_interval", "accept.tcp_keepalive_probes")
    assert tuple(found[t][0].value if t in found else None for t in timers) == SOCKETS[value]


def test_keepalive_of_sockets_to_targets_is_the_kernels():
    found = link("|proxy_pass http://app; proxy_socket_keepalive on;")
    timers = ("connect.tcp_keepalive_time", "connect.tcp_keepalive_interval", "connect.tcp_keepalive_probes")
    assert [found[t][0].limit for t in timers] == [Word("kernel")] * 3


NAMES = {
    "proxy_pass http://app;": None,
    "proxy_pass https://app;": "off",
    "proxy_pass https://app; proxy_ssl_server_name on;": "on",
    "grpc_pass grpcs://app; grpc_ssl_server_name on;": "on",
    "fastcgi_pass app;": None,
}


@pytest.mark.parametrize("text", NAMES)
def test_whether_the_host_is_named_to_a_tls_target(text):
    found = link(f"|{text}")
    assert (found["connect.sni"][0].value if "connect.sni" in found else None) == NAMES[text]
    assert ("connect.tls_handshake" in found) == (NAMES[text] is not None)
    if NAMES[text] == "on":
        assert found["connect.sni"][0].because == "the name sent is that of the upstream block, app"


def test_http2_had_an_idle_time_of_its_own():
    text = "http { server { listen 443 ssl http2; %s } }"
    assert facts(server(text % "", "1.18").facts, "accept.idle_close") == [
        "accept.idle_close = 75s (keepalive_timeout, default @ 1:8)",
        "accept.idle_close = 180s (http2_idle_timeout, default @ 1:8)",
    ]
    assert facts(server(text % "http2_idle_timeout 10s;", "1.18").facts, "accept.idle_close") == [
        "accept.idle_close = 75s (keepalive_timeout, default @ 1:8)",
        "accept.idle_close = 10s (http2_idle_timeout, written @ 1:39)",
    ]
    new = server(text % "http2_idle_timeout 10s;", "1.28")
    assert facts(new.facts, "accept.idle_close") == ["accept.idle_close = 75s (keepalive_timeout, default @ 1:8)"]
    assert [(i.kind, i.setting, i.text, str(i.span)) for i in new.issues] == [
        (
            "setting-unknown-in-version",
            "http2_idle_timeout",
            "http2_idle_timeout is ignored since nginx 1.19.7; keepalive_timeout counts for HTTP/2 too",
            "nginx.conf:1:39",
        )
    ]


def test_a_setting_newer_than_the_version():
    found = server("http { keepalive_min_timeout 5s; server { } }", "1.26")
    assert [(i.kind, i.setting, str(i.span)) for i in found.issues] == [
        ("setting-unknown-in-version", "keepalive_min_timeout", "nginx.conf:1:8")
    ]


def test_the_official_image_brings_its_own_main_file():
    web = workload("web", "nginx:1.30", mounts={"conf.d/a.conf": "/etc/nginx/conf.d/default.conf"})
    (found,), _ = read("nginx", {"conf.d/a.conf": "server { listen 80; }\n"}, web)
    (fact,) = found.facts["accept.idle_close"]
    assert (fact.value, fact.origin, fact.because) == (
        "65s",
        "default",
        "the image's own nginx.conf sets keepalive_timeout 65",
    )


STREAM = "stream {\n upstream db { server a:1; server b:1; }\n server { listen 1; proxy_pass db; %s }\n}\n"


def test_a_stream_server_has_timers_of_its_own():
    found = server(STREAM % "proxy_timeout 1h; proxy_socket_keepalive on;", "1.30")
    assert facts(found.facts) == [
        "accept.drain = never (worker_shutdown_timeout, default @ 3:2)",
        "lifecycle.reload_drain = never (worker_shutdown_timeout, default @ 3:2)",
        "accept.tcp_keepalive_time = off (so_keepalive, default @ 3:2)",
        "lifecycle.health_fail_count = 1 (upstream server max_fails, default @ 3:2)",
        "lifecycle.health_interval = 10s (upstream server fail_timeout, default @ 3:2)",
        "lifecycle.slow_start = off (upstream server slow_start, default @ 3:2)",
        "accept.stream_idle = 1h (proxy_timeout, written @ 3:36)",
        "accept.idle_halfclosed = off (proxy_half_close, default @ 3:2)",
    ]
    assert facts(found.links[0].facts) == [
        "connect.stream_idle = 1h (proxy_timeout, written @ 3:36)",
        "connect.connect = 60s (proxy_connect_timeout, default @ 3:2)",
        "connect.attempts = 2 (proxy_next_upstream_tries, default @ 3:2)",
        "connect.retry_total = never (proxy_next_upstream_timeout, default @ 3:2)",
        "connect.tcp_keepalive_time = kernel (proxy_socket_keepalive, written @ 3:54)",
        "connect.tcp_keepalive_interval = kernel (proxy_socket_keepalive, written @ 3:54)",
        "connect.tcp_keepalive_probes = kernel (proxy_socket_keepalive, written @ 3:54)",
        "connect.idle_pool_size = off (upstream keepalive, default @ 3:2)",
        "connect.idle_keep = off (upstream keepalive, default @ 3:2)",
    ]


def test_stream_timers_that_only_some_servers_have():
    found = server(STREAM % "ssl_preread on; proxy_ssl on; proxy_next_upstream off;", "1.30")
    assert facts(found.facts, "accept.header_read") == ["accept.header_read = 30s (preread_timeout, default @ 3:2)"]
    assert facts(found.links[0].facts, "connect.sni", "connect.attempts") == [
        "connect.sni = off (proxy_ssl_server_name, default @ 3:2)",
        "connect.attempts = 1 (proxy_next_upstream, written @ 3:66)",
    ]


LIMITS = {
    "proxy_read_timeout 2w;": Finite(1_209_600_000_000),
    "proxy_read_timeout '1h 30m';": Finite(5_400_000_000),
    "proxy_read_timeout 1m30;": Finite(90_000_000),
    "proxy_read_timeout 0;": Finite(0),
    "proxy_read_timeout 500ms;": Finite(500_000),
    "proxy_read_timeout ${WAIT};": Unknown("filled in later: ${WAIT}"),
    "proxy_read_timeout {WAIT};": Unknown("filled in later: {WAIT}"),
    "proxy_next_upstream_timeout 0;": Never(),
}


@pytest.mark.parametrize("text", LIMITS)
def test_times_as_nginx_reads_them(text):
    timer = "connect.retry_total" if "next" in text else "connect.read_stall"
    assert link(f"|proxy_pass http://app; {text}")[timer][0].limit == LIMITS[text]


def issues(text: str, version: str) -> list:
    return [i for i in server(text, version).issues if i.kind == "keepalive-without-effect"]


GROUP = (
    "http {\n  upstream app { server a; %s }\n  server {\n    %s\n    location / { proxy_pass http://app; }\n  }\n}\n"
)


def place(line: int, column: int, end: int) -> Span:
    return Span("nginx.conf", (line, column), (line, end))


def test_a_pool_that_never_forms_is_told_with_every_place_that_decides():
    (issue,) = issues(GROUP % ("keepalive 8;", "proxy_set_header Host x;"), "1.28")
    assert (issue.setting, issue.value, issue.span, issue.timer) == (
        "upstream keepalive", "8", place(2, 28, 40), "connect.idle_pool_size",
    )  # fmt: skip
    assert issue.text == (
        "keepalive 8 of upstream app has no effect for location /: requests go out as HTTP/1.0 unless "
        'proxy_http_version 1.1 is set and the header Connection: close goes out unless proxy_set_header Connection "" '
        "is set beside the other headers, which replace all of the outer block"
    )
    assert issue.others == (
        (place(5, 18, 40), "requests go out as HTTP/1.0 unless proxy_http_version 1.1 is set"),
        (
            place(4, 5, 29),
            'the header Connection: close goes out unless proxy_set_header Connection "" is set beside the other '
            "headers, which replace all of the outer block",
        ),
    )


@pytest.mark.parametrize(
    ("group", "outer", "version", "told"),
    [
        ("keepalive 8;", "", "1.31", []),
        ("keepalive 8;", "", "", []),
        ("keepalive 8;", "proxy_http_version 1.0;", "", ["upstream keepalive"]),
        ("keepalive 0;", "", "1.31", []),
        ("keepalive ${N};", "", "1.28", []),
        ("keepalive 8; ip_hash;", 'proxy_http_version 1.1; proxy_set_header Connection "";', "1.28", ["upstream keepalive"]),
        ("keepalive_timeout 5s; keepalive_requests 9;", "", "1.28", ["upstream keepalive_timeout", "upstream keepalive_requests"]),
        ("keepalive_timeout 5s;", "", "1.30", []),
        ("keepalive 8;", 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";', "1.28", []),
    ],
)  # fmt: skip
def test_when_a_pool_is_without_effect(group, outer, version, told):
    assert [i.setting for i in issues(GROUP % (group, outer), version)] == told


def test_a_lua_balancer_may_decide_anything():
    text = "http { upstream app { server 0.0.0.1; balancer_by_lua_block { x() } keepalive 8; } server { location / { proxy_pass http://app; } } }"
    found = server(text, "1.31").links[0].facts
    assert [found[t][0].limit for t in ("connect.connect", "connect.idle_keep", "connect.attempts")] == [
        Unknown("a Lua balancer may set it for each request")
    ] * 3


def test_openresty_is_nginx_with_a_version_of_its_own():
    web = workload("web", "openresty/openresty:1.21.4.1-0-jammy", mounts={"nginx.conf": "/etc/nginx/nginx.conf"})
    found = server("http { upstream app { server a; } server { location / { proxy_pass http://app; } } }", "", web)
    assert (found.product, found.name) == ("openresty", "web")
    assert facts(found.facts, "accept.idle_close") == ["accept.idle_close = 75s (keepalive_timeout, default @ 1:35)"]
    assert found.links[0].facts["connect.idle_pool_size"][0].limit == OFF
    new = at_version(found, "1.31.1.1")
    assert new.links[0].facts["connect.idle_pool_size"][0].limit == Finite(32)


NAMES_LOOKED_UP = {
    "|proxy_pass http://app;": ("never", None),
    "|resolver 10.0.0.2 valid=30s; proxy_pass http://app;": ("never", None),
    "|set $b other; resolver 10.0.0.2 valid=30s; resolver_timeout 2s; proxy_pass http://$b;": ("30s", "2s"),
    "|set $b app; proxy_pass http://$b;": ("never", None),
    "server b resolve;|resolver 10.0.0.2; proxy_pass http://app;": ("unknown", "30s"),
}


@pytest.mark.parametrize("text", NAMES_LOOKED_UP)
def test_how_long_an_address_is_kept(text):
    found = link(text, "1.30")
    got = tuple(found[t][0].value if t in found else None for t in ("connect.dns_ttl", "connect.dns_timeout"))
    assert got == NAMES_LOOKED_UP[text]
