"""Facts of one module only: what the `grpc_` settings default to, not what the `proxy_` ones do."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

from tochain.model.fact import Facts
from tochain.products.base import Site
from tochain.products.facts import Known, ProductFacts, load
from tochain.products.nginx.names import module_of
from tochain.products.resolve import resolve

__all__ = ["again"]

_EVERYWHERE: Final = ("worker_shutdown_timeout", "so_keepalive")
_IN_STREAM: Final = ("upstream server", "health_check")


def again(site: Site, module: str) -> Facts:
    """The timers at a place as one module has them: its own settings and those of no module."""
    facts = _view(module, site.variant == "stream")
    return resolve(facts, site).facts if facts is not None else {}


@cache
def _view(module: str, stream: bool) -> ProductFacts | None:
    known = load("nginx")
    if known is None:
        return None
    keep = _stream if stream else lambda row: row.variant is None and module_of(row.setting) in (None, module)
    return replace(known, settings=tuple(row for row in known.settings if keep(row)))


def _stream(row: Known) -> bool:
    if row.variant == "stream" or row.setting in _EVERYWHERE:
        return True
    return row.variant is None and row.setting.startswith(_IN_STREAM)
