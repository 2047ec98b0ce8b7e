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
