"""Graphs and rules made by hand, for tests that need no file of a product."""

from __future__ import annotations

from tochain.engine.rulefile import RuleFile
from tochain.engine.schema import Rule, load_rule
from tochain.model.component import Component, Kind
from tochain.model.fact import Fact, Facts, Origin
from tochain.model.hop import Graph, Hop, Pair
from tochain.model.limit import Limit, Word, parse_duration
from tochain.model.span import Pos, Span
from tochain.model.timers import TIMERS

RULE = """\
id: a-rule
status: stable
since: "0.1.0"
severity: error
summary: something
scope: hop
when: not off(client.connect.idle_keep)
require: client.connect.idle_keep + margin <= server.accept.idle_close
params:
  margin: {default: 1s, help: something}
message: "{client} {client.connect.idle_keep} {server} {server.accept.idle_close} {margin}"
labels:
  - {of: client.connect.idle_keep, text: "kept {value}", primary: true}
  - {of: server.accept.idle_close, text: "closed {value}"}
wire:
  - {at: 0s, from: server, to: client, send: answer}
  - {at: server.accept.idle_close, from: server, to: client, send: FIN}
  - {at: client.connect.idle_keep, from: client, to: server, send: request}
seen: ["lost requests at {client}"]
fix:
  - {set: client.connect.idle_keep, to: server.accept.idle_close - margin, because: "{server} closes"}
  - {set: server.accept.idle_close, to: client.connect.idle_keep + margin, safety: safe, because: "{client} keeps"}
why: because
sources: [https://example.com/]
examples: {}
"""


def rule(text: str = RULE, path: str = "rules/idle-reuse/a-rule.yaml") -> Rule:
    """The rule in a text."""
    return load_rule(RuleFile(path, text, path.split("/")[-2]))


def changed(**lines: str | None) -> Rule:
    """The rule above with the lines of some keys replaced, or taken out (None)."""
    kept = []
    for line in RULE.splitlines(keepends=True):
        key = line.split(":")[0]
        if key in lines:
            value = lines.pop(key)
            line = "" if value is None else f"{key}: {value}\n"
        kept.append(line)
    extra = "".join(f"{key}: {value}\n" for key, value in lines.items())
    return rule(extra + "".join(kept))


def span(path: str = "a.conf", line: int = 1, column: int = 1, size: int = 5) -> Span:
    """A place in one line."""
    return Span(path, Pos(line, column), Pos(line, column + size))


def limit(timer: str, text: str) -> Limit:
    """A limit as tochain.yaml writes it."""
    return Word(text) if TIMERS[timer].kind == "word" else parse_duration(text)


def fact(timer: str, value: str | Limit, at: Span | None = None, origin: Origin = "written", **more: str) -> Fact:
    """A fact whose setting is called as the timer's last part."""
    known = limit(timer, value) if isinstance(value, str) else value
    return Fact(timer, known, more.pop("setting", timer.split(".")[1]), origin, at or span(), **more)  # type: ignore[arg-type]


def facts(*found: Fact) -> Facts:
    """Facts by timer, several of one timer together."""
    grouped: Facts = {}
    for one in found:
        grouped[one.timer] = (*grouped.get(one.timer, ()), one)
    return grouped


def component(name: str, *found: Fact, kind: Kind = "server", product: str = "thing", **more: object) -> Component:
    """A component with facts."""
    return Component(f"{product}:{name}", name, product, span(f"{name}.conf"), kind, facts=facts(*found), **more)  # type: ignore[arg-type]


def hop(client: Component, server: Component, *boxes: Component, protocol: str = "http", label: str = "") -> Hop:
    """A hop with the facts of both ends."""
    return Hop(client, server, client.facts, server.facts, boxes, protocol, label)


def graph(*hops: Hop, pairs: tuple[Pair, ...] = ()) -> Graph:
    """The graph of some hops, with every component on them."""
    everything = {c.key: c for h in hops for c in (h.client, *h.boxes, h.server)}
    return Graph(tuple(everything.values()), hops, pairs, path_of={h.key: (h.client.name, h.server.name) for h in hops})
