"""Emissary: Mapping and TCPMapping under the settings of the Module, ports of Listeners."""

from __future__ import annotations

import re

from tochain.formats.tree import Node
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.kubeobjects import KubeObject, objects
from tochain.products.kubeproxies import address, controller, proxy
from tochain.products.programs import Program
from tochain.products.trees import take

__all__ = ["read"]

EMISSARY = Program(re.compile(r"emissary|ambassador|aes"), frozenset({"ambassador"}))
_KINDS = ("Mapping", "TCPMapping", "Module", "Listener", "Host", "TLSContext")
_MODULE = {
    "listener_idle_timeout_ms": "listener_idle_timeout_ms",
    "cluster_request_timeout_ms": "timeout_ms",
    "cluster_idle_timeout_ms": "cluster_idle_timeout_ms",
    "cluster_max_connection_lifetime_ms": "cluster_max_connection_lifetime_ms",
    "retry_policy.num_retries": "retry_policy.num_retries",
    "retry_policy.per_try_timeout": "retry_policy.per_try_timeout",
    "retry_policy.retry_on": "retry_policy.retry_on",
    "keepalive.time": "keepalive.time",
    "keepalive.idle_time": "keepalive.time",
    "keepalive.interval": "keepalive.interval",
    "keepalive.probes": "keepalive.probes",
}
_MAPPING = {
    **{path: name for path, name in _MODULE.items() if not path.startswith(("listener", "cluster_request"))},
    "timeout_ms": "timeout_ms",
    "idle_timeout_ms": "idle_timeout_ms",
    "connect_timeout_ms": "connect_timeout_ms",
}


def read(ctx: Context) -> Extract:
    """One component for the gateway, with a link for each Mapping."""
    things = [thing for thing in objects(ctx, *_KINDS) if "getambassador" in thing.api]
    mappings = [thing for thing in things if thing.kind in ("Mapping", "TCPMapping")]
    mine = mappings or [thing for thing in things if thing.kind == "Module"]
    if not mine:
        return Extract()
    running = controller(ctx, EMISSARY)
    base: Settings = {}
    for thing in things:
        if thing.kind == "Module":
            base |= take(thing.node.get("spec", "config"), _MODULE, f"Module {thing.name}")
    for name in ("AMBASSADOR_DRAIN_TIME",):
        word = running.env.get(name) if running is not None else None
        if word is not None:
            base[name] = (Setting(name, word.text, word.span),)
    contexts = {thing.name: thing for thing in things if thing.kind == "TLSContext"}
    links = [link for thing in mappings if (link := _link(thing, base, contexts)) is not None]
    ports = [thing.node.value("spec", "port") for thing in things if thing.kind == "Listener"]
    listens = tuple(Address(port=int(port)) for port in ports if port.isdecimal()) or (
        Address(port=8080),
        Address(port=8443),
    )
    names = [thing.node.value("spec", "hostname") for thing in things if thing.kind in ("Host", "Mapping")]
    paths = (thing.source.path for thing in mine)
    return Extract([proxy("emissary", mine[0], links, base, running, listens=listens, names=names, files=paths)])


def _link(thing: KubeObject, base: Settings, contexts: dict[str, KubeObject]) -> Link | None:
    """The service of a Mapping, `[scheme://]name[.namespace][:port]`."""
    spec, written = thing.node.get("spec"), thing.node.get("spec", "service")
    if spec is None or written is None or written.kind != "scalar":
        return None
    found = address(written.text, thing.namespace)
    if found is None:
        return Link(Address(), written.span, base, unknown=f"the service {written.text} could not be read")
    target, scheme = found
    grpc = spec.value("grpc") == "true"
    protocol = "tcp" if thing.kind == "TCPMapping" else "grpc" if grpc else "http2" if scheme == "h2c" else "http"
    settings = {**base, **take(spec, _MAPPING, f"{thing.kind} {thing.name}"), **_tls(spec, written, scheme, contexts)}
    return Link(target, written.span, settings, protocol, f"{thing.kind} {spec.value('prefix') or thing.name}")


def _tls(spec: Node, written: Node, scheme: str, contexts: dict[str, KubeObject]) -> Settings:
    """TLS to the service: by its scheme or by a context, which may name the host."""
    named = spec.get("tls")
    if scheme != "https" and (named is None or named.text in ("", "false")):
        return {}
    found: Settings = {"tls": (Setting("tls", "on", written.span),)}
    context = contexts.get(named.text) if named is not None else None
    name = context.node.get("spec", "sni") if context is not None else None
    if name is not None:
        found["sni"] = (Setting("sni", "on", name.span),)
    return found
