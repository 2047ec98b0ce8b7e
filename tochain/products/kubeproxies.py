"""What readers of proxies in Kubernetes share: the workload that runs one, references to services, the component."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tochain.model.component import KNOWS_PODS, Address, Component, Link, Workload
from tochain.model.fact import Settings
from tochain.model.version import ANY
from tochain.products.base import Context
from tochain.products.facts import load
from tochain.products.kubeobjects import KubeObject, scope
from tochain.products.programs import Program, image_version

__all__ = ["address", "controller", "names_after", "proxy", "service"]

_SERVICE = re.compile(r"(?:(?P<scheme>[a-z0-9+]+)://)?(?P<name>[^:/\s]+)(?::(?P<port>\d{1,5}))?/?")


def names_after(product: str, prefix: str) -> dict[str, str]:
    """The settings of a product whose names begin with `prefix`: the path behind it and the whole name."""
    known = load(product)
    rows = known.settings if known is not None else ()
    return {row.setting.removeprefix(prefix): row.setting for row in rows if row.setting.startswith(prefix)}


def controller(ctx: Context, program: Program) -> Workload | None:
    """The workload in the cluster that runs the controller, when there is one."""
    return next((w for w in program.of(ctx.workloads) if w.scope.startswith("k8s:")), None)


def service(name: str, namespace: str, port: str = "") -> Address:
    """The address of a Service as every namespace may say it."""
    return Address(f"{name}.{namespace}", int(port) if re.fullmatch(r"\d{1,5}", port) else None)


def address(text: str, namespace: str) -> tuple[Address, str] | None:
    """A reference such as `https://name.namespace:8443`, and its scheme; None for something else."""
    found = _SERVICE.fullmatch(text.strip())
    if found is None:
        return None
    scheme, name = found["scheme"] or "", found["name"]
    port = int(found["port"]) if found["port"] else 443 if scheme == "https" else 80
    return Address(name if "." in name else f"{name}.{namespace}", port), scheme


def proxy(
    product: str,
    first: KubeObject,
    links: Iterable[Link],
    settings: Settings,
    workload: Workload | None = None,
    *,
    listens: tuple[Address, ...] = (Address(port=80), Address(port=443)),
    names: Iterable[str] = (),
    files: Iterable[str] = (),
    suffix: str = "",
) -> Component:
    """The component a controller's objects make: one for the product, called by it."""
    return Component(
        key=f"{product}:{first.source.path}" + (f"#{suffix}" if suffix else ""),
        name=product,
        product=product,
        span=first.span,
        kind="proxy",
        versions=image_version(workload.image) if workload is not None else ANY,
        scope=scope(first.namespace),
        settings=settings,
        listens=listens,
        names=tuple(dict.fromkeys(name for name in names if name and "*" not in name)),
        links=tuple(links),
        protocol="http",
        workload=workload.key if workload is not None else "",
        traits=KNOWS_PODS,
        files=tuple(dict.fromkeys((first.source.path, *files))),
    )
