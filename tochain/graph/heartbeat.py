"""Heartbeats that pass through: which one of either far end reaches a hop, over proxies that only hand bytes on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from tochain.model.component import Component
from tochain.model.fact import Fact, Facts
from tochain.model.hop import Hop
from tochain.model.limit import OFF, Finite, Limit, Never, Off, OneOf, Unknown, Unset, Word

__all__ = ["with_heartbeats"]

END_TO_END = (
    "websocket", "tcp", "tls", "amqp", "mqtt", "stomp", "mysql", "postgresql",
    "redis", "mongodb", "kafka", "nats", "ssh", "sse", "kubernetes-stream",
)  # fmt: skip
"""Protocols whose pings are payload for a proxy, so that they reach the far end; HTTP/2 pings end at every hop."""

SILENT_SERVERS = {
    "mqtt": "an MQTT broker never pings, only its clients do",
    "kubernetes-stream": "the API server sends nothing while a log or a terminal is quiet",
}
"""Protocols whose servers send nothing by themselves, and why."""

SILENT_CLIENTS = {"sse": "a client of an event stream sends nothing after its request"}
"""Protocols whose clients send nothing by themselves, and why."""

BETWEEN_SERVERS = ("redis", "postgresql", "mysql")
"""Protocols whose session heartbeats are those of replication, which other clients never see."""

TIMEOUTS = {"amqp": 2}
"""Protocols whose heartbeat setting is a timeout: a frame is sent each time this part of it has passed."""

CHOICE = "session.heartbeat_choice"
"""What a client makes of the broker's proposal; without it both ends beat at what each of them has."""

PASSING = ("proxy", "lb")
"""Kinds that hand on what either side sends."""

_DEPTH = 8
_PARTS = {2: "half"}
_NONE = "this client asks for no heartbeats, and then the broker sends none either"
_OWN = "what this client asks for holds for the broker too"


@dataclass(frozen=True, slots=True)
class _Beat:
    """A heartbeat as it is sent, and whether the peer has to send at the same pace; None where that is not known."""

    fact: Fact
    both: bool | None = False


