"""Raw socket options: the keepalive of sockets by level and number, as Linux counts them."""

from __future__ import annotations

from tochain.formats.tree import Node
from tochain.model.fact import Setting
from tochain.products.envoy import proto

__all__ = ["socket_options"]

_SOL_SOCKET, _IPPROTO_TCP = "1", "6"
_SWITCH = (_SOL_SOCKET, "9")
_NAMES = {
    (_IPPROTO_TCP, "4"): "TCP_KEEPIDLE",
    (_IPPROTO_TCP, "5"): "TCP_KEEPINTVL",
    (_IPPROTO_TCP, "6"): "TCP_KEEPCNT",
    (_IPPROTO_TCP, "18"): "TCP_USER_TIMEOUT",
}


def socket_options(options: list[Node], keepalive: str, raw: str, scope: str) -> list[Setting]:
    """Settings for the options that carry timers; SO_KEEPALIVE itself counts as the keepalive block."""
    found = []
    for option in options:
        key = (proto.text(option, "level"), proto.text(option, "name"))
        value = proto.text(option, "int_value")
        if value and key == _SWITCH:
            found.append(
                Setting(keepalive, "off" if value == "0" else "on", proto.line(option, "int_value"), scope=scope)
            )
        elif value and key in _NAMES:
            found.append(Setting(f"{raw} {_NAMES[key]}", value, proto.line(option, "int_value"), scope=scope))
    return found
