"""AS3 declarations: services of every tenant and application, with the profiles, pools and monitors they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.tree import Document, Node
from tochain.model.component import Address
from tochain.products.f5_bigip.virtuals import CLIENT_IDLE, SERVER_IDLE, Member, Property, Virtual, address

__all__ = ["services"]

_TCP = {
    "keepAliveInterval": "tcp keep-alive-interval",
    "zeroWindowTimeout": "tcp zero-window-timeout",
    "finWait2Timeout": "tcp fin-wait-2-timeout",
}
_OTHERS: dict[str, tuple[str, dict[str, str]]] = {
    "profileL4": (
        "fastl4",
        {
            "idleTimeout": "fastl4 idle-timeout",
            "tcpCloseTimeout": "fastl4 tcp-close-timeout",
            "resetOnTimeout": "reset-on-timeout",
        },
    ),
    "profileUDP": ("udp", {"idleTimeout": "udp idle-timeout"}),
    "profileMultiplex": (
        "one-connect",
        {
            "idleTimeoutOverride": "one-connect idle-timeout-override",
            "maxConnectionAge": "one-connect max-age",
            "maxConnectionReuse": "one-connect max-reuse",
            "maxConnections": "one-connect max-size",
        },
    ),
    "profileHTTP": ("http", {"maxRequests": "http enforcement max-requests"}),
    "profileHTTP2": ("http2", {"connectionIdleTimeout": "http2 connection-idle-timeout"}),
    "serverTLS": (
        "client-ssl",
        {"handshakeTimeout": "client-ssl handshake-timeout", "requireSNI": "client-ssl sni-require"},
    ),
    "clientTLS": (
        "server-ssl",
        {"handshakeTimeout": "server-ssl handshake-timeout", "sendSNI": "server-ssl server-name"},
    ),
}
_PORTS = {"Service_HTTP": 80, "Service_HTTPS": 443}
_OPEN = re.compile(r"[${}]|\{%")


def services(document: Document) -> Iterator[Virtual]:
    """The services of all AS3 declarations in a file."""
    for root in document.roots:
        declaration = root.get("declaration") if root.value("class") == "AS3" else root
        if declaration is None or declaration.value("class") != "ADC":
            continue
        for _, body in declaration.pairs():
            if body.value("class") == "Tenant":
                for application, inner in body.pairs():
                    if inner.value("class") == "Application":
                        yield from _application(declaration, application.text, inner)


def _application(declaration: Node, name: str, body: Node) -> Iterator[Virtual]:
    for key, service in body.pairs():
        kind = service.value("class")
        if kind.startswith("Service_"):
            label = name if key.text in ("service", "serviceMain") else key.text
            yield _service(_Scope(declaration, body), label, key, service, kind)


class _Scope:
    """Where a service's references are looked up: its application, then absolute paths and Common/Shared."""

    def __init__(self, declaration: Node, application: Node) -> None:
        self._declaration = declaration
        self._application = application

    def find(self, reference: Node | None) -> Node | None:
        """What a reference means; None for BIG-IP's own objects and for what is missing."""
        if reference is None:
            return None
        name = reference.value("use") if reference.kind == "mapping" else reference.text
        if name.startswith("/"):
            return self._declaration.get(*name.strip("/").split("/"))
        return self._application.get(name) or self._declaration.get("Common", "Shared", name)


def _service(scope: _Scope, label: str, key: Node, service: Node, kind: str) -> Virtual:
    virtual = Virtual(label, key.span)
    port = service.value("virtualPort")
    number = int(port) if port.isdecimal() and len(port) < 6 else _PORTS.get(kind)
    for item in service.each("virtualAddresses"):
        host = item.elements[0].text if item.kind == "sequence" and item.elements else item.text
        virtual.listens.append(Address(address(host, str(number or ""))[0].host, number))
    if kind in ("Service_HTTP", "Service_HTTPS"):
        virtual.kinds |= {"tcp", "http"}
    if kind == "Service_L4" or service.get("profileL4") is not None:
        virtual.kinds.add("fastl4")
    if kind == "Service_HTTPS":
        virtual.kinds.add("client-ssl")
    _profiles(scope, virtual, service)
    _pool(scope, virtual, service.get("pool"))
    return virtual


def _profiles(scope: _Scope, virtual: Virtual, service: Node) -> None:
    tcp = service.get("profileTCP")
    if tcp is not None:
        sides = {"ingress": tcp.get("ingress"), "egress": tcp.get("egress")} if tcp.kind == "mapping" else {}
        both = not any(sides.values())
        _tcp(virtual, scope.find(tcp if both else sides["ingress"]), client=True, server=both)
        if not both:
            _tcp(virtual, scope.find(sides["egress"]), client=False, server=True)
    for key, (kind, names) in _OTHERS.items():
        if service.get(key) is None:
            continue
        virtual.kinds.add(kind)
        profile = scope.find(service.get(key))
        for name, setting in names.items():
            virtual.add(setting, _property(profile, name), f"{key}")


def _tcp(virtual: Virtual, profile: Node | None, *, client: bool, server: bool) -> None:
    idle = _property(profile, "idleTimeout")
    if client:
        virtual.add(CLIENT_IDLE, idle, "profileTCP")
        for name, setting in _TCP.items():
            virtual.add(setting, _property(profile, name), "profileTCP")
    if server:
        virtual.add(SERVER_IDLE, idle, "profileTCP")


def _property(node: Node | None, name: str) -> Property | None:
    value = node.get(name) if node is not None else None
    return Property(value.text, value.span) if value is not None and value.kind == "scalar" else None


def _pool(scope: _Scope, virtual: Virtual, reference: Node | None) -> None:
    pool = scope.find(reference)
    if pool is None:
        if reference is not None:
            name = reference.value("bigip") or reference.value("use") or reference.text
            virtual.members.append(Member(Address(name), reference.span, f"pool {name} is not in these files"))
        return
    for member in pool.each("members"):
        port = member.value("servicePort")
        number = int(port) if port.isdecimal() and len(port) < 6 else None
        for item in [*member.each("serverAddresses"), *member.each("hostname")]:
            unknown = f"the address is filled in from {item.text}" if _OPEN.search(item.text) else ""
            virtual.members.append(Member(Address(item.text, number), item.span, unknown))
    virtual.add("slow-ramp-time", _property(pool, "slowRampTime"), "pool")
    for named in pool.each("monitors"):
        virtual.kinds.add("monitor")
        monitor = scope.find(named)
        virtual.add("monitor interval", _property(monitor, "interval"), "monitor")
        virtual.add("monitor timeout", _property(monitor, "timeout"), "monitor")
