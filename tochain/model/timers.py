"""The canonical timers: every name a rule, a facts file or tochain.yaml may use, with its meaning.

`connect.*` is a component as a client, `accept.*` as a server, `flow.*` a box that remembers a flow, then
`session.*`, `lifecycle.*`, `monitor.*`, `schedule.*` and `kernel.*` (what sockets inherit from their host).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

__all__ = ["ALIASES", "DATAGRAMS", "OF_TCP", "TIMERS", "Timer", "canonical", "nearest"]

Kind = Literal["time", "count", "word"]


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer: what it measures, and what "off" amounts to when it is compared.

    `off` is "never" where a mechanism that is off never fires (TCP keepalive, a limit), and "zero" where it
    ends things at once (a keep-alive that is off closes after the response).
    """

    name: str
    kind: Kind
    off: Literal["never", "zero"]
    meaning: str


def _side(side: str, table: str) -> list[Timer]:
    rows = []
    for line in table.strip().splitlines():
        name, kind, off, meaning = (part.strip() for part in line.split("|"))
        assert kind in ("time", "count", "word") and off in ("never", "zero")
        rows.append(Timer(f"{side}.{name}", kind, off, meaning))  # type: ignore[arg-type]
    return rows


_BOTH = """
connection_total | time | never | longest life of one connection whatever happens on it
heartbeat | time | never | application heartbeat this end sends or asks for
ping_interval | time | never | HTTP/2, WebSocket or protocol ping this end sends on a quiet connection
ping_timeout | time | never | wait for the answer to a ping
ping_min_interval | time | never | shortest ping interval this end tolerates from its peer
ping_without_calls | word | never | whether pings are sent, or tolerated, with no stream open
max_age | time | never | age after which a connection is retired between requests
max_requests | count | never | requests after which a connection is retired
stream_idle | time | never | silence on an upgraded or streaming exchange (WebSocket, SSE, gRPC stream, tunnel)
request_total | time | never | the whole request, first byte to last
upgraded_total | time | never | an upgraded connection (WebSocket), from the upgrade on, whatever flows on it
send_stall | time | never | pause between two successful writes
tls_handshake | time | never | TLS handshake
tcp_keepalive_time | time | never | idle time before the first TCP keepalive probe of this socket; off without SO_KEEPALIVE
tcp_keepalive_interval | time | never | pause between TCP keepalive probes
tcp_keepalive_probes | count | never | unanswered probes before the socket fails
tcp_user_timeout | time | never | unacknowledged data before the socket fails
queue_wait | time | never | wait in a queue for a free worker, slot or connection
idle_halfclosed | time | never | one direction closed, the other silent
retry_total | time | never | all tries together
"""

_ACCEPT = """
idle_close | time | zero | idle connection between two requests, closed by this end
idle_hint | time | never | what this end tells its peer in Keep-Alive: timeout=
idle_min_keep | time | zero | idle time guaranteed even when this end reloads
next_head | time | never | from the end of one request until the head of the next one on the connection is complete
header_read | time | never | from accept or first byte until the request head is complete
body_read | time | never | pause between two reads of the request body
request_read | time | never | receiving the whole request, head and body, without the time its answer takes
backlog_wait | time | never | wait in the listen backlog
drain | time | zero | how long this end keeps serving after it was told to stop
keepalive_enabled | word | zero | whether connections are kept at all
sni_required | word | never | whether a TLS client must name the host
lingering_close | time | never | wait for ignored data after the answer
protocol_detect | time | never | wait for the first bytes that tell the protocol
long_poll | time | never | how long an answer may be held back on purpose
far_heartbeat | time | never | heartbeat that reaches this hop from the server's side, through proxies that only pass it on (derived)
graceful | time | zero | wait for running requests when a worker is restarted
works_below | time | never | what a server further in may work on the request, as far as those between wait for it (derived)
killed | time | never | one request or task, ended from outside by killing the worker that has it
own_limit | time | never | one request or task, ended by the program itself, which still answers or cleans up
"""

_CONNECT = """
connect | time | never | TCP connect of one attempt
response_header | time | never | request sent until the response head is complete
read_stall | time | never | pause between two reads of the answer
attempt_total | time | never | one try, connect included
attempts | count | never | tries in all, the first included
attempts_below | count | never | tries of this hop times those of the worst path behind it (derived)
attempts_next | count | never | tries of the next hop on the worst path behind this one that tries again (derived)
gives_up | time | never | earliest limit on waiting for the answer of one try (derived)
far_heartbeat | time | never | heartbeat that reaches this hop from the client's side, through proxies that only pass it on (derived)
attempt_worst | time | never | one try at its longest, from its limits (derived)
worst | time | never | all tries at their longest, until this client gives up (derived)
retry_backoff | time | zero | pause before a further try
retry_condition | word | never | which failures and methods are tried again
stale_retry | word | never | which requests this client repeats by itself when a reused connection turns out closed: all, blind (all, wanted or not), idempotent, none
hint_slack | time | zero | how much earlier than its peer's hint this end gives a connection up
honours_hint | word | never | whether Keep-Alive: timeout= from the peer shortens the pool's idle time
idle_keep | time | zero | longest idle time of a pooled connection that may still be reused
idle_pool_size | count | zero | how many idle connections are kept for reuse
pool_wait | time | never | wait for a free pooled connection
validate_after_idle | time | never | idle time after which a pooled connection is tested before use
leak_detection | time | never | time after which a borrowed connection is reported
dns_ttl | time | never | how long a resolved address is kept
dns_timeout | time | never | one name look-up
sni | word | zero | whether the TLS client names the host it wants
reuse_mode | word | zero | when idle upstream connections are shared between requests
request_period | time | never | pause between two requests of a caller that works by the clock
long_poll | time | never | how long this end asks its peer to hold an answer back
circuit_open | time | never | how long calls are refused after failures
linger | time | never | wait before a batch is sent
"""

