"""Vault's own file: each TCP listener with the limits of the server, in HCL and JSON."""

from __future__ import annotations

from tests.products.texts import facts, read, workload

HCL = """\
default_lease_ttl = "12h"
default_max_request_duration = "30s"
listener "tcp" {
  address = "0.0.0.0:8200"
  http_idle_timeout = "6m"
}
listener "tcp" {
  address = "127.0.0.1:8202"
  max_request_duration = "20s"
}
"""
TIMERS = ("accept.idle_close", "accept.request_total", "accept.request_read")


def test_listeners():
    own = workload("vault", "hashicorp/vault:1.15", mounts={"vault": "/vault/config"})
    found, _ = read("hashicorp-vault", {"vault/config.hcl": HCL}, own)
    assert [(c.name, str(c.span), [str(a) for a in c.listens], facts(c.facts, *TIMERS)) for c in found] == [
        ("vault", "vault/config.hcl:3:1", ["*:8200"], [
            "accept.idle_close = 360s (http_idle_timeout, written @ 5:3)",
            "accept.request_total = 30s (default_max_request_duration, written @ 2:1)",
            "accept.request_read = 30s (http_read_timeout, default @ 3:1)",
        ]),
        ("vault", "vault/config.hcl:7:1", ["127.0.0.1:8202"], [
            "accept.idle_close = 300s (http_idle_timeout, default @ 7:1)",
            "accept.request_total = 20s (default_max_request_duration, written @ 9:3)",
            "accept.request_read = 30s (http_read_timeout, default @ 7:1)",
        ]),
    ]  # fmt: skip


def test_json_and_other_files():
    text = '{"listener": {"tcp": {"address": "[::]:8300", "http_read_timeout": "10s"}}, "storage": {}}'
    (found,), _ = read(
        "hashicorp-vault", {"vault.json": text, "vault-policy.hcl": 'path "a" { capabilities = ["read"] }\n'}
    )
    assert ([str(a) for a in found.listens], facts(found.facts, "accept.request_read")) == (
        ["*:8300"],
        ["accept.request_read = 10s (http_read_timeout, written @ 1:47)"],
    )
