"""Work far inside: how long a server behind other hops may be at a request, as seen from the hops in front of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from tochain.model.fact import Fact
from tochain.model.hop import Hop
from tochain.model.limit import Finite

__all__ = ["with_far_work"]

MOST_ROUNDS = 8
"""How many hops further in the work may be."""


def with_far_work(hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
    """The hops with `accept.works_below` at those whose server passes requests on to one that somebody gave a limit.

    Only through ends that wait by default: where somebody wrote how long, the two next to one another are compared.
    Linear in the number of hops for each hop further in, cycles included.
    """
    onward: dict[str, list[Hop]] = defaultdict(list)
    for hop in hops:
        onward[hop.client.program].append(hop)
    work: dict[str, Fact] = {}
    for _ in range(MOST_ROUNDS):
        found = {program: fact for program, ahead in onward.items() if (fact := _longest(ahead, work)) is not None}
        if found == work:
            break
        work = found
    return tuple(_with(hop, work.get(hop.server.program)) for hop in hops)


def _longest(ahead: list[Hop], work: dict[str, Fact]) -> Fact | None:
    """The longest work behind a program's own hops, each as far as the program waits for it."""
    facts = [fact for hop in ahead if (fact := _behind(hop, work.get(hop.server.program))) is not None]
    return max(facts, key=_amount, default=None)


def _behind(hop: Hop, further: Fact | None) -> Fact | None:
    patience = next(iter(hop.client_facts.get("connect.gives_up", ())), None)
    if patience is None or patience.stated or not isinstance(patience.limit, Finite):
        return None
    own = next(iter(hop.server_facts.get("accept.request_total", ())), None)
    if own is not None and own.stated and isinstance(own.limit, Finite):
        further = replace(own, timer="accept.works_below", owner=own.owner or hop.server.name)
    if further is None:
        return None
    if patience.limit.amount < _amount(further):
        return None  # who is in between gives up first, and that is told there
    return further


def _with(hop: Hop, work: Fact | None) -> Hop:
    patience = next(iter(hop.client_facts.get("connect.gives_up", ())), None)
    default = patience is not None and not patience.stated and isinstance(patience.limit, Finite)
    if work is None or not default or hop.server.name == work.owner:
        return hop
    return replace(hop, server_facts={**hop.server_facts, "accept.works_below": (work,)})


def _amount(fact: Fact) -> int:
    assert isinstance(fact.limit, Finite)
    return fact.limit.amount
