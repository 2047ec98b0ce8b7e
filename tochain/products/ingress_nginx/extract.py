"""ingress-nginx: one component for the controller, a link for each backend with annotation over ConfigMap over built-in."""

from __future__ import annotations

from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Unknown
from tochain.model.version import ANY, Versions
from tochain.products.base import Context, Extract
from tochain.products.kubeingress import backends, ingresses
from tochain.products.kubeobjects import KubeObject, notes, objects, scope
from tochain.products.programs import image_version

__all__ = ["read"]

PRODUCT = "ingress-nginx"
PREFIX = "nginx.ingress.kubernetes.io/"
_MAPS = ("ingress-nginx-controller", "nginx-configuration", "ingress-nginx", "nginx-ingress-controller", "nginx-load-balancer-conf")
_NUMBERS = ("timeout", "tries", "connections", "requests", "keep-alive", "retries")


def read(ctx: Context) -> Extract:
    """The controller, when there is an Ingress of its class or its ConfigMap."""
    mine = ingresses(ctx, {"nginx", "ingress-nginx", "k8s.io/ingress-nginx"}, PREFIX, default=False)
    maps = [o for o in objects(ctx, "ConfigMap") if _is_config(o)]
    if not mine and not maps:
        return Extract()
    base: Settings = {}
    for thing in maps:
        for key, value in thing.node.pairs("data"):
            base[key.text] = (_number(ctx, key.text, value.text, Setting(key.text, value.text, value.span, scope="ConfigMap")),)
    owner = (mine or maps)[0]
    links = tuple(link for thing in mine for link in _links(ctx, thing, base))
    listens = (Address(port=80), Address(port=443))
    return Extract([
        Component(
            f"{PRODUCT}:{owner.source.path}", PRODUCT, PRODUCT, owner.span, "proxy", _versions(ctx), scope=scope(owner.namespace),
            settings=base, listens=listens, names=tuple(_hosts(mine)), links=links, protocol="http",
            files=tuple(dict.fromkeys(o.source.path for o in (*mine, *maps))), workload=_workload(ctx),
        )
    ])  # fmt: skip


def _is_config(thing: KubeObject) -> bool:
    labels = thing.labels("metadata", "labels")
    return thing.name in _MAPS or (labels.get("app.kubernetes.io/name") == "ingress-nginx" and thing.node.get("data") is not None)


def _links(ctx: Context, thing: KubeObject, base: Settings) -> list[Link]:
    settings = dict(base)
    protocol = "http"
    for name, node in notes(thing).items():
        if not name.startswith(PREFIX):
            continue
        short = name.removeprefix(PREFIX)
        if short == "backend-protocol":
            protocol = {"GRPC": "grpc", "GRPCS": "grpc", "FCGI": "fastcgi"}.get(node.text.upper(), "http")
        settings[short] = (_number(ctx, short, node.text, Setting(short, node.text, node.span, scope=f"Ingress {thing.name}")),)
    return [Link(b.target, b.node.span, settings, protocol, b.label) for b in backends(thing)]


def _number(ctx: Context, name: str, text: str, setting: Setting) -> Setting:
    """A value with a unit is refused by the controller, which then goes on with the value it had."""
    bare = text.strip()
    if name.endswith(_NUMBERS) and not name.startswith("proxy-next-upstream ") and bare and not bare.lstrip("-").isdigit() and "{" not in bare:
        if bare[0].isdigit():
            ctx.problem(setting.span, f"{name}: {text!r} is not a whole number of seconds; the controller ignores it")
            return Setting(name, text, setting.span, limit=Unknown("ignored by the controller"), scope=setting.scope)
    return setting


def _hosts(mine: list[KubeObject]) -> list[str]:
    return list(dict.fromkeys(rule.value("host") for thing in mine for rule in thing.node.each("spec", "rules") if rule.value("host")))


def _controllers(ctx: Context) -> list[tuple[str, Versions]]:
    found = []
    for workload in ctx.workloads:
        image = workload.image.text if workload.image else ""
        if "ingress-nginx/controller" in image or "nginx-ingress-controller" in image:
            found.append((workload.key, image_version(workload.image)))
    return found


def _versions(ctx: Context) -> Versions:
    found = _controllers(ctx)
    return found[0][1] if len(found) == 1 else ANY


def _workload(ctx: Context) -> str:
    found = _controllers(ctx)
    return found[0][0] if len(found) == 1 else ""
