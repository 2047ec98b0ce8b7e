"""What Python's servers and clients have as defaults, read from the installed packages themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pytest


def _arguments(what: Callable[..., Any]) -> dict[str, Any]:
    return {name: one.default for name, one in inspect.signature(what).parameters.items()}


def gunicorn() -> Mapping[str, Any]:
    from gunicorn.config import Config

    return {name: setting.get() for name, setting in Config().settings.items()}


def uvicorn() -> Mapping[str, Any]:
    from uvicorn import Config

    return _arguments(Config.__init__)


def hypercorn() -> Mapping[str, Any]:
    from hypercorn.config import Config

    config = Config()
    return {name: getattr(config, name) for name in dir(config) if "timeout" in name or "ping_interval" in name}


def httpx() -> Mapping[str, Any]:
    from httpx import Client, Limits

    limit = Client(trust_env=False).timeout
    parts = {f"Timeout.{name}": getattr(limit, name) for name in ("connect", "read", "write", "pool")}
    return {**parts, "keepalive_expiry": Limits().keepalive_expiry}


def aiohttp() -> Mapping[str, Any]:
    from aiohttp import TCPConnector
    from aiohttp.client import DEFAULT_TIMEOUT

    parts = {f"ClientTimeout.{name}": getattr(DEFAULT_TIMEOUT, name) for name in ("total", "connect", "sock_read")}
    connector = _arguments(TCPConnector.__init__)
    kept = 15.0 if str(connector["keepalive_timeout"]).endswith("sentinel") else connector["keepalive_timeout"]
    return {
        **parts,
        "ClientTimeout.sock_connect": DEFAULT_TIMEOUT.sock_connect,
        "ttl_dns_cache": connector["ttl_dns_cache"],
        "keepalive_timeout": kept,
    }


def pika() -> Mapping[str, Any]:
    from pika import ConnectionParameters

    one = ConnectionParameters()
    return {name: getattr(one, name) for name in ("socket_timeout", "stack_timeout", "blocked_connection_timeout")}


def py_amqp() -> Mapping[str, Any]:
    from amqp import Connection
    from amqp.transport import DEFAULT_SOCKET_SETTINGS

    return {"heartbeat": _arguments(Connection.__init__)["heartbeat"], **DEFAULT_SOCKET_SETTINGS}


def aio_pika() -> Mapping[str, Any]:
    """The heartbeat is put into the URL where it has none."""
    from aiormq.connection import Connection
    from yarl import URL

    return {"heartbeat": Connection(URL("amqp://127.0.0.1/")).heartbeat_timeout}


def paho() -> Mapping[str, Any]:
    from paho.mqtt.client import Client

    return {"keepalive": _arguments(Client.connect)["keepalive"]}


def websockets() -> Mapping[str, Any]:
    from websockets.asyncio.server import ServerConnection

    return {name: _arguments(ServerConnection.__init__)[name] for name in ("ping_interval", "ping_timeout")}


def stomp() -> Mapping[str, Any]:
    from stomp import Connection11

    return {"heartbeats": _arguments(Connection11.__init__)["heartbeats"][0]}


def urllib3() -> Mapping[str, Any]:
    from urllib3 import Timeout

    limit = Timeout()
    return {"timeout.connect": limit.connect_timeout, "timeout.read": limit.read_timeout}


WHEELS: dict[str, tuple[str, str | None, Callable[[], Mapping[str, Any]]]] = {
    "gunicorn": ("gunicorn", None, gunicorn),
    "uvicorn": ("uvicorn", None, uvicorn),
    "hypercorn": ("hypercorn", None, hypercorn),
    "httpx": ("httpx", None, httpx),
    "aiohttp": ("aiohttp-client", None, aiohttp),
    "urllib3": ("python-requests", None, urllib3),
    "pika": ("amqp-clients", "pika", pika),
    "amqp": ("amqp-clients", "py-amqp", py_amqp),
    "aio-pika": ("amqp-clients", "aio-pika", aio_pika),
    "paho-mqtt": ("mqtt-mosquitto", "paho", paho),
    "websockets": ("websocket", "websockets", websockets),
    "stomp.py": ("stomp", "stomp-py", stomp),
}
"""By distribution: the product, the variant of its facts, and what it tells by setting."""


def told(wheel: str) -> dict[str, str]:
    """The numbers a package has, none of them as zero; the test is skipped where the package is missing."""
    from importlib import metadata

    try:
        metadata.version(wheel)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{wheel} is not installed; install the wheel {wheel}")
    found = WHEELS[wheel][2]()
    numbers = {name: 0 if value is None else value for name, value in found.items()}
    return {name: f"{value:g}" for name, value in numbers.items() if type(value) in (int, float)}
