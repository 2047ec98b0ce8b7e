"""Spring Cloud Gateway: routes and the HTTP client's settings in application files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.keyvalue import parse_properties
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.options import Flat, Item, Path, dotted, from_node
from tochain.products.scopes import folder_scope
from tochain.products.trees import document, tell

__all__ = ["read"]

_ROOTS: tuple[Path, ...] = (("spring", "cloud", "gateway", "server", "webflux"), ("spring", "cloud", "gateway"))
_CLIENT = (
    "httpclient.connect-timeout", "httpclient.response-timeout", "httpclient.pool.max-idle-time",
    "httpclient.pool.max-life-time", "httpclient.pool.acquire-timeout", "httpclient.pool.max-connections",
    "httpclient.ssl.handshake-timeout",
)  # fmt: skip
_METADATA = {"connect-timeout": "httpclient.connect-timeout", "response-timeout": "httpclient.response-timeout"}
_RETRY = {"retries": "Retry.retries", "methods": "Retry.methods", "series": "Retry.series"}
_URI = re.compile(r"(?P<scheme>[a-z0-9+:]+)://(?P<host>[^:/\s{}$]+)(?::(?P<port>\d{1,5}))?(?:/.*)?")
_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}


def read(ctx: Context) -> Extract:
    """One component for each application whose files hold routes or client settings of the gateway."""
    found: dict[str, list[tuple[SourceFile, Flat]]] = {}
    for source in ctx.files:
        if ctx.claimed(source.path) == "spring-boot":
            # An application's own file: its reader makes the gateway, with the server it is.
            continue
        flat = _flat(ctx, source)
        if any(flat.names(*root) for root in _ROOTS):
            ctx.understood(source.path)
            found.setdefault(folder_scope(source.path), []).append((source, flat))
    return Extract([_gateway(scope, files) for scope, files in found.items()])


def _flat(ctx: Context, source: SourceFile) -> Flat:
    """The options of a file, relaxed names made plain: connectTimeout is connect-timeout."""
    flat = Flat()
    if source.path.endswith(".properties"):
        entries = ctx.parsed(source, parse_properties)
        flat = Flat({dotted(_plain(entry.key)): Item(entry.value, entry.span) for entry in entries.entries})
    else:
        tree = document(ctx, source)
        for root in tree.roots:
            flat = flat.over(from_node(root, plain=_plain))
        if flat.names("spring", "cloud", "gateway"):
            tell(ctx, tree)
    # `spring.cloud.gateway` may stand in one key of a YAML file.
    return Flat({tuple(part for step in path for part in dotted(step)): item for path, item in flat.items.items()})


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda letter: "-" + letter[1].lower(), name).replace("_", "-")


def _gateway(scope: str, files: list[tuple[SourceFile, Flat]]) -> Component:
    source = files[0][0]
    settings: Settings = {}
    for _, flat in files:
        for root in reversed(_ROOTS):
            settings |= flat.settings(root, {name: name for name in _CLIENT})
    links = [link for _, flat in files for root in _ROOTS for link in _routes(flat, root, settings)]
    return Component(
        key=f"spring-cloud-gateway:{source.path}",
        name=next(
            (name for _, flat in files if (name := flat.text("spring", "application", "name"))), "spring-cloud-gateway"
        ),
        product="spring-cloud-gateway",
        span=next(item.span for _, flat in files for item in flat.items.values()),
        kind="proxy",
        scope=scope,
        settings=settings,
        links=tuple(links),
        protocol="http",
        files=tuple(file.path for file, _ in files),
    )


def _routes(flat: Flat, root: Path, settings: Settings) -> Iterator[Link]:
    for at in flat.names(*root, "routes"):
        place = (*root, "routes", at)
        uri = flat.get(*place, "uri")
        if uri is None:
            continue
        label = f"route {flat.text(*place, 'id') or at}"
        own = {
            **settings,
            **flat.settings((*place, "metadata"), _METADATA, label),
            **_retries(flat, (*place, "filters"), label),
        }
        own |= _retries(flat, (*root, "default-filters"), "default-filters") if "Retry.retries" not in own else {}
        target, unknown = _target(uri.text)
        yield Link(target, uri.span, own, "http", label, unknown=unknown)


def _target(uri: str) -> tuple[Address, str]:
    found = _URI.fullmatch(uri.strip())
    if found is None:
        return Address(), f"the uri {uri[:60]} is filled in later"
    scheme, port = found["scheme"], found["port"]
    if scheme.startswith("lb"):
        # The registry's name of a service is what its Service or compose service is called, as a rule.
        return Address(found["host"].lower()), ""
    return Address(found["host"], int(port) if port else _PORTS.get(scheme)), ""


def _retries(flat: Flat, place: Path, label: str) -> Settings:
    """The Retry filter: a mapping with args, or `Retry=3` in one text."""
    for at in flat.names(*place):
        short = flat.get(*place, at)
        if short is not None and re.match(r"Retry=\d+", short.text):
            return {
                "Retry.retries": (Setting("Retry.retries", re.findall(r"\d+", short.text)[0], short.span, scope=label),)
            }
        if flat.text(*place, at, "name") == "Retry":
            found = flat.settings((*place, at, "args"), _RETRY, label)
            name = flat.get(*place, at, "name")
            return {**({"Retry": (Setting("Retry", "on", name.span, scope=label),)} if name else {}), **found}
    return {}
