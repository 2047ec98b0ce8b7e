"""The two nginx controllers: whose an Ingress is, which settings hold for a backend, what is refused."""

from __future__ import annotations

import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from tests.products.kubernetes_mutants import ANYTHING, mutated, walk
from tests.products.texts import facts, links, read, settings

COMMUNITY = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: prod
  annotations:
    nginx.ingress.kubernetes.io/proxy-read-timeout: "120"
    nginx.ingress.kubernetes.io/proxy-send-timeout: 30s
    nginx.ingress.kubernetes.io/proxy-ssl-server-name: "on"
    nginx.ingress.kubernetes.io/auth-keepalive-timeout: "5"
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example
    http: {paths: [{path: /api, backend: {service: {name: api, port: {number: 8080}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: rpc
  namespace: prod
  annotations: {nginx.ingress.kubernetes.io/backend-protocol: grpc}
spec: {ingressClassName: nginx, defaultBackend: {service: {name: rpc, port: {name: grpc}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data: {upstream-keepalive-timeout: "20", keep-alive: 75s, proxy-stream-timeout: 30s, proxy-connect-timeout: "3"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: tcp-services, namespace: ingress-nginx}
data: {"5432": "prod/db:5432", x: y}
"""


def test_community():
    (http, tcp), _ = read("ingress-nginx", {"k8s.yaml": COMMUNITY})
    assert (http.key, http.name, http.scope, str(http.span), http.names) == (
        "ingress-nginx:k8s.yaml", "ingress-nginx", "k8s:prod", "k8s.yaml:4:9", ("shop.example",),
    )  # fmt: skip
    assert links(http) == [
        "api.prod:8080 http shop.example/api @ 15:59",
        "rpc.prod grpc default backend @ 23:66",
    ]
    assert facts(http.facts, "accept.idle_close", "connect.idle_keep") == [
        "accept.idle_close = 75s (keep-alive, default @ 4:9)",
        "connect.idle_keep = 20s (upstream-keepalive-timeout, written @ 28:36)",
    ]
    api, rpc = http.links
    assert facts(
        api.facts, "connect.response_header", "connect.send_stall", "connect.connect", "connect.sni", "connect.attempts"
    ) == [
        "connect.response_header = 120s (proxy-read-timeout, written @ 7:53)",
        "connect.send_stall = 60s (proxy-send-timeout, default @ 4:9)",
        "connect.connect = 3s (proxy-connect-timeout, inherited @ 28:109)",
        "connect.sni = off (proxy-ssl-server-name, default @ 4:9)",
        "connect.attempts = never or 3 (proxy-next-upstream-tries, default @ 4:9)",
    ]
    assert facts(rpc.facts, "connect.attempts") == [
        "connect.attempts = never (proxy-next-upstream-tries, default @ 4:9)"
    ]
    assert [(i.kind, i.setting, str(i.span)) for i in http.issues] == [
        ("setting-without-effect", "keep-alive", "k8s.yaml:28:54"),
        ("setting-without-effect", "proxy-send-timeout", "k8s.yaml:8:53"),
        ("setting-without-effect", "proxy-ssl-server-name", "k8s.yaml:9:56"),
    ]
    assert links(tcp) == ["db.prod:5432 tcp port 5432 @ 33:16"]
    assert facts(
        tcp.facts, "accept.stream_idle", "connect.connect", "connect.attempts", "connect.idle_keep", "accept.idle_close"
    ) == [
        "accept.stream_idle = 30s (proxy-stream-timeout, written @ 28:81)",
        "connect.connect = 60s ((stream proxy_connect_timeout), default @ 32:18)",
        "connect.attempts = 3 (proxy-stream-next-upstream-tries, default @ 32:18)",
    ]


F5 = """\
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: nginx.org/ingress-controller}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: cafe-master
  annotations: {nginx.org/mergeable-ingress-type: master, nginx.org/proxy-read-timeout: 20s, nginx.org/keepalive: "16"}
spec: {ingressClassName: nginx, rules: [{host: cafe.example}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: cafe-tea
  annotations:
    nginx.org/mergeable-ingress-type: minion
    nginx.org/proxy-next-upstream-tries: "2"
    nginx.org/grpc-services: tea
    nginx.ingress.kubernetes.io/proxy-read-timeout: "7"
spec:
  ingressClassName: nginx
  rules: [{host: cafe.example, http: {paths: [{path: /tea, backend: {service: {name: tea, port: {number: 80}}}}]}}]
---
apiVersion: k8s.nginx.org/v1
kind: VirtualServer
metadata: {name: shop}
spec:
  host: shop.example
  upstreams:
  - {name: web, service: web, port: 8080, read-timeout: 90s, keepalive: 0, next-upstream-timeout: 9s}
  - {name: far, service: other/far, port: 80, type: grpc, queue: {size: 1, timeout: 3s}}
---
apiVersion: k8s.nginx.org/v1
kind: TransportServer
metadata: {name: dns}
spec:
  upstreams: [{name: dns, service: coredns, port: 53}]
  sessionParameters: {timeout: 50s}
  upstreamParameters: {connectTimeout: 4s}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: nginx-config}
data: {proxy-connect-timeout: 11s, keepalive-timeout: 33s}
"""


def test_f5():
    (http, tcp), _ = read("nginx-kubernetes-ingress", {"k8s.yaml": F5})
    assert (http.key, http.names, str(http.span)) == (
        "nginx-kubernetes-ingress:k8s.yaml",
        ("cafe.example", "shop.example"),
        "k8s.yaml:9:9",
    )
    assert links(http) == [
        "tea.default:80 grpc cafe.example/tea @ 24:86",
        "web.default:8080 http upstream web @ 32:26",
        "far.other:80 grpc upstream far @ 33:26",
    ]
    assert facts(http.facts, "accept.idle_close") == ["accept.idle_close = 33s (keepalive-timeout, written @ 46:55)"]
    tea, web, far = http.links
    assert settings(tea.settings) == [
        "proxy-connect-timeout = 11s @ 46:31-34 inherited",
        "keepalive-timeout = 33s @ 46:55-58 inherited",
        "mergeable-ingress-type = minion @ 18:39-45",
        "proxy-read-timeout = 20s @ 10:89-92",
        "keepalive = 16 @ 10:115-119",
        "next-upstream-tries = 2 @ 19:42-45",
        "grpc-services = tea @ 20:30-33",
    ]
    assert facts(tea.facts, "connect.response_header", "connect.idle_keep", "connect.attempts") == [
        "connect.response_header = 20s (proxy-read-timeout, written @ 10:89)",
        "connect.idle_keep = 60s ((upstream keepalive_timeout), fixed @ 9:9)",
        "connect.attempts = 2 (next-upstream-tries, written @ 19:42)",
    ]
    assert facts(web.facts, "connect.response_header", "connect.retry_total") == [
        "connect.response_header = 90s (proxy-read-timeout, written @ 32:57)",
        "connect.retry_total = 9s (next-upstream-timeout, written @ 32:99)",
    ]
    assert facts(far.facts, "connect.idle_keep", "connect.pool_wait") == [
        "connect.idle_keep = off or 60s ((upstream keepalive_timeout), fixed @ 9:9)",
        "connect.pool_wait = 3s (queue.timeout, written @ 33:85)",
    ]
    assert (tcp.name, links(tcp)) == ("dns", ["coredns.default:53 tcp upstream dns @ 39:36"])
    assert facts(tcp.facts, "accept.stream_idle", "connect.connect", "connect.idle_keep") == [
        "accept.stream_idle = 50s (sessionParameters.timeout, written @ 40:32)",
        "connect.connect = 4s (upstreamParameters.connectTimeout, written @ 41:40)",
    ]


def test_each_leaves_the_others_ingresses_alone():
    assert read("ingress-nginx", {"k8s.yaml": F5})[0] == []
    assert read("nginx-kubernetes-ingress", {"k8s.yaml": COMMUNITY})[0] == []


DOCUMENTS = [*yaml.safe_load_all(COMMUNITY), *yaml.safe_load_all(F5)]


@limits(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_wrong_types_anywhere(data):
    at = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    path = data.draw(st.sampled_from(list(walk(DOCUMENTS[at]))))
    text = yaml.safe_dump_all(
        [*DOCUMENTS[:at], mutated(DOCUMENTS[at], path, data.draw(ANYTHING)), *DOCUMENTS[at + 1 :]]
    )
    for product in ("ingress-nginx", "nginx-kubernetes-ingress"):
        found, _ = read(product, {"k8s.yaml": text})
        assert all(component.product == product for component in found)