def with_heartbeats(hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
    """The hops with `connect.far_heartbeat` and `accept.far_heartbeat`, where the protocol lets an end beat through proxies."""
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
    if client is not None and client.both is not False:
        server = client if client.both else _not_known("accept", hop.server)
    silence = _silence(hop, into)
    if client is None and server is None and not silence:
        return hop
    client_facts: Facts = {**hop.client_facts}
    if silence:
        client_facts["connect.stream_idle"] = silence
    server_facts: Facts = {**hop.server_facts}
    if client is not None:
        client_facts["connect.far_heartbeat"] = (replace(client.fact, timer="connect.far_heartbeat"),)
    if server is not None:
        server_facts["accept.far_heartbeat"] = (replace(server.fact, timer="accept.far_heartbeat"),)
    return replace(hop, client_facts=client_facts, server_facts=server_facts)


def _silence(hop: Hop, into: dict[str, list[Hop]]) -> tuple[Fact, ...]:
    """How long a proxy lets a stream be silent towards its callers, where nobody is known to call it with one.

    It hands on both ways, so the silence it measures is that of the server's side too; what one place has of the same
    setting counts there.
    """
    said = hop.client_facts.get("accept.stream_idle", ())
    streamed = any(outer.protocol in END_TO_END for outer in into.get(hop.client.program, ()))
    if hop.client.kind not in PASSING or streamed or hop.client_facts.get("connect.stream_idle"):
        return ()
    names = {fact.setting for fact in said}
    own = tuple(fact for fact in hop.client_facts.get("connect.read_stall", ()) if fact.setting in names)
    return tuple(replace(fact, timer="connect.stream_idle") for fact in own or said)


def _from_client(hop: Hop, into: dict[str, list[Hop]], depth: int) -> _Beat | None:
    outer = [] if depth == 0 else into.get(hop.client.program, [])[:16]
    own = _own(hop.client_facts, "connect", hop, last=not outer)
    if own is not None or not outer:
        return own or _not_known("connect", hop.client)
    # Of several callers the slowest heartbeat is the one a proxy has to live with; the first unknown leaves it open.
    return _slowest([_from_client(one, into, depth - 1) for one in outer]) or _not_known("connect", hop.client)


def _from_server(hop: Hop, out: dict[str, list[Hop]], depth: int) -> _Beat | None:
    inner = [] if depth == 0 else out.get(hop.server.program, [])[:16]
    own = _own(hop.server_facts, "accept", hop, last=not inner)
    if own is not None or not inner:
        return own or _not_known("accept", hop.server)
    return _slowest([_from_server(one, out, depth - 1) for one in inner]) or _not_known("accept", hop.server)


def _own(facts: Facts, side: str, hop: Hop, *, last: bool) -> _Beat | None:
    """The heartbeat an end itself makes; None for a proxy without one, which passes on those of others.

    `last` is an end with nobody behind it: what it does not send nobody sends. What an end that nobody described sends
    is not known: its program may beat by itself.
    """
    end = hop.client if side == "connect" else hop.server
    names = [f"{side}.heartbeat", *(() if hop.protocol in BETWEEN_SERVERS else ("session.heartbeat",))]
    if end.kind not in PASSING or last:
        names.append(f"{side}.ping_interval")
    choice = facts[CHOICE][0].limit if facts.get(CHOICE) else None
    found = [_beat(facts[name][0], end, hop.protocol, choice) for name in names if facts.get(name)]
    if end.kind in PASSING and not last:
        found = [beat for beat in found if isinstance(beat.fact.limit, Finite)]
    if found:
        return min(found, key=lambda beat: _amount(beat.fact.limit))
    silent = (SILENT_CLIENTS if side == "connect" else SILENT_SERVERS).get(hop.protocol)
    if end.kind in PASSING and not last:
        return None
    if silent:
        return _Beat(Fact(f"{side}.far_heartbeat", OFF, "heartbeat", "fixed", end.span, because=silent, owner=end.name))
    return _not_known(side, end)


def _beat(fact: Fact, end: Component, protocol: str, choice: Limit | None) -> _Beat:
    """A heartbeat as it is sent: where the setting is a timeout, more often than it says."""
    fact = replace(fact, owner=end.name)
    part = TIMEOUTS.get(protocol)
    if part is None or not fact.timer.startswith("session."):
        return _Beat(fact)
    own = choice == Word("own")
    if isinstance(fact.limit, Finite):
        because = f"{fact.setting} {fact.value} is a timeout; a frame is sent after {_PARTS[part]} of it"
        fact = replace(fact, limit=Finite(fact.limit.amount // part), because=f"{because}; {_OWN}" if own else because)
    elif isinstance(fact.limit, OneOf):
        fact = replace(fact, limit=OneOf(tuple(_part_of(choice, part) for choice in fact.limit.choices)))
    elif isinstance(fact.limit, Off) and choice in (Word("own"), Word("decline")):
        return _Beat(replace(fact, because=_NONE), both=True)
    elif isinstance(fact.limit, Off) and isinstance(choice, OneOf | Unknown):
        return _Beat(fact, both=None)
    return _Beat(fact, both=own)


def _part_of(limit: Finite | Never | Off | Word, part: int) -> Finite | Never | Off | Word:
    return Finite(limit.amount // part) if isinstance(limit, Finite) else limit


def _not_known(side: str, end: Component) -> _Beat:
    nothing = Unknown(f"whether {end.name} sends heartbeats is not known")
    return _Beat(Fact(f"{side}.far_heartbeat", nothing, "heartbeat", "assumed", end.span, owner=end.name))


def _slowest(found: list[_Beat | None]) -> _Beat | None:
    known = [beat for beat in found if beat is not None]
    if not known or len(known) < len(found):
        return None
    return max(known, key=lambda beat: _amount(beat.fact.limit))


def _amount(limit: Limit) -> int:
    """For ordering only: what never comes or is unknown counts as later than anything."""
    match limit:
        case Finite(amount):
            return amount
        case OneOf(choices):
            return max(_amount(choice) for choice in choices)
        case Never() | Off() | Unknown() | Unset() | Word():
            return 1 << 62
