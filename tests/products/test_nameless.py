"""TLS that names no host: who is found out, and who is right to say nothing."""

from __future__ import annotations

import pytest

from tochain.check import check_files
from tochain.products.nameless import is_public

HAPROXY = """\
defaults
  mode {mode}
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen shop
  bind :80
  server one {server}
"""
CHAIN = 'version: 1\ncomponents:\n  lb: {{product: haproxy, version: "{version}", config: haproxy.cfg}}\n'


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("shop.example.com", True), ("shop.example.com.", True), ("a_b.example.co", True), ("shop", False),
        ("192.0.2.7", False), ("2001:db8::1", False), ("db.internal", False), ("x.default.svc", False), ("", False),
        ("{{ .Values.host }}", False), ("$host", False),
    ],
)  # fmt: skip
def test_public_names(host: str, public: bool) -> None:
    assert is_public(host) is public


@pytest.mark.parametrize(
    ("version", "mode", "server", "expected"),
    [
        ("2.8.3", "http", "shop.example.com:443 ssl verify none", [("sni", "8:3")]),
        ("2.8.3", "http", "shop.example.com:443 ssl verify none sni str(shop.example.com)", []),
        ("2.8.3", "http", "shop.example.com:80", []),
        ("2.8.3", "http", "192.0.2.7:443 ssl verify none", []),
        ("2.8.3", "http", "shop.internal:443 ssl verify none", []),
        ("3.3.1", "http", "shop.example.com:443 ssl verify none", []),
        ("3.3.1", "http", "shop.example.com:443 ssl verify none no-sni-auto", [("sni", "8:3")]),
        ("3.3.1", "tcp", "shop.example.com:443 ssl verify none", [("sni", "8:3")]),
        ("3.0.1", "http", "192.0.2.7:443 ssl verify none sni req.hdr(host) check", [("check-sni", "8:62")]),
        ("3.0.1", "http", "192.0.2.7:443 ssl verify none sni req.hdr(host) check check-sni a.example.com", []),
        ("3.0.1", "http", "192.0.2.7:443 ssl verify none sni req.hdr(host) check port 80", []),
        ("3.0.1", "http", "192.0.2.7:443 ssl verify none sni req.hdr(host) check no-check-ssl", []),
        ("3.3.1", "http", "192.0.2.7:443 ssl verify none sni req.hdr(host) check", []),
    ],
)
def test_haproxy(version: str, mode: str, server: str, expected: list[tuple[str, str]]) -> None:
    """By version, mode and options of the server line."""
    files = {
        "haproxy.cfg": HAPROXY.format(mode=mode, server=server),
        "tochain.yaml": CHAIN.format(version=version),
    }
    found = [f for f in check_files(files).findings if f.family == "tls"]
    places = [(f.primary.setting, f"{f.primary.span.start.line}:{f.primary.span.start.column}") for f in found]
    assert places == expected


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        ("upstream-vhost: shop.example.com", 1),
        ("upstream-vhost: shop.internal", 0),
        ('proxy-ssl-server-name: "on"', 0),
    ],
)
def test_the_host_of_an_upstream_vhost(notes: str, found: int) -> None:
    """Where the Service says no host, the annotation does."""
    prefix = "nginx.ingress.kubernetes.io/"
    ingress = f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    {prefix}backend-protocol: HTTPS
    {prefix}{notes}
spec:
  ingressClassName: nginx
  defaultBackend: {{service: {{name: shop, port: {{number: 443}}}}}}
"""
    assert len([f for f in check_files({"shop.yaml": ingress}).findings if f.rule == "sni-not-sent"]) == found


def test_services_of_a_cluster_are_no_public_names() -> None:
    """`shop.web` is a service and its namespace."""
    ingress = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: web
  annotations: {nginx.ingress.kubernetes.io/backend-protocol: HTTPS}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: shop, port: {number: 443}}}
"""
    assert [f.rule for f in check_files({"shop.yaml": ingress}).findings if f.family == "tls"] == []


CADDY = "example.org {{\n\treverse_proxy {to} {{\n\t\t{more}\n\t}}\n}}\n"
TRAEFIK = """\
entryPoints: {{web: {{address: ":80"}}}}
http:
  routers: {{a: {{rule: "Host(`a.example`)", service: a}}}}
  services: {{a: {{loadBalancer: {{serversTransport: t, servers: [{{url: "{to}"}}]}}}}}}
  serversTransports: {{t: {{insecureSkipVerify: true{more}}}}}
"""
STRICT = """\
version: 1
components:
  edge: {{product: {product}, version: "{version}", config: {config}}}
  inner: {{product: black-box, timers: {{accept.sni_required: on}}}}
paths: [edge -> inner]
"""


