"""Values in code to settings, and addresses in code to where something listens or connects."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from urllib.parse import urlsplit

from tochain.formats.codenames import Argument, Node
from tochain.formats.constant import Evaluator, Value
from tochain.formats.constant_values import deciding
from tochain.model.component import Address
from tochain.model.fact import Setting
from tochain.model.limit import Finite, Unknown, format_duration
from tochain.model.span import Span
from tochain.products.codeoptions import options_of
from tochain.products.cron import seconds_period
from tochain.products.dsn import driver_of, driver_settings, parse_dsn
from tochain.products.patterns import Feed, Target

__all__ = ["Reach", "address_of", "listening", "reach", "settings_of"]

DEFAULT_PORTS = {
    "http": 80, "https": 443, "ws": 80, "wss": 443, "amqp": 5672, "amqps": 5671, "redis": 6379, "rediss": 6379,
    "mqtt": 1883, "mqtts": 8883, "postgresql": 5432, "postgres": 5432, "mysql": 3306, "mongodb": 27017, "nats":
    4222, "stomp": 61613, "ldap": 389,
}  # fmt: skip
_HOST_PORT = re.compile(r"(?:\[([0-9a-fA-F:]+)\]|([\w.*+-]*)):(\d{1,5})")
_HOST = re.compile(r"[A-Za-z0-9_](?:[\w.-]{0,252})")
_GO_DSN = re.compile(r"(?:[^@/()]*@)?(tcp6?|unix)\(([^()]{0,253})\)/")
"""The data source name of Go's MySQL driver: user:password@tcp(host:port)/database."""
_TIME = re.compile(r"\s*[-+.]?\d|P|\$\{|\{\}", re.IGNORECASE)
_OF_TIME = ("ns", "us", "ms", "s", "min", "h", "d")
_PDO = re.compile(r"(mysql|pgsql):(?=\w+=)")
"""The data source name of PHP's PDO: mysql:host=db;port=3306."""
_NO_HOST = ("php", "file", "data", "phar", "zip", "glob", "classpath", "asset", "content", "resource")
"""Schemes whose first part is no machine: `php://input`, `file://etc/hosts`."""
_FUNCTIONS = ("lambda_expression", "lambda", "lambda_literal", "arrow_function", "function_expression", "func_literal")
_NAMES = ("identifier", "simple_identifier")
_DRIVER = re.compile(r"^(jdbc:)?([a-z][\w]*)(\+[\w]+)?(:[a-z]+)?://")


@dataclass(frozen=True, slots=True)
class Reach:
    """One place where code connects: the address, or why it is not known; settings said right there.

    `params` are the timers in the address itself, which are those of the library `driver`.
    """

    address: Address | None
    span: Span
    unknown: str = ""
    label: str = ""
    settings: tuple[Setting, ...] = ()
    protocol: str = ""
    relative: bool = False
    driver: str = ""
    params: tuple[Setting, ...] = ()


def settings_of(evaluator: Evaluator, feed: Feed, node: Node, span: Span, after: Node | None = None) -> list[Setting]:
    """The settings a value sets; `after` is the argument behind it, which may name its unit."""
    expr = evaluator.code.expr(node)
    if expr.kind == "list" and feed.items:
        pairs = zip(feed.items, expr.parts, strict=False)
        return [
            s
            for name, part in pairs
            if (s := _setting(name, evaluator.value(part.value), feed, span, part.node.text())) is not None
        ]
    value = evaluator.value(_result(evaluator, expr.node))
    unit = evaluator.unit_of(after) if after is not None else None
    if unit is not None:
        value = _in(unit, value)
    names = feed.settings if expr.kind != "list" or not feed.items else feed.items
    return [s for name in names if (s := _setting(name, value, feed, span, str(node.text()))) is not None]


def _in(unit: Fraction, value: Value) -> Value:
    """A number of a unit as a duration, what holds unless something is set as well."""
    if value.likely is not None:
        return replace(value, likely=_in(unit, value.likely))
    return Value("duration", value.number * unit) if value.kind == "number" else value


def _result(evaluator: Evaluator, node: Node) -> Node:
    """What a function given as a value comes to: the last constant it returns; any other value is itself."""
    bound = evaluator.code.values.get(str(node.text()), []) if node.kind() in _NAMES else []
    body = _body(evaluator.code.expr(bound[0].value).node if len(bound) == 1 else node)
    if body is None:
        return node
    returned = [r.children() for r in body.find_all(kind="return_statement")]
    values = [next((c for c in reversed(children) if c.is_named()), body) for children in returned]
    if not values:
        children = [child for child in body.children() if child.is_named()]
        values = [body] if body.kind() not in ("statements", "statement_block", "block") else children[-1:]
    return next((value for value in reversed(values) if evaluator.value(value).known), node)


