"""Raw socket options: the keepalive of sockets by level and number, as Linux counts them."""

from __future__ import annotations

from tochain.formats.tree import Node
from tochain.model.fact import Setting
from tochain.products.envoy import proto

__all__ = ["socket_options"]

_SOL_SOCKET, _IPPROTO_TCP = "1", "6"
_PARTS = {
    (_SOL_SOCKET, "9"): "",
    (_IPPROTO_TCP, "4"): ".keepalive_time",
    (_IPPROTO_TCP, "5"): ".keepalive_interval",
    (_IPPROTO_TCP, "6"): ".keepalive_probes",
}
_USER_TIMEOUT = (_IPPROTO_TCP, "18")


def socket_options(options: list[Node], keepalive: str, raw: str, scope: str) -> list[Setting]:
    """Settings for the options that carry timers, keepalive ones under the name of the keepalive block."""
    found = []
    for option in options:
        key = (proto.text(option, "level"), proto.text(option, "name"))
        value = proto.field(option, "int_value")
        if value is None:
            continue
        span = proto.line(option, "int_value")
        if key == _USER_TIMEOUT:
            found.append(Setting(f"{raw} TCP_USER_TIMEOUT", value.text, span, scope=scope))
        elif key in _PARTS:
            part = _PARTS[key]
            text = ("off" if value.text == "0" else "on") if not part else value.text
            found.append(Setting(keepalive + part, text, span, scope=scope))
    return found
