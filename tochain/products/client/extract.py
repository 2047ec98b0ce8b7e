"""Connection URLs in files of settings that are no product's own: whoever reads the file is a client of what it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from pathlib import PurePosixPath

from tochain.formats import yamlfile
from tochain.formats.jsonfile import parse_json
from tochain.formats.tomlfile import parse_toml
from tochain.formats.tree import Document
from tochain.model.component import Component, Link, Workload
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.configmaps import EMBEDDED, inputs
from tochain.products.dsn import Dsn, driver_of, driver_settings, dsn_link, parse_dsn
from tochain.products.pins import Pins
from tochain.products.programs import built_from
from tochain.products.scopes import top_folder

__all__ = ["read"]

PRODUCT = "client"
_URL = re.compile(
    r"(?i)(?<![\w+])(?:jdbc:(?:mysql|mariadb|postgresql|sqlserver)|postgres(?:ql)?|postgis|mysql2?|mariadb|mongodb(?:\+srv)?"
    r"|rediss?|amqps?|nats|mqtts?|memcached?)(?:\+\w+)?:(?:\w+:)?//[^\s\"'`<>|]+"
)
_NAME = re.compile(r"([\w.-]+)[\"']?\s*(?:=>?|:)\s*[\"']?$")
_ELSEWHERE = re.compile(
    r"(?i)(^|/)(tests?|specs?|e2e|docs?|examples?|samples?|fixtures?|mocks?|vendor|templates|\.\w+)/"
    r"|(^|[/._-])(tests?|testing|dev|development|local|ci|e2e|example|sample|dist|template|openapi|swagger|package"
    r"|package-lock|tsconfig|composer|values)([._-][\w.-]*)?\.?[a-z]*$|\.lock$"
)
"""Files that say how others could set it, or how it is set on somebody's desk."""
_DESK = frozenset({"development", "dev", "test", "testing", "local", "ci"})
_COMMENTS = ("#", ";", "//", "--", "<!--", "*", "!")
_PARSERS = {
    ".yml": yamlfile.parse, ".yaml": yamlfile.parse, ".json": parse_json, ".toml": parse_toml,
}  # fmt: skip
_MOST = 100


@dataclass(frozen=True, slots=True)
class _Found:
    """One URL with the name it is given."""

    source: SourceFile
    path: str
    label: str
    dsn: Dsn


def read(ctx: Context) -> Extract:
    """A client for each program whose files name peers; one of its driver's product where the URL sets timers."""
    top, pins = top_folder(ctx.paths()), Pins(ctx)
    found: dict[str, Component] = {}
    for one in _urls(ctx, top):
        ctx.understood(one.source.path, "connection-urls")
        for component in _clients(ctx, pins, one):
            old = found.get(component.key)
            found[component.key] = component if old is None else _joined(old, component)
    return Extract(list(found.values()))


def _urls(ctx: Context, top: str) -> Iterator[_Found]:
    for path, source in inputs(ctx, ctx.workloads):
        inside = path.rpartition(EMBEDDED)[2] if EMBEDDED in path else path.removeprefix(top)
        own = path if EMBEDDED in path else source.path
        claimed = EMBEDDED not in path and ctx.claimed(source.path) is not None
        if claimed or not _URL.search(source.text) or (_ELSEWHERE.search(inside) and source.path not in ctx.asked):
            continue
        for label, text, span in _texts(ctx, source, own):
            dsn = parse_dsn(text, span)
            if dsn is not None and (not dsn.unknown or driver_settings(dsn)):
                yield _Found(source, own, label, dsn)


def _texts(ctx: Context, source: SourceFile, path: str) -> Iterator[tuple[str, str, Span]]:
    """Each URL of a file with its name and place; of files with a form of their own what is no setting is left out."""
    parser = _PARSERS.get(PurePosixPath(path).suffix)
    document = None if parser is None else parser(source) if EMBEDDED in path else ctx.parsed(source, parser)
    if document is None or any(failed for _, _, failed in document.problems):
        yield from _in_lines(source)
    else:
        yield from _in_tree(document)


def _in_tree(document: Document) -> Iterator[tuple[str, str, Span]]:
    for root in document.roots:
        for path, node in root.walk():
            if path and str(path[0]).lower() in _DESK:
                continue
            label = next((str(step) for step in reversed(path) if not isinstance(step, int)), "")
            for url in _URL.findall(node.text):
                whole = url == node.text.strip()
                yield label, url if whole else url.rstrip(",;)]}"), node.span


def _in_lines(source: SourceFile) -> Iterator[tuple[str, str, Span]]:
    for found in _URL.finditer(source.text):
        start = source.text.rfind("\n", 0, found.start()) + 1
        before = source.text[start : found.start()]
        if before.lstrip().startswith(_COMMENTS):
            continue
        text = found[0].rstrip(",;)]}")
        named = _NAME.search(before)
        span = source.span(found.start(), found.start() + len(text))
        yield named[1] if named else "", unescape(text) if "&amp;" in text else text, span


def _clients(ctx: Context, pins: Pins, one: _Found) -> list[Component]:
    """The clients that read a file: those that mount it, else the program it stands beside."""
    owners = [w for w in ctx.workloads if one.path in w.mounts or one.source.path in w.mounts]
    project = pins.project(one.source.path)
    if not owners:
        return [_client(one, built_from(ctx.workloads, one.source.path), project)]
    return [_client(one, owner, project) for owner in owners]


def _client(one: _Found, owner: Workload | None, project: str) -> Component:
    settings = driver_settings(one.dsn)
    product = driver_of(one.dsn) if settings else PRODUCT
    link = dsn_link(one.dsn, one.label)
    program = owner.key if owner is not None else f"code:{project}"
    timers = ",".join(f"{name}={given[0].text}" for name, given in sorted(settings.items()))
    part = f"{link.target}?{timers}" if settings else "urls"
    return Component(
        f"{product}:{program}#{part}", owner.name if owner else PurePosixPath(project).name or product, product,
        one.dsn.span, "client", variant=one.dsn.variant if settings else None,
        scope=owner.scope if owner else f"dir:{project}", settings=settings,
        links=(replace(link, settings=settings) if settings else link,), workload=owner.key if owner else "",
        files=(one.source.path,), protocol=link.protocol if settings else "",
        part_of="" if owner else f"code:{project}",
    )  # fmt: skip


def _joined(first: Component, more: Component) -> Component:
    known = {_target(link) for link in first.links}
    links = tuple(link for link in more.links if _target(link) not in known)
    return replace(first, links=(*first.links, *links)[:_MOST], files=tuple(dict.fromkeys((*first.files, *more.files))))


def _target(link: Link) -> tuple[str, str]:
    return str(link.target), link.unknown
