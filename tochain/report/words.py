"""Sentences of rule files as they read without a finding: holes say whose value stands there."""

from __future__ import annotations

import re

__all__ = ["plainly"]

_HOLE = re.compile(r"\{([a-z_.]+)\}")
_ROLES = {
    "client": "the client", "server": "the server", "box": "the box", "self": "the component",
    "outer.client": "the outer caller", "outer.server": "the proxy", "inner.client": "the proxy", "inner.server": "the inner server",
    "setting": "the setting", "value": "the value", "text": "what is wrong",
}  # fmt: skip


def plainly(text: object) -> str:
    """The text with `{server}` as "the server" and `{client.connect.gives_up}` as "the client's gives_up"."""
    return _HOLE.sub(lambda hole: _said(hole[1]), str(text))


def _said(name: str) -> str:
    role = max((known for known in _ROLES if name == known or name.startswith(f"{known}.")), key=len, default="")
    if not role:
        return name
    timer = name.removeprefix(role).rpartition(".")[2]
    return f"{_ROLES[role]}'s {timer}" if timer else _ROLES[role]
