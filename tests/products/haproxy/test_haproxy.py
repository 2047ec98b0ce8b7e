"""HAProxy: inheritance, sides, connection modes, versions, links; with places."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, links, read, settings, workload
from tochain.check import sample
from tochain.model.component import Word
from tochain.model.span import Pos, Span

CONFIG = """\
global
    hard-stop-after 30s
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 1m
defaults slow
    mode http
    timeout connect 4
    timeout server 10m

frontend web
    bind *:80
    bind :8443 ssl crt /etc/pem alpn h2,http/1.1 tcp-ut 15s
    timeout client 50s
    timeout http-keep-alive 65s
    use_backend api if { path_beg /api }
    use_backend %[req.hdr(host)]
    default_backend app

backend api from slow
    timeout tunnel 1h
    default-server check inter 3s fall 2
    server a1 app:3000
    server a2 [fd00::2]:3000 ssl sni req.hdr(host) inter 1000 pool-purge-delay 2s
    server a3 "${HOST}:80" disabled

backend app
    option http-server-close
    server-template w 3 web:8000

listen pg
    mode tcp
    bind 127.0.0.1:5432
    option tcpka
    option pgsql-check user probe
    server db unix@/run/pg.sock check
"""


def one(text: str, *more: str, version: str = "", timers: tuple[str, ...] = ()) -> list[str]:
    """Facts of the first component of a configuration, run by an image of the version."""
    owner = (workload("lb", f"haproxy:{version}"),) if version else ()
    found, _ = read("haproxy", {"haproxy.cfg": text}, *owner)
    return facts(found[0].facts, *timers)


def link_facts(text: str, *timers: str, version: str = "2.8.3") -> list[str]:
    found, _ = read("haproxy", {"haproxy.cfg": text}, workload("lb", f"haproxy:{version}"))
    return facts(found[0].links[0].facts, *timers)


def test_components_and_where_they_listen() -> None:
    found, reports = read("haproxy", {"vm/haproxy.cfg": CONFIG})
    assert [(c.key, c.name, c.product, c.kind, c.protocol, c.scope, [str(a) for a in c.listens]) for c in found] == [
        ("haproxy:vm/haproxy.cfg#web", "web", "haproxy", "proxy", "http", "dir:vm", ["*:80", "*:8443"]),
        ("haproxy:vm/haproxy.cfg#pg", "pg", "haproxy", "proxy", "tcp", "dir:vm", ["127.0.0.1:5432"]),
    ]
    assert (reports["vm/haproxy.cfg"].status, reports["vm/haproxy.cfg"].problems) == ("understood", [])


def test_settings_of_a_frontend_are_its_own_inherited_ones_and_those_behind_it() -> None:
    found, _ = read("haproxy", {"haproxy.cfg": CONFIG})
    assert settings(found[0].settings) == [
        "hard-stop-after = 30s @ 2:5-24 inherited",
        "mode = http @ 9:5-14 inherited",
        "timeout client = 50s @ 16:5-23",
        "timeout http-keep-alive = 65s @ 17:5-32",
        "bind tcp-ut = 15s @ 15:50-60",
        "timeout connect = 4 @ 10:5-22 inherited",
        "timeout server = 10m @ 11:5-23 inherited",
        "timeout tunnel = 1h @ 23:5-22",
        "check = on @ 24:20-25 inherited",
        "inter = 3s @ 24:26-34 inherited",
        "inter = 1000 @ 26:52-62",
        "fall = 2 @ 24:35-41 inherited",
        "ssl = on @ 26:30-33",
        "sni = req.hdr(host) @ 26:34-51",
        "pool-purge-delay = 2s @ 26:63-82",
        "disabled = on @ 27:28-36",
    ]


def test_links_lead_to_the_servers_of_the_backends() -> None:
    found, _ = read("haproxy", {"haproxy.cfg": CONFIG})
    assert links(found[0]) == [
        "the request chooses the backend  frontend web @ 19:5",
        "app:3000 http backend api @ 25:5",
        "fd00::2:3000 http backend api @ 26:5",
        "the address is filled in from ${HOST}:80 http backend api @ 27:5",
        "web:8000 http backend app @ 31:5",
    ]
    assert links(found[1]) == ["unix:/run/pg.sock postgresql listen pg @ 38:5"]


def test_links_have_the_timers_of_their_backend_and_server() -> None:
    found, _ = read("haproxy", {"haproxy.cfg": CONFIG})
    timers = ("connect.connect", "connect.response_header", "connect.idle_keep", "connect.sni", "connect.stream_idle")
    assert facts(found[0].links[1].facts, *timers) == [
        "connect.connect = 4ms (timeout connect, inherited @ 10:5)",
        "connect.response_header = 600s (timeout server, inherited @ 11:5)",
        "connect.idle_keep = 15s or never (pool-purge-delay, default @ 13:1)",
        "connect.stream_idle = 1h (timeout tunnel, written @ 23:5)",
    ]
    assert facts(found[0].links[2].facts, *timers[2:4]) == [
        "connect.idle_keep = 6s or never (pool-purge-delay, written @ 26:63)",
        "connect.sni = req.hdr(host) (sni, written @ 26:34)",
    ]
    assert facts(found[0].links[4].facts, *timers[2:3]) == [
        "connect.idle_keep = off (option http-server-close, written @ 30:5)"
    ]


def test_all_timers_in_mode_tcp() -> None:
    found, _ = read("haproxy", {"haproxy.cfg": CONFIG})
    assert facts(found[1].facts) == [
        "accept.stream_idle = never (timeout client, default @ 33:1)",
        "connect.stream_idle = 600s (timeout server, inherited @ 11:5)",
        "accept.tcp_keepalive_time = kernel (option clitcpka, written @ 36:5)",
        "connect.tcp_keepalive_time = kernel (option srvtcpka, written @ 36:5)",
        "accept.idle_close = never (timeout client, default @ 33:1)",
        "accept.body_read = never (timeout client, default @ 33:1)",
        "accept.send_stall = never (timeout client, default @ 33:1)",
        "accept.idle_halfclosed = never (timeout client-fin, default @ 33:1)",
        "connect.idle_halfclosed = 600s (timeout server-fin, inherited @ 11:5)",
        "accept.tls_handshake = never (timeout client-hs, default @ 33:1)",
        "accept.tcp_keepalive_interval = kernel (option clitcpka, written @ 36:5)",
        "accept.tcp_keepalive_probes = kernel (option clitcpka, written @ 36:5)",
        "connect.tcp_keepalive_interval = kernel (option srvtcpka, written @ 36:5)",
        "connect.tcp_keepalive_probes = kernel (option srvtcpka, written @ 36:5)",
        "accept.tcp_user_timeout = off (bind tcp-ut, default @ 33:1)",
        "connect.tcp_user_timeout = off (server tcp-ut, default @ 33:1)",
        "connect.connect = 4ms (timeout connect, inherited @ 10:5)",
        "connect.tls_handshake = 4ms (timeout connect, inherited @ 10:5)",
        "connect.read_stall = 600s (timeout server, inherited @ 11:5)",
        "connect.send_stall = 600s (timeout server, inherited @ 11:5)",
        "connect.request_total = never ((no such setting), fixed @ 33:1)",
        "connect.attempts = 4 (retries, default @ 33:1)",
        "connect.retry_backoff = 1s ((turn-around), fixed @ 33:1)",
        "connect.pool_wait = 4ms (timeout queue, inherited @ 10:5)",
        "lifecycle.health_interval = 2s (inter, default @ 33:1)",
        "lifecycle.health_timeout = 2s (timeout check, default @ 33:1)",
        "lifecycle.health_fail_count = 3 (fall, default @ 33:1)",
        "lifecycle.health_ok_count = 2 (rise, default @ 33:1)",
        "lifecycle.slow_start = off (slowstart, default @ 33:1)",
        "lifecycle.reload_drain = 30s (hard-stop-after, inherited @ 2:5)",
        "accept.drain = 30s (hard-stop-after, inherited @ 2:5)",
        "lifecycle.pre_stop = off (grace, default @ 33:1)",
        "connect.dns_ttl = never (timeout resolve, default @ 33:1)",
    ]


HTTP = "defaults\n  mode http\n  timeout client 30s\n{more}\nlisten a\n  bind :80\n  server s app:80\n"


@pytest.mark.parametrize(
    ("more", "version", "expected"),
    [
        ("", "3.0.1", "30s (timeout http-keep-alive, inherited @ 3:3)"),
        ("  timeout http-request 7s", "3.0.1", "7s (timeout http-keep-alive, inherited @ 4:3)"),
        ("  timeout http-keep-alive 65s", "3.0.1", "65s (timeout http-keep-alive, inherited @ 4:3)"),
        ("  timeout http-keep-alive 65s", "2.6.12", "30s (timeout client, inherited @ 3:3)"),
        ("  timeout http-keep-alive 65s", "2.5", "30s (timeout client, inherited @ 3:3)"),
        ("  timeout http-keep-alive 65s", "2.8", "30s or 65s (timeout http-keep-alive, inherited @ 4:3)"),
        ("  timeout http-keep-alive 65s", "latest", "30s or 65s (timeout http-keep-alive, inherited @ 4:3)"),
        ("  timeout http-keep-alive 5s", "2.6.12", "5s (timeout http-keep-alive, inherited @ 4:3)"),
        ("  option httpclose", "3.0.1", "off (option httpclose, inherited @ 4:3)"),
        ('  timeout http-keep-alive "$KA"', "3.0.1", "unknown (timeout http-keep-alive, inherited @ 4:3)"),
        (".if 0\n timeout http-keep-alive 9s\n.endif", "3.0.1", "30s (timeout http-keep-alive, inherited @ 3:3)"),
        (".if 1\n timeout http-keep-alive 9s\n.endif", "3.0.1", "9s (timeout http-keep-alive, inherited @ 5:2)"),
        (
            ".if defined(X)\n timeout http-keep-alive 9s\n.endif",
            "3.0.1",
            "unknown (timeout http-keep-alive, inherited @ 5:2)",
        ),
    ],
)
def test_idle_time_of_client_connections(more: str, version: str, expected: str) -> None:
    assert one(HTTP.format(more=more), version=version, timers=("accept.idle_close",)) == [
        f"accept.idle_close = {expected}"
    ]


@pytest.mark.parametrize(
    ("more", "version", "expected"),
    [
        ("", "2.8.3", "15s or never (pool-purge-delay, default @ 5:1)"),
        ("", "1.9.4", "3s or never (pool-purge-delay, default @ 5:1)"),
        ("", "1.8.30", "30s (timeout client, inherited @ 3:3)"),
        ("  http-reuse never", "2.8.3", "30s (timeout client, inherited @ 3:3)"),
        ("  http-reuse never\n  timeout http-keep-alive 4s", "2.8.3", "4s (timeout http-keep-alive, inherited @ 5:3)"),
        ("  option http-server-close", "2.8.3", "off (option http-server-close, inherited @ 4:3)"),
        ("  option httpclose", "2.8.3", "off (option httpclose, inherited @ 4:3)"),
        ("  option httpclose\n  no option httpclose", "2.8.3", "15s or never (pool-purge-delay, default @ 6:1)"),
        ("  default-server pool-purge-delay 1s", "2.8.3", "3s or never (pool-purge-delay, inherited @ 4:18)"),
        ("  default-server pool-max-conn 0", "2.8.3", "off (pool-max-conn, inherited @ 4:18)"),
    ],
)
def test_idle_time_of_server_connections(more: str, version: str, expected: str) -> None:
    assert link_facts(HTTP.format(more=more), "connect.idle_keep", version=version) == [
        f"connect.idle_keep = {expected}"
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            "",
            [
                "connect.attempts = 4 (retries, default @ 5:1)",
                "connect.stale_retry = none ((stale reuse), fixed @ 5:1)",
            ],
        ),
        (
            "  retries 1\n  retry-on conn-failure empty-response",
            [
                "connect.attempts = 2 (retries, inherited @ 4:3)",
                "connect.stale_retry = all (retry-on, inherited @ 5:3)",
            ],
        ),
        (
            "  retries 0\n  retry-on all-retryable-errors",
            [
                "connect.attempts = 1 (retries, inherited @ 4:3)",
                "connect.stale_retry = none ((stale reuse), fixed @ 6:1)",
            ],
        ),
    ],
)
def test_retries(more: str, expected: list[str]) -> None:
    assert link_facts(HTTP.format(more=more), "connect.attempts", "connect.stale_retry") == expected


@pytest.mark.parametrize(
    ("options", "version", "expected"),
    [
        ("ssl verify none", "2.8.3", ["connect.sni = off (sni, default @ 5:1)"]),
        ("ssl verify none", "3.3.0", ["connect.sni = on (sni, default @ 5:1)"]),
        ("ssl verify none", "latest", ["connect.sni = off or on (sni, default @ 5:1)"]),
        ("ssl sni str(a.example)", "2.8.3", ["connect.sni = str(a.example) (sni, written @ 7:23)"]),
        ("", "3.3.0", []),
    ],
)
def test_server_name_indication(options: str, version: str, expected: list[str]) -> None:
    text = HTTP.format(more="").replace("server s app:80", f"server s app:80 {options}")
    assert link_facts(text, "connect.sni", version=version) == expected


def test_keepalive_timings_count_in_seconds_and_need_their_option() -> None:
    timers = ("accept.tcp_keepalive_time", "accept.tcp_keepalive_interval")
    on = HTTP.format(more="  option clitcpka\n  clitcpka-idle 30")
    assert one(on, timers=timers) == [
        "accept.tcp_keepalive_time = 30s (clitcpka-idle, inherited @ 5:3)",
        "accept.tcp_keepalive_interval = kernel (option clitcpka, inherited @ 4:3)",
    ]
    off = HTTP.format(more="  clitcpka-idle 30")
    assert one(off, timers=timers) == [
        "accept.tcp_keepalive_time = off (option clitcpka, default @ 5:1)",
        "accept.tcp_keepalive_interval = off (option clitcpka, default @ 5:1)",
    ]
    found, _ = read("haproxy", {"haproxy.cfg": off})
    assert [(i.kind, i.text, str(i.span)) for i in found[0].issues] == [
        (
            "setting-without-effect",
            "clitcpka-idle has no effect without option clitcpka (or option tcpka)",
            "haproxy.cfg:4:3",
        )
    ]


def test_settings_on_the_wrong_side_have_no_effect() -> None:
    text = (
        "frontend f\n  mode http\n  timeout server 9s\n  default_backend b\n"
        "backend b\n  mode http\n  timeout client 9s\n  timeout http-keep-alive 10s\n  server s app:80\n"
        "listen t\n  timeout http-keep-alive 1s\n"
    )
    found, _ = read("haproxy", {"haproxy.cfg": text})
    assert [(i.kind, i.setting, i.text, str(i.span)) for c in found for i in c.issues] == [
        (
            "setting-without-effect",
            "timeout server",
            "timeout server in frontend f has no effect: it acts towards servers and is read from the backend only",
            "haproxy.cfg:3:3",
        ),
        (
            "setting-without-effect",
            "timeout client",
            "timeout client in backend b has no effect: it acts towards clients and is read from the frontend only",
            "haproxy.cfg:7:3",
        ),
        (
            "setting-without-effect",
            "timeout http-keep-alive",
            "timeout http-keep-alive in backend b has no effect: it acts towards clients "
            "and is read from the frontend only",
            "haproxy.cfg:8:3",
        ),
        (
            "setting-without-effect",
            "timeout http-keep-alive",
            "timeout http-keep-alive in listen t has no effect in mode tcp",
            "haproxy.cfg:11:3",
        ),
    ]


def test_a_workload_gives_name_scope_version_and_variables() -> None:
    text = (
        'frontend f\n  bind :80\n  mode http\n  timeout client "${CLIENT}"\n  default_backend b\n'
        'backend b\n  mode http\n  server s "$HOST:80"\n'
    )
    at = Span("compose.yaml", Pos(9, 9), Pos(9, 19))
    lb = workload(
        "lb",
        "haproxy:2.4-alpine",
        mounts={"conf/haproxy.cfg": "/usr/local/etc/haproxy/haproxy.cfg"},
        env={"CLIENT": Word("90s", at), "HOST": Word("app", at)},
    )
    [component], _ = read("haproxy", {"conf/haproxy.cfg": text}, lb)
    assert (component.name, component.names, component.scope, component.workload, str(component.versions)) == (
        "lb",
        ("f",),
        "compose:compose.yaml",
        "compose:compose.yaml#lb",
        "2.4",
    )
    assert facts(component.facts, "accept.body_read") == ["accept.body_read = 90s (timeout client, written @ 4:3)"]
    assert links(component) == ["app:80 http backend b @ 8:3"]


def test_files_of_one_folder_are_one_configuration_behind_the_main_file() -> None:
    found, _ = read(
        "haproxy",
        {
            "etc/haproxy.cfg": "defaults\n  mode http\n  timeout client 9s\n",
            "etc/haproxy.d/20.cfg": "backend b\n  server s app:80\n",
            "etc/haproxy.d/10.cfg": "frontend f\n  bind :80\n  default_backend b\n",
        },
    )
    assert [(c.key, links(c), facts(c.facts, "accept.body_read")) for c in found] == [
        (
            "haproxy:etc/haproxy.d/10.cfg#f",
            ["app:80 http backend b @ 2:3"],
            ["accept.body_read = 9s (timeout client, inherited @ 3:3)"],
        )
    ]


def test_problems_have_places() -> None:
    text = "frontend f from nowhere\n  bind :80\n  default_backend gone\n  server\n"
    _, reports = read("haproxy", {"haproxy.cfg": text})
    assert [(p.message, str(p.span)) for p in reports["haproxy.cfg"].problems] == [
        ("there is no defaults section called 'nowhere' above", "haproxy.cfg:1:17"),
        ("expected a name and an address behind server", "haproxy.cfg:4:3"),
        ("there is no backend called 'gone'", "haproxy.cfg:3:3"),
    ]


def test_a_bare_number_below_a_hundred_is_hardly_meant_in_milliseconds() -> None:
    [component], _ = read("haproxy", {"haproxy.cfg": "listen a\n  timeout client 50\n  timeout server 50s\n"})
    assert [(i.kind, i.setting, i.text, str(i.span)) for i in component.issues] == [
        (
            "suspicious-unit",
            "timeout client",
            "timeout client 50 is 50 milliseconds; 50 seconds would be 50s",
            "haproxy.cfg:2:3",
        )
    ]


def test_a_server_without_an_address_is_wherever_the_client_dialled() -> None:
    found, _ = read("haproxy", {"haproxy.cfg": "listen a\n  bind :80\n  server s *\n  server t 0.0.0.0:0\n"})
    assert links(found[0]) == [
        "the target is the address the client dialled  listen a @ 3:3",
        "the target is the address the client dialled  listen a @ 4:3",
    ]


def test_a_configmap_that_a_pod_mounts() -> None:
    """It is the pod's configuration, with the places of the manifest."""
    manifest = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: lb}
data:
  haproxy.cfg: |
    defaults
      mode http
      timeout http-keep-alive 7s
      timeout client 30s
    frontend fe
      bind :8080
---
apiVersion: v1
kind: Pod
metadata: {name: edge}
spec:
  volumes: [{name: c, configMap: {name: lb}}]
  containers:
    - {name: haproxy, image: "haproxy:2.9.1", volumeMounts: [{name: c, mountPath: /usr/local/etc/haproxy}]}
"""
    found = [c for c in sample({"k8s.yaml": manifest}).graph.components if c.product == "haproxy"]
    (fact,) = found[0].facts["accept.idle_close"]
    assert [(c.name, str(c.versions)) for c in found] == [("edge", "2.9.1")]
    assert (fact.value, fact.span.path, fact.span.start.line) == ("7s", "k8s.yaml", 8)