@pytest.mark.parametrize(
    ("product", "version", "config", "text", "found"),
    [
        ("caddy", "2.8.4", "Caddyfile", CADDY.format(to="https://192.0.2.7", more=""), True),
        ("caddy", "2.8.4", "Caddyfile", CADDY.format(to="https://[2001:db8::7]", more=""), True),
        ("caddy", "2.8.4", "Caddyfile", CADDY.format(to="https://shop.example.com", more=""), False),
        ("caddy", "2.8.4", "Caddyfile", CADDY.format(to="http://192.0.2.7", more=""), False),
        ("caddy", "2.8.4", "Caddyfile", CADDY.format(to="https://192.0.2.7", more="transport http {\n\t\t\ttls_server_name a.example\n\t\t}"), False),
        ("traefik", "3.1", "traefik.yml", TRAEFIK.format(to="https://192.0.2.7", more=""), True),
        ("traefik", "3.1", "traefik.yml", TRAEFIK.format(to="https://shop.example.com", more=""), False),
        ("traefik", "3.1", "traefik.yml", TRAEFIK.format(to="http://192.0.2.7", more=""), False),
        ("traefik", "3.1", "traefik.yml", TRAEFIK.format(to="https://192.0.2.7", more=", serverName: a.example"), False),
    ],
)  # fmt: skip
def test_an_address_is_no_name_to_send(product: str, version: str, config: str, text: str, found: bool) -> None:
    """RFC 6066 allows no address in the handshake; a server that asks for a name refuses."""
    files = {config: text, "tochain.yaml": STRICT.format(product=product, version=version, config=config)}
    assert ["sni-required"] * found == [f.rule for f in check_files(files).findings if f.family == "tls"]


def test_a_traefik_that_is_strict_refuses_who_names_nothing() -> None:
    """sniStrict of the default options holds for every entry point with TLS."""
    inner = 'entryPoints: {web: {address: ":8443"}}\nproviders: {file: {filename: dynamic.yml}}\n'
    chain = (
        'version: 1\ncomponents:\n  edge: {product: nginx, version: "1.28.3", config: nginx.conf}\n'
        '  inner: {product: traefik, version: "3.1", config: [traefik.yml, dynamic.yml]}\npaths: [edge -> inner]\n'
    )
    conf = "events {}\nhttp { server { listen 80; location / { proxy_pass https://192.0.2.7:8443; } } }\n"
    strict = (
        "tls: {options: {default: {sniStrict: true}}}\nhttp: {routers: {a: {rule: Host(`a.example`), service: a}}}\n"
    )
    files = {"traefik.yml": inner, "dynamic.yml": strict, "nginx.conf": conf, "tochain.yaml": chain}
    assert [f.rule for f in check_files(files).findings if f.family == "tls"] == ["sni-required"]


MAPPING = """\
apiVersion: getambassador.io/v3alpha1
kind: Mapping
metadata: {{name: far}}
spec: {{hostname: "*", prefix: /, service: "{service}"{more}}}
---
apiVersion: getambassador.io/v3alpha1
kind: TLSContext
metadata: {{name: far}}
spec: {{sni: far.example.com}}
"""


@pytest.mark.parametrize(
    ("service", "more", "found"),
    [
        ("https://far.example.com", "", True),
        ("far.example.com:443", ", tls: other", True),
        ("https://far.example.com", ", tls: far", False),
        ("http://far.example.com", "", False),
        ("far", "", False),
        ("https://far.default:8443", "", False),
    ],
)
def test_emissary(service: str, more: str, found: bool) -> None:
    """Only a TLSContext gives a Mapping's TLS a name."""
    findings = check_files({"mapping.yaml": MAPPING.format(service=service, more=more)}).findings
    assert [(f.primary.setting, f.primary.span.start.line) for f in findings if f.family == "tls"] == [
        ("sni", 4)
    ] * found


RULE = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: far, namespace: shop}}
spec:
  host: far.example.com
  trafficPolicy:
    portLevelSettings: [{{port: {{number: 80}}, tls: {{mode: {mode}}}}}]
"""
CHAIN_OF_ISTIO = 'version: 1\ncomponents:\n  mesh: {{product: istio, version: "{version}", config: rule.yaml}}\n'


@pytest.mark.parametrize(
    ("version", "mode", "found"),
    [
        ("1.20.3", "SIMPLE", True),
        ("1.20.3", "MUTUAL", True),
        ("1.20.3", "SIMPLE, sni: far.example.com", False),
        ("1.20.3", "ISTIO_MUTUAL", False),
        ("1.20.3", "DISABLE", False),
        ("1.21.0", "SIMPLE", False),
        (">=1.19", "SIMPLE", False),
    ],
)
def test_istio(version: str, mode: str, found: bool) -> None:
    """Since 1.21 the Host header names the host by itself."""
    files = {"rule.yaml": RULE.format(mode=mode), "tochain.yaml": CHAIN_OF_ISTIO.format(version=version)}
    findings = check_files(files).findings
    assert [(f.primary.setting, f.primary.span.start.line) for f in findings if f.family == "tls"] == [
        ("tls.sni", 5)
    ] * found