def _body(node: Node) -> Node | None:
    """The body of a function that stands there without a name, or of a class with one method."""
    if node.kind() in _FUNCTIONS:
        return node.field("body") or next((c for c in reversed(node.children()) if c.is_named()), None)
    if node.kind() == "object_creation_expression":
        return next((child for child in node.children() if child.kind() == "class_body"), None)
    return None


def _setting(name: str, value: Value, feed: Feed, span: Span, written: str) -> Setting | None:
    """One setting; None where the value says "not set".

    Where an environment variable decides that nothing read here sets, it is what holds unless that is set, and marked so.
    """
    if value.kind == "unknown" and value.variable and value.likely is not None and value.likely.known:
        likely = _setting(name, value.likely, feed, span, written)
        because = f"unless {deciding(value.variable[:80])} is set"
        return replace(likely, origin="assumed", because=because) if likely is not None else None
    if value.kind == "unknown":
        return Setting(name, " ".join(written.split())[:80], span, limit=Unknown(value.reason))
    if value.kind == "text" and feed.unit in _OF_TIME and not _TIME.match(value.text):
        return None  # an argument of another overload, such as a password
    if value.kind == "text" and value.reason:
        return Setting(name, value.text[:80], span, limit=Unknown(value.reason))
    if value.kind == "word" and value.text in ("true", "false") and feed.unit in _OF_TIME:
        return None
    if value.kind == "word":
        return None if value.text == "none" and feed.unit == "ns" else Setting(name, value.text, span)
    if value.kind == "text" and feed.unit == "cron":
        return Setting(name, value.text[:200], span, limit=seconds_period(value.text))
    if value.kind == "text":
        return Setting(name, value.text[:200], span, unit=feed.unit)
    if value.kind == "duration" or feed.unit == "ns":
        amount = value.number if value.kind == "duration" else value.number / 1000
        if amount < 0:
            return Setting(name, "-1", span)
        limit = Finite(max(int(amount), 1) if amount else 0)
        if value.kind == "number" and 0 < amount < 1_000:
            return Setting(name, str(int(value.number)), span, limit=limit)
        return Setting(name, format_duration(limit), span)
    number = value.number
    text = str(int(number)) if number.denominator == 1 else f"{float(number):.6f}".rstrip("0")
    return Setting(name, text, span, unit=feed.unit)


def listening(
    evaluator: Evaluator, target: Target, arguments: tuple[Argument, ...], *, own: bool = False, method: str = ""
) -> list[Address]:
    """The addresses a server listens on, from the call that makes it (`own`) or a method called on it."""
    if own:
        places, ports, hosts = target.url, target.port, target.host
        if not places and not ports:
            return []
    else:
        places, ports, hosts = target.methods[method], (), ()
    for at in places:
        found = _listen_value(_at(evaluator, arguments, at))
        if found is not None:
            return [found]
    host = next(
        (value.text for at in hosts if (value := _at(evaluator, arguments, at)) is not None and value.kind == "text"),
        "",
    )
    for at in ports:
        found = _listen_value(_at(evaluator, arguments, at))
        if found is not None:
            return [Address(found.host or host, found.port, found.socket)]
    return [Address(host, target.default_port)] if target.default_port and own else []


def _listen_value(value: Value | None) -> Address | None:
    if value is None:
        return None
    if value.kind == "unknown":
        return _listen_value(value.likely)
    if value.kind == "number" and value.number.denominator == 1 and 0 < value.number < 65536:
        return Address("", int(value.number))
    if value.kind != "text":
        return None
    text = value.text.strip()
    if text.isdecimal():
        return Address("", int(text)) if 0 < int(text[:6]) < 65536 else None
    if text.startswith(("unix:", "/")):
        socket = text.removeprefix("unix:").removeprefix("//").partition("?")[0]
        return Address(socket=socket) if "{}" not in socket else None
    found = _HOST_PORT.search(text)
    if found is None or not 0 < int(found[3]) < 65536:
        return None
    host = found[1] or found[2] or ""
    return Address("" if host in ("+", "*", "0.0.0.0", "::") else host, int(found[3]))  # noqa: S104 - read, not bound


def _at(evaluator: Evaluator, arguments: tuple[Argument, ...], at: str) -> Value | None:
    """The value at a position or name: "0", "port", "0.port" for a key of a table argument."""
    first, _, rest = at.partition(".")
    if rest and not first.isdecimal() and any(option.name == at for option in options_of(evaluator, arguments)):
        option = next(option for option in options_of(evaluator, arguments) if option.name == at)
        return option.home.value(option.value)
    if first.isdecimal():
        argument = arguments[int(first)] if int(first) < len(arguments) and not arguments[int(first)].name else None
        if argument is None:
            return None
    else:
        argument = next((a for a in arguments if a.name == first), None)
        if argument is None:
            tables = [table for a in arguments[:3] if not a.name and (table := evaluator.opened(a.value)) is not None]
            given = next(((home, entry) for home, table in tables for entry in table if entry.name == first), None)
            if given is None:
                return None
            evaluator, argument = given
    table = evaluator.opened(argument.value)
    several = evaluator.code.expr(argument.value)
    if several.kind == "list" and several.parts and not rest:  # of several hosts the first counts
        return evaluator.value(several.parts[0].value)
    if rest:
        return _at(*table, rest) if table is not None else None
    return evaluator.value(argument.value) if table is None else None


