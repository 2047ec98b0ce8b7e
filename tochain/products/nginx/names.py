"""Which directives tell something about timers, in what form their value stands, and where."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

__all__ = ["MODULES", "PASSES", "RUNTIME", "SERVER_SIDE", "Form", "form", "module_of"]

Form = Literal["time", "word", "words", "count"]

MODULES: Final = ("proxy", "grpc", "fastcgi", "uwsgi", "scgi", "memcached", "tunnel")
"""The prefixes of the modules that connect to others; each has timers of its own and none of its neighbours'."""

PASSES: Final = {f"{module}_pass": module for module in MODULES}
"""The directives that open a connection, and their modules."""

RUNTIME: Final = "pass with a variable"
"""What settings call a target that is evaluated for each request, so that its name is looked up while nginx runs."""

SERVER_SIDE: Final = (
    "keepalive_timeout", "keepalive_timeout hint", "keepalive_requests", "keepalive_time", "keepalive_min_timeout",
    "client_body_timeout", "send_timeout", "lingering_timeout", "lingering_time", "lingering_close",
)  # fmt: skip
"""What a location may say about the connection of the client."""

_MODULE: Final = re.compile(rf"({'|'.join(MODULES)})_(.+)")
_MODULE_FORMS: Final[dict[str, Form]] = {
    "connect_timeout": "time", "send_timeout": "time", "read_timeout": "time", "timeout": "time",
    "next_upstream_timeout": "time", "cache_lock_timeout": "time", "protocol_timeout": "time",
    "next_upstream_tries": "count", "next_upstream": "words", "socket_keepalive": "word", "ssl_server_name": "word",
    "http_version": "word", "request_buffering": "word", "buffering": "word", "ignore_client_abort": "word",
    "half_close": "word", "ssl": "word", "ssl_name": "word", "keep_conn": "word",
}  # fmt: skip
_FORMS: Final[dict[str, Form]] = {
    "keepalive_timeout": "time", "keepalive_min_timeout": "time", "keepalive_time": "time",
    "keepalive_requests": "count",
    "client_header_timeout": "time", "client_body_timeout": "time", "send_timeout": "time", "lingering_timeout": "time",
    "lingering_time": "time", "lingering_close": "word", "worker_shutdown_timeout": "time", "resolver_timeout": "time",
    "http2_idle_timeout": "time", "http2_recv_timeout": "time", "http2_max_requests": "count",
    "ssl_handshake_timeout": "time",
    "preread_timeout": "time", "resolver": "words", "http2": "word", "http3": "word",
    "reset_timedout_connection": "word",
    "keepalive": "count", "keepalive_disable": "words", "ssl_preread": "word",
    "lua_socket_connect_timeout": "time", "lua_socket_send_timeout": "time", "lua_socket_read_timeout": "time",
    "lua_socket_keepalive_timeout": "time", "lua_socket_pool_size": "count",
}  # fmt: skip


@cache
def form(name: str) -> Form | None:
    """How the value of a directive is to be read; None for a directive that says nothing of timers."""
    found = _MODULE.fullmatch(name)
    if found is not None:
        return _MODULE_FORMS.get(found[2])
    return _FORMS.get(name)


@cache
def module_of(name: str) -> str | None:
    """The module a setting belongs to by its prefix (lua for OpenResty's cosockets); None for those of the core."""
    if name.startswith("lua_"):
        return "lua"
    found = _MODULE.match(name)
    return found[1] if found else None
