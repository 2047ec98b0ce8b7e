"""PHP-FPM: each pool is a listener of its own; php.ini beside it, or in the same workload, holds for every pool."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from tochain.formats.ini import parse_php
from tochain.formats.keyvalue import Entry
from tochain.model.component import Address, Component
from tochain.model.fact import Settings
from tochain.products.base import Context, Extract
from tochain.products.configmaps import EMBEDDED
from tochain.products.flat import Found, components, given, pick, tell_lines
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "php-fpm"
PROGRAM = Program(
    re.compile(r"php|php-fpm.*|.*-php(-fpm)?|php-(nginx|fpm).*|wordpress|nextcloud|drupal"),
    frozenset({"php-fpm", "php"}),
)
_VALUE = re.compile(r"php(?:_admin)?_value\[(\w+)\]")


def read(ctx: Context) -> Extract:
    """One server for each pool, for each workload that starts it."""
    pools: list[Found] = []
    general: list[Found] = []
    for path, source, entries in given(ctx, PROGRAM, parse_php, ".conf", ".ini"):
        sections = [word for word in entries.sections if word.text not in ("global", "PHP")]
        listening = [word for word in sections if entries.get("listen", word.text) is not None]
        php = PurePosixPath(path.rpartition(EMBEDDED)[2]).suffix == ".ini" or bool(entries.within("PHP"))
        tuned = [
            word
            for word in sections
            if any(_VALUE.fullmatch(e.key) or e.key in _POOL for e in entries.within(word.text))
        ]
        if not (listening or php or tuned or entries.within("global")):
            continue
        tell_lines(ctx, source, entries)
        shared = pick([e for e in entries.entries if e.section in ("global", "PHP") or php], PRODUCT)
        for word in listening or tuned:
            settings = {**shared, **pick(entries.within(word.text), PRODUCT, _spelled)}
            listens = [a for line in entries.all("listen", word.text) if (a := _address(line)) is not None]
            pools.append(Found(source, settings, word.span, listens, part=word.text, path=path))
        if not (listening or tuned) and shared:
            general.append(Found(source, shared, path=path))
    made = components(ctx, pools, PRODUCT, PROGRAM, protocol="fastcgi")
    return Extract(_with_general(ctx, made, components(ctx, general, PRODUCT, PROGRAM, protocol="fastcgi")))


_POOL = ("request_terminate_timeout", "pm.process_idle_timeout")


def _spelled(key: str) -> str:
    found = _VALUE.fullmatch(key)
    return found[1] if found else key


def _address(line: Entry) -> Address | None:
    text = line.value.strip()
    if text.startswith("/"):
        return Address(socket=text)
    host, _, port = text.rpartition(":")
    return Address(host.strip("[]"), int(port)) if port.isdecimal() else None


def _with_general(ctx: Context, pools: list[Component], general: list[Component]) -> list[Component]:
    """Pools over what holds for all of them; a workload with a php.ini alone is a server on the usual port."""
    done = []
    used: set[str] = set()
    for pool in pools:
        below: Settings = {}
        for one in general:
            if one.workload == pool.workload and one.scope == pool.scope:
                below |= one.settings
                used.add(one.key)
        done.append(replace(pool, settings={**below, **pool.settings}))
    return [*done, *(one for one in general if one.key not in used and one.workload)]
