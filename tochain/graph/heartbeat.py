"""Heartbeats that pass through: which one of either far end reaches a hop, over proxies that only hand bytes on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from tochain.model.component import Component
from tochain.model.fact import Fact, Facts
from tochain.model.hop import Hop
from tochain.model.limit import Finite, Limit, Never, Off, OneOf, Unknown, Unset, Word

__all__ = ["with_heartbeats"]

END_TO_END = ("websocket", "tcp", "tls", "amqp", "mqtt", "stomp", "mysql", "postgresql", "redis", "mongodb", "kafka", "nats", "ssh", "sse")
"""Protocols whose pings are payload for a proxy, so that they reach the far end; HTTP/2 and gRPC pings end at every hop."""

_DEPTH = 8


def with_heartbeats(hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
    """The hops with `connect.far_heartbeat` and `accept.far_heartbeat`, for protocols in which an end can beat through proxies."""
    into: dict[str, list[Hop]] = defaultdict(list)
    out: dict[str, list[Hop]] = defaultdict(list)
    for hop in hops:
        into[hop.server.program].append(hop)
        out[hop.client.program].append(hop)
    return tuple(_with(hop, into, out) for hop in hops)


def _with(hop: Hop, into: dict[str, list[Hop]], out: dict[str, list[Hop]]) -> Hop:
    if hop.protocol not in END_TO_END:
        return hop
    client = _from_client(hop, into, _DEPTH)
    server = _from_server(hop, out, _DEPTH)
    if client is None and server is None:
        return hop
    client_facts: Facts = {**hop.client_facts}
    server_facts: Facts = {**hop.server_facts}
    if client is not None:
        client_facts["connect.far_heartbeat"] = (replace(client, timer="connect.far_heartbeat"),)
    if server is not None:
        server_facts["accept.far_heartbeat"] = (replace(server, timer="accept.far_heartbeat"),)
    return replace(hop, client_facts=client_facts, server_facts=server_facts)


def _from_client(hop: Hop, into: dict[str, list[Hop]], depth: int) -> Fact | None:
    own = _own(hop.client_facts, "connect", hop.protocol, hop.client)
    if own is not None or depth == 0:
        return own
    # Of several callers the slowest heartbeat is the one a proxy has to live with; the first unknown leaves it open.
    return _slowest([_from_client(outer, into, depth - 1) for outer in into.get(hop.client.program, ())[:16]]) or _not_known("connect", hop.client)


def _from_server(hop: Hop, out: dict[str, list[Hop]], depth: int) -> Fact | None:
    own = _own(hop.server_facts, "accept", hop.protocol, hop.server)
    if own is not None or depth == 0:
        return own
    return _slowest([_from_server(inner, out, depth - 1) for inner in out.get(hop.server.program, ())[:16]]) or _not_known("accept", hop.server)


def _own(facts: Facts, side: str, protocol: str, end: Component) -> Fact | None:
    """The heartbeat an end itself makes; None for a proxy without one, which passes on those of others.

    What an end that nobody described sends is not known: its program may beat by itself.
    """
    names = [f"{side}.heartbeat", "session.heartbeat"]
    if protocol in END_TO_END and end.kind != "proxy":
        names.append(f"{side}.ping_interval")
    found = [replace(facts[name][0], owner=end.name) for name in names if facts.get(name)]
    if end.kind == "proxy":
        found = [fact for fact in found if isinstance(fact.limit, Finite)]
    if found:
        return min(found, key=lambda fact: _amount(fact.limit))
    return None if end.kind == "proxy" else _not_known(side, end)


def _not_known(side: str, end: Component) -> Fact:
    nothing = Unknown(f"whether {end.name} sends heartbeats is not known")
    return Fact(f"{side}.far_heartbeat", nothing, "heartbeat", "assumed", end.span, owner=end.name)


def _slowest(found: list[Fact | None]) -> Fact | None:
    known = [fact for fact in found if fact is not None]
    if not known or len(known) < len(found):
        return None
    return max(known, key=lambda fact: _amount(fact.limit))


def _amount(limit: Limit) -> int:
    """For ordering only: what never comes or is unknown counts as later than anything."""
    match limit:
        case Finite(amount):
            return amount
        case OneOf(choices):
            return max(_amount(choice) for choice in choices)
        case Never() | Off() | Unknown() | Unset() | Word():
            return 1 << 62
