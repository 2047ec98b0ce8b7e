"""Labels of containers that caddy-docker-proxy makes a Caddyfile of: `caddy: site`, `caddy.directive.option: arguments`.

Format: the README of lucaslorentz/caddy-docker-proxy. A number before a directive orders it, one behind keeps it apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tochain.formats.caddyfile import Caddyfile, Directive, Site, Token
from tochain.model.component import Address, Link, Workload
from tochain.model.fact import Setting
from tochain.model.span import Span

__all__ = ["Containers", "labelled", "read_labels"]

_ROOT = re.compile(r"label:(caddy(?:_\d+)?)((?:\..+)?)")
_STEP = re.compile(r"(?:\d+_)?(?P<name>.+?)(?:_\d+)?")
_WORD = re.compile(r"\"(?P<quoted>[^\"]*)\"|`(?P<raw>[^`]*)`|\{\{.*?\}\}|\S+")
_UPSTREAMS = re.compile(r"\{\{-?\s*upstreams(?:\s+(?P<scheme>https?|h2c))?(?:\s+(?P<port>\d{1,5}))?\s*-?\}\}")
_PORTS = {"https": 443, "h2c": 80, "http": 80}
MAX_DEPTH = 12


@dataclass(slots=True)
class Containers:
    """The Caddyfile that labels come to, and which containers `{{upstreams}}` stands for at each place."""

    tree: Caddyfile = field(default_factory=Caddyfile)
    upstreams: dict[Span, tuple[Address, str]] = field(default_factory=dict)

    def joined(self, link: Link) -> Link:
        """A link, to the container itself where its label says so."""
        if link.unknown and link.span in self.upstreams:
            target, protocol = self.upstreams[link.span]
            return Link(target, link.span, link.settings, protocol or link.protocol, link.label)
        return link


@dataclass(slots=True)
class _Node:
    """One step of label names: its own value and the steps below it."""

    value: Setting | None = None
    below: dict[str, _Node] = field(default_factory=dict)


def labelled(workload: Workload) -> bool:
    """Whether a workload has labels for Caddy."""
    return any(_ROOT.fullmatch(name) for name in workload.settings)


def read_labels(workloads: Iterable[Workload]) -> Containers:
    """The sites the labels of these workloads describe; those of one address are one site."""
    out = Containers()
    sites: dict[str, Site] = {}
    for workload in workloads:
        for root in _trees(workload).values():
            if (site := _site(root)) is None:
                continue
            address = " ".join(key.text for key in site.keys) or f"{site.kind} {site.name}"
            if address in sites:
                sites[address].body.extend(site.body)
            else:
                sites[address] = site
            _find_upstreams(site.body, workload, out)
    out.tree.sites = list(sites.values())
    return out


def _trees(workload: Workload) -> dict[str, _Node]:
    roots: dict[str, _Node] = {}
    for label, values in workload.settings.items():
        found = _ROOT.fullmatch(label)
        if found is None or not values:
            continue
        node = roots.setdefault(found[1], _Node())
        for step in found[2].split(".")[1 : MAX_DEPTH + 1]:
            node = node.below.setdefault(step, _Node())
        node.value = values[-1]
    return roots


def _site(root: _Node) -> Site | None:
    body = list(_lines(root))
    span = root.value.span if root.value is not None else body[0].span if body else None
    if span is None:
        return None
    keys = [Token(word.text.rstrip(","), word.span, word.quoted) for word in _words(root.value)]
    first = keys[0].text if keys else ""
    for kind, mark in (("snippet", "("), ("route", "&(")):
        if first.startswith(mark):
            return Site([], body, span, kind, first[len(mark) :].rstrip(")"))  # type: ignore[arg-type]
    return Site(keys, body, span, "site" if keys else "global")


def _lines(node: _Node) -> Iterator[Directive]:
    for step, below in node.below.items():
        name = _STEP.fullmatch(step)
        inner = list(_lines(below))
        span = below.value.span if below.value is not None else inner[0].span if inner else None
        if name is not None and span is not None:
            yield Directive([Token(name["name"], span), *_words(below.value)], inner or None)


def _words(value: Setting | None) -> list[Token]:
    if value is None:
        return []
    found = _WORD.finditer(value.text)
    return [Token(_text(word), value.span, word[0] != _text(word)) for word in found]


def _text(word: re.Match[str]) -> str:
    return next((part for part in (word["quoted"], word["raw"]) if part is not None), word[0])


def _find_upstreams(body: list[Directive], workload: Workload, out: Containers) -> None:
    waiting = list(body)
    while waiting:
        line = waiting.pop()
        waiting += line.block or []
        for word in line.args:
            if found := _UPSTREAMS.fullmatch(word.text):
                scheme = found["scheme"] or ""
                port = int(found["port"]) if found["port"] else _PORTS.get(scheme, 80)
                out.upstreams[word.span] = (Address(ref=workload.key, port=port), "http2" if scheme == "h2c" else "")
