"""Traefik: files, flags, environment, labels, Kubernetes objects and 1.x, with places; what versions change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.fact import Setting
from tochain.model.span import Pos, Span

STATIC = """\
entryPoints:
  web:
    address: ":80"
    transport:
      respondingTimeouts:
        idleTimeout: 620s
        readTimeout: 0
      lifeCycle:
        requestAcceptGraceTimeout: 15
  raw:
    address: "127.0.0.1:3306/tcp"
  dns:
    address: ":53/udp"
    udp: {timeout: 10s}
  traefik:
    address: ":8080"
serversTransport:
  maxIdleConnsPerHost: 20
  forwardingTimeouts:
    dialTimeout: 5s
    idleConnTimeout: 40s
providers:
  file: {filename: routes.toml}
"""
DYNAMIC = """\
[http.routers.shop]
  rule = "Host(`shop.example`) && PathPrefix(`/`)"
  entryPoints = ["web"]
  service = "both@file"
  middlewares = ["again@file"]
[http.routers.api]
  rule = 'Host("api.example", "*.api.example")'
  service = "api"
[http.middlewares.again.chain]
  middlewares = ["tries"]
[http.middlewares.tries.retry]
  attempts = 3
  initialInterval = "100ms"
[[http.services.both.weighted.services]]
  name = "api"
[[http.services.both.weighted.services]]
  name = "old"
[http.services.api.loadBalancer]
  serversTransport = "short"
  [[http.services.api.loadBalancer.servers]]
    url = "https://api.internal/"
  [http.services.api.loadBalancer.healthCheck]
    interval = "7s"
[[http.services.old.loadBalancer.servers]]
  url = "h2c://10.0.0.1:9000"
[http.serversTransports.short.forwardingTimeouts]
  idleConnTimeout = "3s"
  responseHeaderTimeout = "20s"
[tcp.routers.db]
  rule = "HostSNI(`*`)"
  entryPoints = ["raw"]
  service = "db"
[[tcp.services.db.loadBalancer.servers]]
  address = "db:3306"
