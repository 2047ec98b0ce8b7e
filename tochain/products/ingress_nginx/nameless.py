"""TLS from ingress-nginx to a host outside of the cluster that the handshake does not name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tochain.model.fact import Settings
from tochain.model.issue import Issue
from tochain.products.base import Context
from tochain.products.kubeingress import backends
from tochain.products.kubeobject import KubeObject
from tochain.products.kubeworlds import cluster
from tochain.products.nameless import is_public

__all__ = ["nameless", "outside"]

_SOURCE: Final = "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/"
_TLS: Final = ("HTTPS", "GRPCS")


def outside(ctx: Context) -> dict[str, str]:
    """The hosts behind services of the type ExternalName, by the service's name and namespace."""
    return {
        f"{thing.name}.{thing.namespace}": thing.node.value("spec", "externalName")
        for thing in cluster(ctx)
        if thing.kind == "Service" and thing.node.value("spec", "type") == "ExternalName"
    }


def nameless(thing: KubeObject, own: Settings, hosts: dict[str, str]) -> Iterator[Issue]:
    """An issue for each backend of an Ingress that is such a host; `own` are its annotations by short name."""
    asked, named, vhost = (own.get(name) for name in ("backend-protocol", "proxy-ssl-server-name", "upstream-vhost"))
    if not asked or asked[0].text.strip().upper() not in _TLS or (named and named[0].text in ("on", "true")):
        return
    if any("proxy_ssl_server_name on" in group[0].text for group in own.values()):
        return
    for backend in backends(thing):
        host = hosts.get(backend.target.host, "") or (vhost[0].text.strip() if vhost else "")
        if not is_public(host):
            continue
        yield Issue(
            "sni-not-sent",
            "proxy-ssl-server-name",
            "off",
            backend.node.span,
            f"TLS to {host} does not name it in the handshake; proxy-ssl-server-name is off",
            "connect.sni",
            ((asked[0].span, f"backend-protocol {asked[0].text}"),),
            f"proxy-ssl-server-name on, proxy-ssl-name {host}, and a proxy-ssl-secret, without which both are ignored",
            _SOURCE,
        )
