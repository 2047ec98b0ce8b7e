"""RabbitMQ's connections to directories: the servers and timers under `auth_ldap` in rabbitmq.conf."""

from __future__ import annotations

import re

from tochain.formats.keyvalue import Entries
from tochain.model.component import Address, Link
from tochain.model.span import SourceFile
from tochain.products.facts import TEMPLATE
from tochain.products.flat import Found, pick, port_of

__all__ = ["PRODUCT", "directories"]

PRODUCT = "ldap-pools"
_SERVER = re.compile(r"auth_ldap\.servers\.\w+")


def directories(source: SourceFile, entries: Entries, path: str) -> list[Found]:
    """The pool of connections to the directories a file names; nothing where it names none."""
    lines = [line for line in entries.entries if _SERVER.fullmatch(line.key)]
    if not lines:
        return []
    secure = any(line.key == "auth_ldap.use_ssl" and line.value.strip() == "true" for line in entries.entries)
    port = port_of(entries, "auth_ldap.port") or (636 if secure else 389)
    links = tuple(
        Link(Address(line.value.strip(), port), line.span, protocol="ldap", label=line.key)
        if not TEMPLATE.search(line.value)
        else Link(Address(), line.span, protocol="ldap", label=line.key, unknown=f"filled in later: {line.value[:60]}")
        for line in lines
    )
    known = pick(entries.entries, PRODUCT)
    return [Found(source, known, links[0].span, links=links, part="ldap", variant="rabbitmq", path=path)]
