"""A finding of idle reuse with the real programs: which of them, how they are timed, and what came of it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tochain.model.errors import UsageError
from tochain.model.finding import Finding
from tochain.model.hop import Hop
from tochain.reproduce.clients import CLIENTS, STUB_CLIENT
from tochain.reproduce.programs import Program, Setup, free_port, running, version
from tochain.reproduce.race import Attempt, ask, ask_again, attempt, told
from tochain.reproduce.relay import DELAY, Relay
from tochain.reproduce.servers import SERVERS, STUB_SERVER
from tochain.reproduce.story import ladder

__all__ = ["Shown", "race", "show"]

TRIES = 3
METHODS = ("GET", "POST")
APART = 0.06  # seconds between two tries, so that their windows do not coincide

STANDS_FOR = {
    "openresty": "nginx",
    "ingress-nginx": "nginx",
    "nginx-kubernetes-ingress": "nginx",
    "istio": "envoy",
    "envoy-gateway": "envoy",
    "contour": "envoy",
    "emissary": "envoy",
    "cilium": "envoy",
    "cilium-envoy": "envoy",
    "fastify": "nodejs-http",
}
"""Products built on another one of which there is a program to start."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The text for the reader, and whether the finding happened: a failure, or one healed by a silent retry."""

    text: str
    happened: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """One end: the program that plays it, its own idle limit and the scaled one in seconds (None: none)."""

    name: str
    product: str
    program: Program
    own: str
    idle: float | None

    def line(self) -> str:
        """Who plays this end, and how long it keeps an idle connection here."""
        kept = "never lets go" if self.idle is None else f"{self.idle:g} s"
        if self.program in (STUB_CLIENT, STUB_SERVER):
            what = (
                "keeps connections, repeats nothing and answers 503"
                if self.program is STUB_CLIENT
                else "keeps connections"
            )
            who = f"a stub for {self.product} (there is no program to start): it {what}"
        else:
            as_what = f" for {self.product}" if self.program.product != self.product else ""
            who = f"{self.program.product} {version(self.program)}{as_what}"
        return f"{self.name}: idle limit {kept} ({self.own} in your files); {who}"


def show(finding: Finding, hop: Hop, *, tries: int = TRIES) -> Shown:
    """Starts both ends of the hop on 127.0.0.1 and sends requests into the window, `tries` of each method.

    Writes into a temporary directory only. Raises UsageError for a finding that is no race of idle limits,
    Missing with what to install, TochainError when a program does not start.
    """
    if finding.family != "idle-reuse":
        raise UsageError(f"{finding.rule} cannot be shown with programs yet; findings of the family idle-reuse can")
    client, server, factor = _parts(finding, hop)
    lanes = race(client.program, server.program, client.idle, server.idle or 1.0, tries)
    caller = _caller(finding)
    text = [
        f"{finding.rule}: {client.name} -> {server.name}",
        f"  {client.line()}",
        f"  {server.line()}",
        f"  times divided by {factor:g}; all on 127.0.0.1; what is sent arrives {DELAY * 1000:g} ms later",
    ]
    shown: list[str] = []
    for method in METHODS:
        tried = lanes[method]
        best = next((one for one in tried if one.met), tried[0])
        if told(best) not in shown:
            text += ["", method, *(f"  {line}" for line in ladder(best, method, caller, client.name, server.name))]
            shown.append(told(best))
    text.append("")
    text += [f"{method}: {_counted(lanes[method])}" for method in METHODS]
    happened = any(one.met for tried in lanes.values() for one in tried)
    text.append(
        "Requests crossed the closing of their connection." if happened else "No request crossed a closing connection."
    )
    return Shown("\n".join(text) + "\n", happened)


def _counted(tried: Sequence[Attempt]) -> str:
    counts = Counter(told(one) for one in tried)
    return ", ".join(f"{outcome} in {count} of {len(tried)} tries" for outcome, count in counts.most_common())


def _caller(finding: Finding) -> str:
    """Who stands before the hop's client on the path."""
    at = finding.path.index(finding.hop.client) if finding.hop.client in finding.path else 0
    return finding.path[at - 1] if at > 0 else "caller"


def _parts(finding: Finding, hop: Hop) -> tuple[_Part, _Part, float]:
    """Both ends, and the factor their times are divided by so that the server's idle limit is one second."""
    kept, kept_as = _limit(finding, "connect.idle_keep")
    closes, closes_as = _limit(finding, "accept.idle_close")
    if closes is None:
        raise UsageError(f"when {hop.server.name} closes an idle connection is {closes_as}, which cannot be scaled")
    factor = max(closes, 1.0)
    idle = None if kept is None else max(kept / factor, 1.0)
    client = _Part(
        hop.client.name, hop.client.product, _played(hop.client.product, CLIENTS, STUB_CLIENT), kept_as, idle
    )
    server = _Part(
        hop.server.name,
        hop.server.product,
        _played(hop.server.product, SERVERS, STUB_SERVER),
        closes_as,
        closes / factor,
    )
    return client, server, factor


def _played(product: str, programs: dict[str, Program], stub: Program) -> Program:
    return programs.get(STANDS_FOR.get(product, product), stub)


def _limit(finding: Finding, timer: str) -> tuple[float | None, str]:
    """The seconds of a timer and how it is written; None where it never ends or is not part of the finding."""
    label = next((label for label in finding.labels if label.timer.endswith(timer)), None)
    return (label.seconds, label.value) if label else (None, "no limit")


def race(
    client: Program, server: Program, kept: float | None, closes: float, tries: int, *, again: bool = False
) -> dict[str, list[Attempt]]:
    """Every try of both methods against the two programs, each on a lane of its own.

    `kept` and `closes` are the idle limits in seconds; with `again` the caller sends both its requests on one
    connection. Raises Missing, or TochainError when a program does not start.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tochain-")))
        folder.chmod(0o755)
        port, front = free_port(), free_port()
        stack.enter_context(running(server, Setup(folder, port, closes)))
        relays = [stack.enter_context(Relay(port)) for _ in range(tries * len(METHODS))]
        stack.enter_context(running(client, Setup(folder, front, kept, [relay.port for relay in relays])))
        return _tried(relays, front, closes, tries, again)


def _tried(relays: Sequence[Relay], front: int, closes: float, tries: int, again: bool) -> dict[str, list[Attempt]]:
    found: dict[str, list[Attempt]] = {method: [] for method in METHODS}
    lanes = []
    for number, relay in enumerate(relays):
        method = METHODS[number // tries]

        def one(number: int = number, relay: Relay = relay, method: str = method) -> None:
            path = f"/{number}/x"
            if not again:
                found[method].append(attempt(relay, lambda word: ask(front, path, word), method, closes))
                return
            with ask_again(front, path) as send:
                found[method].append(attempt(relay, send, method, closes))

        lanes.append(threading.Thread(target=one, daemon=True))
        lanes[-1].start()
        time.sleep(APART)
    for lane in lanes:
        lane.join()
    return found
