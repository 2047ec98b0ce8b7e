"""Site addresses: what a block of a Caddyfile listens on and which names it answers to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tochain.model.component import Address

__all__ = ["listens_and_names"]

_KEY = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>\[[0-9a-fA-F:.]+\]|[^:/\[\]{}]*)(?::(?P<port>\d+))?(?:/.*)?")


def listens_and_names(keys: Iterable[str], ports: tuple[int, int]) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Where a site listens and its host names; `ports` are those for http and https.

    A host without a port is served over https, and over http to send people there.
    """
    listens: list[Address] = []
    names: list[str] = []
    http, https = ports
    for key in keys:
        found = _KEY.fullmatch(key)
        if found is None:
            continue
        scheme, host, port = found["scheme"], found["host"], found["port"]
        if port:
            listens.append(Address(port=int(port)))
        elif scheme == "http":
            listens.append(Address(port=http))
        else:
            listens += [Address(port=https), Address(port=http)]
        if host and "*" not in host:
            names.append(host.strip("[]"))
    return tuple(dict.fromkeys(listens)), tuple(dict.fromkeys(names))
