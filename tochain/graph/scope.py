"""Scopes of names: which components can mean one another when they say `web:8000` or `127.0.0.1`.

A scope is a kind and a name: "dir:vm" (a folder), "compose:app/compose.yml", "k8s:shop" (a namespace), "tf:infra",
"cfn:template.yml". Two folders that both say `web:8000` are two worlds; a folder and one inside it are the same.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from pathlib import PurePosixPath

__all__ = ["LOOPBACK", "WILDCARD", "folder_of", "private", "related"]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]", "ip6-localhost"})
WILDCARD = frozenset({"", "*", "0.0.0.0", "::", "[::]"})  # noqa: S104 - compared with, never bound


def folder_of(scope: str) -> str | None:
    """The folder a scope belongs to; None for one that is no place in the repository (a namespace)."""
    kind, _, name = scope.partition(":")
    if kind in ("dir", "tf"):
        return name
    if kind in ("compose", "cfn"):
        parent = str(PurePosixPath(name).parent)
        return "" if parent == "." else parent
    return None


def related(one: str, other: str) -> bool:
    """Whether names of one scope are known in the other: the same one, or folders one inside the other."""
    if one == other:
        return True
    a, b = folder_of(one), folder_of(other)
    if a is None or b is None:
        return False
    if one.startswith("compose:") and other.startswith("compose:"):
        return False
    return not a or not b or a == b or a.startswith(f"{b}/") or b.startswith(f"{a}/")


@lru_cache(maxsize=16384)
def private(host: str) -> bool:
    """Whether a host is an address of a network of one's own, which no name server gives a name."""
    try:
        found = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return found.is_private and not found.is_loopback and not found.is_link_local and not found.is_unspecified