_FLOW = """
idle_tcp | time | never | silence after which an established TCP flow is forgotten
idle_udp | time | never | silence after which a UDP flow is forgotten
idle_halfclosed | time | never | silence after which a half-closed TCP flow is forgotten
idle_other | time | never | silence after which any other flow is forgotten
max_age | time | never | longest life of a flow
on_expiry | word | never | what the next packet meets: rst, drop, other-backend, fin
counts | word | never | what restarts the idle timer: any (TCP keepalive too), payload, frames
port_hold | time | never | how long a used source port stays blocked
"""

_SESSION = """
idle_session | time | never | silence after which the server ends a session
idle_in_transaction | time | never | silence inside an open transaction
statement_total | time | never | one statement
lock_wait | time | never | wait for a lock
heartbeat | time | never | heartbeat interval of the session protocol
heartbeat_choice | word | never | what a client makes of the proposed heartbeat: lower (of both values; its zero takes the proposal), decline (the same, but its zero is for both), own (its value is for both)
session_timeout | time | never | silence after which the peer counts as dead
ack_timeout | time | never | a delivered message must be acknowledged by then
message_lock | time | never | a delivered message stays invisible to others that long
poll_interval_max | time | never | longest pause between two polls of a consumer
request_total | time | never | one request of the session protocol
"""

_LIFECYCLE = """
pre_stop | time | zero | pause or hook before the process is told to stop
termination_grace | time | zero | told to stop until killed, the pre-stop hook included
drain | time | zero | how long the process finishes running work after it is told to stop
sidecar_drain | time | zero | how long the proxy beside a program serves it after both were told to stop
min_drain | time | zero | shortest drain even when nothing runs
deregistration_delay | time | zero | how long a balancer lets running requests to a removed target finish
health_interval | time | never | pause between health checks
health_timeout | time | never | one health check
health_fail_count | count | never | failures until the target gets no more requests
health_ok_count | count | never | successes until it gets requests again
slow_start | time | zero | ramp-up of a new target
startup | time | never | time a start may take before it counts as failed
reload_drain | time | never | how long old workers live after a reload
process_idle | time | never | idle worker process is ended
"""

_MONITOR = """
interval | time | never | pause between two probes or scrapes
timeout | time | never | one probe or scrape
retries | count | never | failures before it counts as down
retry_interval | time | never | pause before a failed probe is repeated
lookback | time | never | how old a sample may be and still count
user_deadline | time | never | what users wait for the same thing
"""

_SCHEDULE = """
period | time | never | from one start to the next
duration | time | never | how long one run takes or may take
concurrency | word | never | whether runs may overlap: allow, forbid, replace
deadline | time | never | how late a run may start
credential_lifetime | time | never | how long a credential is valid
credential_hold | time | never | how long a client keeps a credential without refreshing it
refresh_margin | time | never | how long before expiry a credential is renewed
delivery_delay | time | never | pause before a message is delivered
misfire | time | never | lateness after which a run counts as missed
pool_size | count | never | threads that run jobs
"""

_KERNEL = """
tcp_keepalive_time | time | never | net.ipv4.tcp_keepalive_time: what a socket with SO_KEEPALIVE and no own value uses
tcp_keepalive_interval | time | never | net.ipv4.tcp_keepalive_intvl
tcp_keepalive_probes | count | never | net.ipv4.tcp_keepalive_probes
tcp_retries2 | count | never | net.ipv4.tcp_retries2: retransmissions of unacknowledged data before a socket fails
tcp_syn_retries | count | never | net.ipv4.tcp_syn_retries
tcp_fin_timeout | time | never | net.ipv4.tcp_fin_timeout
retransmit_total | time | never | time until a socket with unacknowledged data fails (from tcp_retries2)
"""

TIMERS: dict[str, Timer] = {
    timer.name: timer
    for timer in [
        *_side("accept", _BOTH + _ACCEPT.lstrip("\n")),
        *_side("connect", _BOTH + _CONNECT.lstrip("\n")),
        *_side("flow", _FLOW),
        *_side("session", _SESSION),
        *_side("lifecycle", _LIFECYCLE),
        *_side("monitor", _MONITOR),
        *_side("schedule", _SCHEDULE),
        *_side("kernel", _KERNEL),
    ]
}
"""Every timer by its full name."""

OF_TCP = frozenset({"flow.idle_tcp", "connect.tcp_keepalive_time", "accept.tcp_keepalive_time"})
"""Timers that only TCP connections have."""
DATAGRAMS = frozenset(
    {"udp", "quic", "http3", "wireguard", "dtls", "coap", "rtp", "dns", "syslog", "statsd", "ipsec", "openvpn"}
)
"""Protocols that a box sees as UDP."""

ALIASES: dict[str, str] = {
    "connect.retry_conditions": "connect.retry_condition",
    "connect.pool_reuse": "connect.reuse_mode",
    "connect.pings_without_data": "connect.ping_without_calls",
    "connect.validate_timeout": "connect.validate_after_idle",
    "accept.idle_session": "session.idle_session",
    "accept.half_close": "accept.idle_halfclosed",
    "lifecycle.drain_policy": "lifecycle.drain",
}
"""Older names of facts files and what they are called here."""


def canonical(name: str) -> str | None:
    """The canonical name for `name` (aliases followed), or None when there is no such timer."""
    name = ALIASES.get(name, name)
    return name if name in TIMERS else None


def nearest(name: str) -> list[str]:
    """The up to three timers whose names are nearest to a wrong one."""
    return get_close_matches(name, TIMERS, n=3, cutoff=0.5)
