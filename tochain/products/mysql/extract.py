"""MySQL and MariaDB option files: what the groups a server reads set, later files over earlier ones."""

from __future__ import annotations

import re

from tochain.formats.ini import parse_mycnf
from tochain.formats.keyvalue import Entries
from tochain.model.component import Address
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, given, pick, port_of, tell_lines
from tochain.products.programs import Program, image_name

__all__ = ["read"]

_MARIADB = re.compile(r"(?i)mariadb|galera")
_GROUPS = re.compile(r"(mysqld|mariadbd?|server|galera|embedded)([-_ ][\w.-]+)?")
PROGRAM = Program(
    re.compile(r"mysql|mysql-server|percona.*|mariadb.*|.*-(mysql|mariadb)(-.*)?"),
    frozenset({"mysqld", "mariadbd", "mysqld_safe", "mariadbd-safe"}),
)


def read(ctx: Context) -> Extract:
    """One server for each workload or file; a file with client groups only is none."""
    found: dict[str, list[Found]] = {"mysql": [], "mariadb": []}
    for path, source, entries in given(ctx, PROGRAM, parse_mycnf, ".cnf", ".ini"):
        groups = {word.text for word in entries.sections if _GROUPS.fullmatch(word.text)}
        if not groups:
            continue
        tell_lines(ctx, source, entries)
        found[_product(ctx, path, groups)].append(_found(path, source, entries))
    extract = Extract()
    for product, files in found.items():
        extract.components += components(ctx, files, product, PROGRAM, kind="database", protocol="mysql", port=3306)
    return extract


def _product(ctx: Context, path: str, groups: set[str]) -> str:
    images = " ".join(image_name(w.image) for w in PROGRAM.owners(ctx.workloads, path) if w.image is not None)
    if images:
        return "mariadb" if _MARIADB.search(images) else "mysql"
    named = any(_MARIADB.match(group) for group in groups) or _MARIADB.search(path)
    return "mariadb" if named else "mysql"


def _found(path: str, source: SourceFile, entries: Entries) -> Found:
    lines = [line for line in entries.entries if _GROUPS.fullmatch(line.section)]
    port = port_of(Entries(lines), "port")
    head = next(word for word in entries.sections if _GROUPS.fullmatch(word.text))
    settings = {**pick(lines, "mysql", _spelled), **pick(lines, "mariadb", _spelled)}
    return Found(source, settings, head.span, (Address(port=port),) if port else (), path=path)


def _spelled(key: str) -> str:
    return key.replace("-", "_").removeprefix("loose_")
