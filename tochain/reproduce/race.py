"""One request into the window: it leaves while the other end's FIN is still on its way."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tochain.reproduce.relay import Event, Relay

__all__ = ["Ask", "Attempt", "ask", "ask_again", "attempt", "told"]

LEAD = 0.03
"""How many seconds before the server's time is up the request leaves when the pool has let the connection go."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one try came to.

    `outcome` is a status, or how the connection ended; `met` tells that the request crossed a FIN on a reused
    connection, `repeated` that it was then sent again. `began`, `asked`, `ended` are time.monotonic().
    """

    outcome: str
    met: bool
    repeated: bool
    began: float
    asked: float
    ended: float
    events: tuple[Event, ...]


Ask = Callable[[str], str]
"""Sends a request by the method and says the outcome."""


def ask(port: int, path: str, method: str, timeout: float = 20) -> str:
    """The outcome of one request on a connection of its own: the status, or how the connection ended."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        return _outcome(connection, path, method)
    finally:
        connection.close()


@contextmanager
def ask_again(port: int, path: str, timeout: float = 20) -> Iterator[Ask]:
    """Sends each request on the same connection, as a caller that pools does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        yield lambda method: _outcome(connection, path, method)
    finally:
        connection.close()


def _outcome(connection: http.client.HTTPConnection, path: str, method: str) -> str:
    try:
        connection.request(method, path, body=b"x=1" if method == "POST" else None)
        answer = connection.getresponse()
        answer.read()
        return str(answer.status)
    except TimeoutError:
        return "no answer"
    except http.client.RemoteDisconnected:
        return "connection closed without an answer"
    except ConnectionResetError:
        return "connection reset"
    except (ConnectionError, http.client.HTTPException):
        return "connection closed without an answer"


def attempt(relay: Relay, send: Ask, method: str, idle: float) -> Attempt:
    """A first request, then the second one just when the first connection is being closed.

    `idle` is the server's idle limit in seconds. Whichever end closes first decides: on a FIN of the server the request
    leaves at once; when the pool let go first, shortly before the server would have; else two seconds after it.
    """
    seen = len(relay.events)
    began = time.monotonic()
    first = _first(send)
    answered = time.monotonic()
    if first != "200":
        return Attempt(f"first request: {first}", False, False, began, answered, answered, tuple(relay.events[seen:]))
    closed = relay.wait(lambda e: e.what in ("FIN", "RST") and e.at >= began, idle + 2)
    if closed is not None and closed.sender == "client":
        time.sleep(max(0.0, answered + idle - LEAD - time.monotonic()))
    asked = time.monotonic()
    outcome = send(method)
    ended = time.monotonic()
    time.sleep(2 * relay.delay)  # for what is still on its way
    events = tuple(relay.events[seen:])
    return Attempt(outcome, *_crossed(events, closed), began, asked, ended, events)


def _first(send: Ask) -> str:
    """The first answer; a proxy that listens before it knows its routes says 404 for a moment."""
    until = time.monotonic() + 10
    while (outcome := send("GET")) == "404" and time.monotonic() < until:
        time.sleep(0.1)
    return outcome


def _crossed(events: tuple[Event, ...], closed: Event | None) -> tuple[bool, bool]:
    """Whether a request was sent on the connection the server had closed, and whether it was sent again after that."""
    if closed is None or closed.sender != "server":
        return False, False
    late = [e for e in events if e.sender == "client" and e.what == "data" and e.at >= closed.at]
    met = any(e.connection == closed.connection for e in late)
    return met, met and any(e.connection != closed.connection for e in late)


def told(attempt: Attempt) -> str:
    """The outcome in the facts' words."""
    if attempt.outcome == "200" and attempt.repeated:
        return "200 after a silent retry"
    return attempt.outcome