"""


def test_files():
    (web, raw, dns), reports = read("traefik", {"edge/traefik.yml": STATIC, "edge/routes.toml": DYNAMIC})
    assert [(c.name, c.key, str(c.span), [str(a) for a in c.listens], c.names) for c in (web, raw, dns)] == [
        ("traefik", "traefik:edge/traefik.yml#web", "edge/traefik.yml:3:5", ["*:80"], ("shop.example", "api.example")),
        ("traefik", "traefik:edge/traefik.yml#raw", "edge/traefik.yml:11:5", ["127.0.0.1:3306"], ("api.example",)),
        ("traefik", "traefik:edge/traefik.yml#dns", "edge/traefik.yml:13:5", ["*:53"], ()),
    ]
    assert settings(web.settings) == [
        "respondingTimeouts.idleTimeout = 620s @ 6:9-26",
        "respondingTimeouts.readTimeout = 0 @ 7:9-23",
        "lifeCycle.requestAcceptGraceTimeout = 15 @ 9:9-38",
        "loadBalancer.healthCheck.interval = 7s @ 23:5-20",
        "forwardingTimeouts.dialTimeout = 5s @ 20:5-20",
        "forwardingTimeouts.idleConnTimeout = 40s @ 21:5-25",
        "maxIdleConnsPerHost = 20 @ 18:3-26",
    ]
    assert links(web) == [
        "api.internal:443 http router shop @ 21:5",
        "10.0.0.1:9000 http2 router shop @ 25:3",
        "api.internal:443 http router api @ 21:5",
    ]
    assert links(raw) == ["api.internal:443 http router api @ 21:5", "db:3306 tcp router db @ 34:3"]
    assert [settings(link.settings) for link in (*web.links, raw.links[1])] == [
        [
            "serversTransport = short @ 19:3-29",
            "forwardingTimeouts.responseHeaderTimeout = 20s @ 28:3-32",
            "forwardingTimeouts.idleConnTimeout = 3s @ 27:3-25",
            "retry.attempts = 3 @ 12:3-15",
            "retry.initialInterval = 100ms @ 13:3-28",
        ],
        [
            "forwardingTimeouts.dialTimeout = 5s @ 20:5-20",
            "forwardingTimeouts.idleConnTimeout = 40s @ 21:5-25",
            "maxIdleConnsPerHost = 20 @ 18:3-26",
            "retry.attempts = 3 @ 12:3-15",
            "retry.initialInterval = 100ms @ 13:3-28",
        ],
        [
            "serversTransport = short @ 19:3-29",
            "forwardingTimeouts.responseHeaderTimeout = 20s @ 28:3-32",
            "forwardingTimeouts.idleConnTimeout = 3s @ 27:3-25",
        ],
        [],
    ]
    assert {path: report.status for path, report in reports.items()} == {
        "edge/traefik.yml": "understood", "edge/routes.toml": "understood",
    }  # fmt: skip


def test_facts():
    (web, _, dns), _ = read("traefik", {"edge/traefik.yml": STATIC, "edge/routes.toml": DYNAMIC})
    assert [line for line in facts(web.facts) if not line.startswith("connect.")] == [
        "accept.idle_close = 620s (respondingTimeouts.idleTimeout, written @ 6:9)",
        "accept.request_read = never (respondingTimeouts.readTimeout, written @ 7:9)",
        "accept.header_read = never (respondingTimeouts.readTimeout, written @ 7:9)",
        "accept.request_total = never (respondingTimeouts.writeTimeout, default @ 3:5)",
        "accept.max_requests = never (transport.keepAliveMaxRequests, default @ 3:5)",
        "accept.max_age = never (transport.keepAliveMaxTime, default @ 3:5)",
        "accept.drain = 10s (lifeCycle.graceTimeOut, default @ 3:5)",
        "lifecycle.drain = 10s (lifeCycle.graceTimeOut, default @ 3:5)",
        "lifecycle.pre_stop = 15s (lifeCycle.requestAcceptGraceTimeout, written @ 9:9)",
        "accept.stream_idle = never ((no idle limit for WebSocket and TCP), fixed @ 3:5)",
        "accept.tcp_keepalive_time = 180s ((listener keepalive), fixed @ 3:5)",
        "lifecycle.health_interval = 7s (loadBalancer.healthCheck.interval, written @ 23:5)",
        "lifecycle.health_timeout = 5s (loadBalancer.healthCheck.timeout, default @ 3:5)",
        "lifecycle.health_fail_count = 1 ((active check), fixed @ 3:5)",
    ]
    assert facts(web.links[0].facts) == [
        "connect.tcp_keepalive_time = 30s ((dialer keepalive), fixed @ 3:5)",
        "connect.connect = 30s (forwardingTimeouts.dialTimeout, default @ 3:5)",
        "connect.tls_handshake = 10s ((TLS handshake), fixed @ 3:5)",
        "connect.response_header = 20s (forwardingTimeouts.responseHeaderTimeout, written @ 28:3)",
        "connect.read_stall = never ((no read limit towards backends), fixed @ 3:5)",
        "connect.request_total = never ((no such setting), fixed @ 3:5)",
        "connect.idle_keep = 3s (forwardingTimeouts.idleConnTimeout, written @ 27:3)",
        "connect.idle_pool_size = 2 (maxIdleConnsPerHost, default @ 3:5)",
        "connect.ping_interval = off (forwardingTimeouts.readIdleTimeout, default @ 3:5)",
        "connect.ping_timeout = 15s (forwardingTimeouts.pingTimeout, default @ 3:5)",
        "connect.attempts = 3 (retry.attempts, written @ 12:3)",
        "connect.retry_backoff = 100ms (retry.initialInterval, written @ 13:3)",
        "connect.retry_total = never (retry.timeout, default @ 3:5)",
        "connect.stale_retry = idempotent ((stale reuse), fixed @ 3:5)",
        "connect.honours_hint = off ((keep-alive hint), fixed @ 3:5)",
    ]
    assert facts(dns.facts, "flow.idle_udp", "connect.idle_keep", "accept.idle_close") == [
        "flow.idle_udp = 10s (udp.timeout, written @ 14:11)"
    ]


PROXY = workload(
    "proxy", "traefik:v2.11.0", "--entryPoints.web.address=:80 --providers.docker --serverstransport.forwardingtimeouts.idleconntimeout=20",
    env={"TRAEFIK_ENTRYPOINTS_WEB_TRANSPORT_RESPONDINGTIMEOUTS_READTIMEOUT": workload("x", "30s").image}, ports={8000: 80},
)  # fmt: skip


def labelled(name, *labels):
    made = {}
    for line, label in enumerate(labels, start=3):
        key, _, value = label.partition("=")
        made[f"label:{key}"] = (
            Setting(f"label:{key}", value, Span("compose.yaml", Pos(line, 9), Pos(line, 9 + len(label)))),
        )
    return replace(workload(name, "shop", ports={9999: 3000}), settings=made)


def test_flags_environment_and_labels():
    shop = labelled(
        "shop", "traefik.enable=true", "traefik.http.Routers.Shop.Rule=Host(`shop.example`)", "traefik.http.routers.shop.middlewares=retry@docker",
        "traefik.http.services.shop.loadbalancer.server.port=3000", "traefik.http.middlewares.retry.retry.attempts=2",
    )  # fmt: skip
    bare = labelled("bare", "traefik.enable=true")
    off = labelled("off", "traefik.enable=false", "traefik.http.routers.off.rule=Host(`off.example`)")
    (web,), reports = read("traefik", {}, PROXY, shop, bare, off)
    assert (web.name, web.workload, web.scope, str(web.versions), web.names) == (
        "proxy", PROXY.key, "compose:compose.yaml", "2.11.0", ("shop.example",),
    )  # fmt: skip
    assert [str(address) for address in web.listens] == ["*:80"]
    assert [(link.target.ref, link.target.port, link.label, str(link.span)) for link in web.links] == [
        (shop.key, 3000, "router shop", "compose.yaml:6:9"),
        (bare.key, 3000, "router bare", "compose.yaml:3:9"),
    ]
    assert settings(web.links[0].settings) == [
        "forwardingTimeouts.idleConnTimeout = 20 @ 1:1-2",
        "retry.attempts = 2 @ 7:9-56",
    ]
    assert [line.partition(" (")[0] for line in facts(web.links[0].facts, "connect.idle_keep", "connect.attempts", "connect.idle_pool_size")] == [
        "connect.idle_keep = 20s", "connect.attempts = 2", "connect.idle_pool_size = 200",
    ]  # fmt: skip
    assert facts(web.facts, "accept.request_read") == [
        "accept.request_read = 30s (respondingTimeouts.readTimeout, written @ 1:1)"
    ]
    assert reports == {}


def test_labels_without_a_traefik_make_one():
    shop = labelled("shop", "traefik.http.routers.shop.rule=Host(`shop.example`)")
    (found,), _ = read("traefik", {}, shop)
    assert (found.name, found.key, found.scope, found.listens) == (
        "traefik",
        "traefik:compose:compose.yaml",
        "compose:compose.yaml",
        (),
    )
    assert [link.target.ref for link in found.links] == [shop.key]


@pytest.mark.parametrize(
    ("tag", "read_limit"),
    [
        ("v2.10", "never"),
        ("v2.11.0", "never"),
        ("v2.11.2", "60s"),
        ("v3.1", "60s"),
        ("latest", "never or 60s"),
        ("1.7", "never"),
    ],
)
def test_read_timeout_by_version(tag, read_limit):
    (found,), _ = read("traefik", {}, workload("proxy", f"traefik:{tag}"))
    assert [fact.value for fact in found.facts["accept.request_read"]] == [read_limit]


POOLS = [
    ("maxIdleConnsPerHost: -1", "off", "off"),
    ("maxIdleConnsPerHost: 0", "90s", "2"),
    ("maxIdleConnsPerHost: 7", "90s", "7"),
    ("forwardingTimeouts: {idleConnTimeout: 0}", "never", "200"),
]


@pytest.mark.parametrize(("text", "keep", "size"), POOLS)
def test_pools(text, keep, size):
    (found,), _ = read(
        "traefik",
        {
            "traefik.yaml": f"entryPoints: {{web: {{address: ':80'}}}}\nserversTransport:\n  {text}\nhttp:\n  routers: {{r: {{rule: x, service: s}}}}\n  services: {{s: {{loadBalancer: {{servers: [{{url: 'http://a:1'}}]}}}}}}\n"
        },
    )
    both = {**found.facts, **found.links[0].facts}
    assert [both[timer][0].value for timer in ("connect.idle_keep", "connect.idle_pool_size")] == [keep, size]


def test_idle_timeout_of_0_falls_back_to_the_read_timeout():
    text = "entryPoints: {web: {address: ':80', transport: {respondingTimeouts: {idleTimeout: 0, readTimeout: 9s}}}}\n"
    (found,), _ = read("traefik", {"traefik.yaml": text})
    assert facts(found.facts, "accept.idle_close") == [
        "accept.idle_close = 9s (respondingTimeouts.readTimeout, written @ 1:86)"
    ]


V1 = """\
defaultEntryPoints = ["http"]
graceTimeOut = "4s"
[entryPoints.http]
address = ":80"
[respondingTimeouts]
idleTimeout = "360s"
[forwardingTimeouts]
dialTimeout = "1s"
[retry]
attempts = 2
[backends.app.servers.one]
url = "http://172.17.0.2:80"
[frontends.app]
backend = "app"
[frontends.app.routes.one]
rule = "Host: a.example, b.example"
"""


def test_version_1():
    (found,), _ = read("traefik", {"traefik.toml": V1})
    assert (str(found.versions), found.names, links(found)) == (
        "<2.0", ("a.example", "b.example"), ["172.17.0.2:80 http frontend app @ 12:1"],
    )  # fmt: skip
    assert settings(found.settings) == [
        "respondingTimeouts.idleTimeout = 360s @ 6:1-21",
        "lifeCycle.graceTimeOut = 4s @ 2:1-20",
        "forwardingTimeouts.dialTimeout = 1s @ 8:1-19",
    ]
    assert settings(found.links[0].settings) == [
        "forwardingTimeouts.dialTimeout = 1s @ 8:1-19",
        "retry.attempts = 2 @ 10:1-13",
    ]


KUBE = """\
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: shop, namespace: prod}
spec:
  entryPoints: [web]
  routes:
  - match: Host(`shop.example`)
    kind: Rule
    middlewares: [{name: tries}]
    services:
    - {name: shop, port: 80, serversTransport: short}
    - {name: spread, kind: TraefikService}