def reach(
    evaluator: Evaluator,
    target: Target,
    arguments: tuple[Argument, ...],
    span: Span,
    label: str,
    *,
    settings: tuple[Setting, ...] = (),
) -> list[Reach]:
    """Where a call connects to; one entry, its address unknown where it cannot be told."""
    host: Value | None = None
    for at in target.url:
        value = _at(evaluator, arguments, at)
        if value is not None:
            return [_reach(value, target.default_port, span, label, settings)]
    for at in target.host:
        found = _at(evaluator, arguments, at)
        host = host if host is not None and host.kind != "number" else found or host
    if host is None:
        given = [int(at) for at in target.url if at.isdecimal()]
        if not target.host and any(at < len(arguments) and not arguments[at].name for at in given):
            return [Reach(None, span, "the address is put together elsewhere", label, settings)]
        return []
    likely = host if host.known else host.likely
    if likely is None or likely.kind != "text":
        return [Reach(None, span, host.reason or "the host is not a text", label, settings)]
    port = next((value for at in target.port if (value := _at(evaluator, arguments, at)) is not None), None)
    number = _listen_value(port)
    if "://" in likely.text or ":" in likely.text:
        return [_reach(host, target.default_port, span, label, settings)]
    if not _HOST.fullmatch(likely.text):
        return [Reach(None, span, host.reason or "the host is put together elsewhere", label, settings)]
    return [Reach(Address(likely.text, number.port if number else target.default_port), span, "", label, settings)]


def _reach(value: Value, default_port: int | None, span: Span, label: str, settings: tuple[Setting, ...]) -> Reach:
    likely = value if value.known else value.likely
    if likely is None or likely.kind != "text":
        return Reach(None, span, value.reason or "the address is not a text", label, settings)
    address, protocol = address_of(likely.text, default_port)
    if address is not None:
        return Reach(address, span, "", label, settings, protocol, False, *_params(likely.text, span))
    relative = likely.text.startswith("/") or not likely.text
    return Reach(
        None, span, likely.reason or value.reason or "no host in the address", label, settings, relative=relative
    )


def _params(text: str, span: Span) -> tuple[str, tuple[Setting, ...]]:
    """The timers in the parameters of a connection URL, and whose they are."""
    dsn = parse_dsn(text, span) if "?" in text else None
    if dsn is None:
        return "", ()
    return driver_of(dsn), tuple(setting for found in driver_settings(dsn).values() for setting in found)


def address_of(text: str, default_port: int | None = None) -> tuple[Address | None, str]:
    """The address in a URL or `host:port`, without user and password, and its scheme; None where no host is known."""
    text = text.strip()
    named = _GO_DSN.match(text)
    if named:
        if named[1] == "unix":
            return Address(socket=named[2]), "mysql"
        return address_of(named[2], 3306)[0], "mysql"
    if (data := _PDO.match(text)) is not None:
        return _of_pairs(data[1], text[data.end() :])
    found = _DRIVER.match(text)
    if found:
        scheme = found[2]
        if scheme in _NO_HOST:
            return None, scheme
        try:
            parts = urlsplit("x://" + text[found.end() :].split(",")[0])
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return None, scheme
        if "{}" in text[found.end() :].split("/")[0] or not host:
            return None, scheme
        return Address(host, port or DEFAULT_PORTS.get(scheme, default_port)), scheme
    plain = _HOST_PORT.match(text.partition(":///")[2] or text)
    if plain and (plain[1] or plain[2]) and 0 < int(plain[3]) < 65536 and "{}" not in text:
        return Address(plain[1] or plain[2], int(plain[3])), ""
    first = text.partition(",")[0]
    if default_port is not None and _HOST.fullmatch(first):
        return Address(first, default_port), ""
    return None, ""


def _of_pairs(driver: str, text: str) -> tuple[Address | None, str]:
    pairs = dict(part.strip().split("=", 1) for part in text.split(";") if "=" in part)
    scheme = "postgresql" if driver == "pgsql" else driver
    host, port = pairs.get("host", ""), pairs.get("port", "")
    if pairs.get("unix_socket"):
        return Address(socket=pairs["unix_socket"]), scheme
    known = _HOST.fullmatch(host) and (not port or port.isdecimal())
    return (Address(host, int(port) if port else DEFAULT_PORTS[scheme]) if known else None), scheme
