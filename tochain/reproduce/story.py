"""What happened, as a ladder with times."""

from __future__ import annotations

from tochain.report.ladder import Rung, draw
from tochain.reproduce.race import Attempt, told
from tochain.reproduce.relay import Event

__all__ = ["ladder"]


def ladder(attempt: Attempt, method: str, caller: str, client: str, server: str) -> list[str]:
    """One try as lines; times count from the moment the first answer left the server."""
    events = list(attempt.events)
    zero = _answered(events)
    if zero is None:
        return [told(attempt)]
    closing = next((e for e in events if e.what == "FIN" and e.at > zero and e.sender == "server"), None)
    ends: dict[str, tuple[str, str]] = {"client": (client, server), "server": (server, client)}
    rungs = [(e.at, Rung(_time(e.at, zero), *ends[e.sender], _what(e, zero, closing))) for e in events if e.at >= zero]
    rungs.append((attempt.asked, Rung(_time(attempt.asked, zero), caller, client, f"{method}, the next request")))
    rungs.append((attempt.ended, Rung(_time(attempt.ended, zero), client, caller, told(attempt))))
    return draw([rung for _, rung in sorted(rungs, key=lambda one: one[0])])


def _answered(events: list[Event]) -> float | None:
    """When the first answer left the server."""
    return next((e.at for e in events if e.sender == "server" and e.what == "data"), None)


def _what(event: Event, zero: float, closing: Event | None) -> str:
    if event.what == "open":
        return "opens a new connection"
    if event.what != "data":
        return event.what
    if event.at == zero:
        return f"{event.text}: the answer; the connection is kept"
    crossing = closing is not None and event.sender == "client" and event.connection == closing.connection
    return f"{event.text}, crossing the FIN" if crossing else event.text


def _time(at: float, zero: float) -> str:
    return f"{at - zero:.3f}s"