---
apiVersion: traefik.io/v1alpha1
kind: TraefikService
metadata: {name: spread, namespace: prod}
spec:
  weighted:
    services: [{name: old, port: 8080, scheme: h2c}, {name: spread, kind: TraefikService}]
---
apiVersion: traefik.io/v1alpha1
kind: ServersTransport
metadata: {name: short, namespace: prod}
spec:
  maxIdleConnsPerHost: 50
  forwardingTimeouts: {idleConnTimeout: 3s}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: tries, namespace: prod}
spec: {retry: {attempts: 4}}
---
apiVersion: v1
kind: Service
metadata:
  name: api
  namespace: prod
  annotations: {traefik.ingress.kubernetes.io/service.serverstransport: prod-short@kubernetescrd}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: api, namespace: prod}
spec:
  ingressClassName: traefik
  rules:
  - host: api.example
    http:
      paths: [{path: /v1, backend: {service: {name: api, port: {number: 80}}}}]
"""


def test_kubernetes_objects():
    (found,), reports = read("traefik", {"k8s.yaml": KUBE})
    assert (found.name, found.key, found.scope, found.names) == (
        "traefik", "traefik:kubernetes", "k8s:prod", ("shop.example", "api.example"),
    )  # fmt: skip
    assert links(found) == [
        "shop.prod:80 http IngressRoute shop @ 11:14",
        "old.prod:8080 http2 IngressRoute shop @ 19:23",
        "api.prod:80 http api.example/v1 @ 48:53",
    ]
    assert [settings(link.settings) for link in found.links] == [
        [
            "serversTransport = short @ 11:48-53",
            "forwardingTimeouts.idleConnTimeout = 3s @ 26:24-43",
            "maxIdleConnsPerHost = 50 @ 25:3-26",
            "retry.attempts = 4 @ 31:16-27",
        ],
        ["retry.attempts = 4 @ 31:16-27"],
        [
            "serversTransport = prod-short@kubernetescrd @ 38:73-97",
            "forwardingTimeouts.idleConnTimeout = 3s @ 26:24-43",
            "maxIdleConnsPerHost = 50 @ 25:3-26",
        ],
    ]
    assert reports["k8s.yaml"].status == "understood"


def test_objects_belong_to_the_traefik_of_the_cluster():
    running = replace(workload("edge", "traefik:v3.0"), scope="k8s:traefik", key="k8s:traefik/Deployment/edge")
    (found,), _ = read("traefik", {"k8s.yaml": KUBE}, running)
    assert (found.name, found.workload, len(found.links)) == ("edge", running.key, 3)


def test_files_of_others_are_left_alone():
    texts = {
        "compose.yaml": "services: {web: {image: traefik}}\n",
        "http.yaml": "http: {port: 80}\n",
        "x.yaml": "- entryPoints\n",
    }
    assert read("traefik", texts) == ([], {})


@given(st.recursive(st.none() | st.integers(0, 9) | st.sampled_from(["web", "5s"]), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["http", "routers", "services", "entryPoints", "web", "loadBalancer", "servers", "url", "weighted", "middlewares", "retry", "rule", "service"]),
    inner, max_size=4), max_leaves=25))  # fmt: skip
def test_wrong_types_are_no_error(data):
    import json

    read(
        "traefik",
        {"traefik.yaml": json.dumps({"entryPoints": data, "http": data, "backends": data, "frontends": data})},
    )


TRANSPORTS = [
    ("traefik.yml", "serversTransport: {forwardingTimeouts: {idleConnTimeout: 20s}}\n"),
    ("dynamic.yml", "http: {serversTransports: {short: {forwardingTimeouts: {idleConnTimeout: 20s}}}}\n"),
    (
        "k8s.yml",
        "apiVersion: traefik.io/v1alpha1\nkind: ServersTransport\nmetadata: {name: s}\nspec: {forwardingTimeouts: {idleConnTimeout: 20s}}\n",
    ),
]


@pytest.mark.parametrize(("path", "text"), TRANSPORTS)
def test_a_transport_without_routes_holds_for_the_whole(path, text):
    (found,), _ = read("traefik", {path: text})
    assert [fact.value for fact in found.facts["connect.idle_keep"]] == ["20s"]


VALUES = """\
ports:
  web:
    port: 8000
    exposedPort: 80
    transport: {respondingTimeouts: {idleTimeout: 620s}}
  metrics: {port: 9100}
additionalArguments:
- "--serversTransport.forwardingTimeouts.idleConnTimeout=20s"
"""


def test_values_of_the_helm_chart():
    (web, metrics), reports = read(
        "traefik", {"traefik/values.yaml": VALUES, "other/values.yaml": "ports: {web: {port: 1}}\n"}
    )
    assert [(c.key, [str(a) for a in c.listens]) for c in (web, metrics)] == [
        ("traefik:traefik/values.yaml#web", ["*:80"]),
        ("traefik:traefik/values.yaml#metrics", ["*:9100"]),
    ]
    assert settings(web.settings) == [
        "respondingTimeouts.idleTimeout = 620s @ 5:38-55",
        "forwardingTimeouts.idleConnTimeout = 20s @ 8:3-62",
    ]
    assert sorted(reports) == ["traefik/values.yaml"]
