"""Virtual servers as keepalived.conf and ipvsadm's commands describe them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from tochain.formats.commandline import split_part
from tochain.formats.words import Line, Parsed
from tochain.formats.words import Word as BlockWord
from tochain.model.component import Address, Word
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span

__all__ = ["Real", "Service", "Table", "from_commands", "from_keepalived"]

_TIMEOUTS = ("tcp", "tcpfin", "udp")
_CHECKERS = frozenset({
    "TCP_CHECK", "HTTP_GET", "SSL_GET", "SMTP_CHECK", "DNS_CHECK", "MISC_CHECK", "BFD_CHECK", "UDP_CHECK", "PING_CHECK",
    "FILE_CHECK",
})  # fmt: skip
_OPEN = re.compile(r"[${}]|\{%")
_COMMAND = re.compile(r"\bipvsadm(?=\s)")
_OPERATORS = frozenset({"&&", "||", ";", "|", "&"})


@dataclass(frozen=True, slots=True)
class Real:
    """A real server: where it is, and why that cannot be known."""

    address: Address
    span: Span
    unknown: str = ""


@dataclass(slots=True)
class Service:
    """A virtual server: its address, how packets are forwarded (NAT, DR, TUN) and to whom."""

    name: str
    span: Span
    listens: list[Address] = field(default_factory=list)
    method: str = ""
    udp: bool = False
    settings: Settings = field(default_factory=dict)
    reals: list[Real] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """What one file says: its virtual servers, and the timeouts of the whole table."""

    services: list[Service] = field(default_factory=list)
    timeouts: Settings = field(default_factory=dict)
    span: Span | None = None


def from_keepalived(file: Parsed) -> Table:
    """The virtual servers of a keepalived.conf."""
    table = Table()
    groups = {line.texts[1]: line for line in file.lines if line.name == "virtual_server_group" and len(line.words) > 1}
    for line in file.lines:
        if line.name == "global_defs":
            for timeouts in line.inside("lvs_timeouts"):
                table.span = timeouts.span
                pairs = zip(timeouts.words[1:], timeouts.words[2:], strict=False)
                table.timeouts |= {
                    name.text: (Setting(name.text, value.text, _reach(name.span, value.span), scope="global_defs"),)
                    for name, value in pairs
                    if name.text in _TIMEOUTS
                }
        elif line.name == "virtual_server" and line.block is not None and len(line.words) > 1:
            table.services.append(_virtual(line, groups))
    return table


def _setting(name: str, value: BlockWord, line: Line, scope: str) -> Setting:
    return Setting(name, value.text, _reach(line.span, value.span), scope=scope)


def _reach(first: Span, last: Span) -> Span:
    return Span(first.path, first.start, last.end)


def _virtual(line: Line, groups: dict[str, Line]) -> Service:
    words = line.texts[1:]
    service = Service(":".join(words[:2]), line.span)
    if words[0] == "group" and len(words) > 1:
        service.name = words[1]
        group = groups.get(words[1])
        for member in group.block or () if group is not None else ():
            if len(member.words) > 1 and member.name != "fwmark":
                service.listens.append(_address(member.texts[0], member.texts[1]))
    elif words[0] != "fwmark":
        service.listens.append(_address(words[0], words[1] if len(words) > 1 else ""))
    _options(service, line)
    return service


def _options(service: Service, line: Line) -> None:
    scope = f"virtual_server {service.name}"
    for option in line.block or ():
        value = option.words[1] if len(option.words) > 1 else None
        if option.name in ("lb_kind", "lvs_method") and value is not None:
            service.method = value.text.upper()
        elif option.name == "protocol" and value is not None:
            service.udp = value.text.upper() == "UDP"
        elif option.name == "persistence_timeout":
            text = value.text if value is not None else "360"
            service.settings[option.name] = (Setting(option.name, text, option.span, scope=scope),)
        elif option.name in ("delay_loop", "connect_timeout", "retry", "delay_before_retry") and value is not None:
            service.settings[option.name] = (_setting(option.name, value, option, scope),)
        elif option.name == "inhibit_on_failure":
            service.settings[option.name] = (Setting(option.name, "on", option.span, scope=scope),)
        elif option.name in ("real_server", "sorry_server") and value is not None:
            port = option.texts[2] if len(option.words) > 2 else ""
            service.reals.append(_real(value.text, port, option.span, service))
            _checks(service, option)


def _checks(service: Service, real: Line) -> None:
    """The health checks of a real server; what several servers say the same counts once."""
    for checker in real.block or ():
        if checker.name == "inhibit_on_failure":
            service.settings.setdefault(checker.name, (Setting(checker.name, "on", checker.span, scope=service.name),))
        if checker.name not in _CHECKERS:
            continue
        service.settings.setdefault("check", (Setting("check", checker.name, checker.span, scope=service.name),))
        for option in checker.block or ():
            if (
                option.name in ("connect_timeout", "retry", "delay_before_retry", "delay_loop")
                and len(option.words) > 1
            ):
                setting = _setting(option.name, option.words[1], option, checker.name)
                group = service.settings.get(option.name, ())
                if all(old.text != setting.text for old in group):
                    service.settings[option.name] = (*group, setting)


def _real(host: str, port: str, span: Span, service: Service) -> Real:
    text = f"{host}:{port}" if port else host
    unknown = f"the address is filled in from {text}" if _OPEN.search(text) else ""
    address = _address(host, port)
    if address.port in (None, 0) and service.listens:
        address = Address(address.host, service.listens[0].port)
    return Real(address, span, unknown)


def _address(host: str, port: str) -> Address:
    host = host.partition("/")[0].strip("[]")
    number = int(port) if port.isdecimal() and len(port) < 6 else None
    return Address("" if host in ("0.0.0.0", "::") else host, number)  # noqa: S104 - compared with, never bound


def from_commands(source: SourceFile, *, dump: bool) -> Table:
    """The rules of ipvsadm commands in a script, or of a dump, whose lines begin with the options."""
    table = Table()
    for words in _invocations(source, dump=dump):
        _invocation(words, table)
    return table


def _invocations(source: SourceFile, *, dump: bool) -> Iterator[list[Word]]:
    at = 0
    while at < len(source.text):
        end = source.text.find("\n", at)
        end = len(source.text) if end == -1 else end
        while end < len(source.text) and source.text[max(end - 1, 0)] == "\\":
            following = source.text.find("\n", end + 1)
            end = len(source.text) if following == -1 else following
        line = source.text[at:end]
        found = list(_COMMAND.finditer(line))
        if found and not line.lstrip().startswith("#"):
            for command in found:
                words = split_part(source, at + command.end(), end)
                yield list(takewhile(lambda word: word.text not in _OPERATORS, words))
        elif dump and line.lstrip().startswith("-"):
            yield split_part(source, at, end)
        at = end + 1


def _invocation(words: list[Word], table: Table) -> None:
    texts = [word.text for word in words]
    if "--set" in texts:
        at = texts.index("--set")
        numbers = words[at + 1 : at + 4]
        if len(numbers) == 3:
            table.span = Span(words[at].span.path, words[at].span.start, numbers[-1].span.end)
            for name, word in zip(_TIMEOUTS, numbers, strict=True):
                table.timeouts[name] = (Setting(name, word.text, word.span, scope="ipvsadm --set"),)
        return
    if not words:
        return
    options = _pairs(words)
    kind = next((name for name in ("-t", "-u", "--tcp-service", "--udp-service") if name in options), None)
    if kind is None or options[kind] is None:
        return
    where = options[kind]
    assert where is not None
    if "-A" in options or "--add-service" in options:
        table.services.append(_added(where, kind, options))
    elif "-a" in options or "--add-server" in options:
        _server(where, options, table)


def _pairs(words: list[Word]) -> dict[str, Word | None]:
    """Options with the word behind them; None where another option follows."""
    found: dict[str, Word | None] = {}
    for at, word in enumerate(words):
        if word.text.startswith("-"):
            following = words[at + 1] if at + 1 < len(words) else None
            found[word.text] = following if following is not None and not following.text.startswith("-") else None
    return found


def _added(where: Word, kind: str, options: dict[str, Word | None]) -> Service:
    service = Service(where.text, where.span, [_split(where.text)], udp=kind in ("-u", "--udp-service"))
    for name in ("-p", "--persistent"):
        if name in options:
            word = options[name]
            text = word.text if word is not None else "300"
            span = word.span if word is not None else where.span
            service.settings["persistence_timeout"] = (Setting("persistence_timeout", text, span, scope="ipvsadm -A"),)
    return service


def _server(where: Word, options: dict[str, Word | None], table: Table) -> None:
    real = options.get("-r") or options.get("--real-server")
    service = next((s for s in table.services if s.name == where.text), None)
    if real is None:
        return
    if service is None:
        service = Service(where.text, where.span, [_split(where.text)])
        table.services.append(service)
    service.method = next(
        (method for method, names in _METHODS.items() if any(name in options for name in names)), service.method or "DR"
    )
    host, _, port = real.text.rpartition(":") if ":" in real.text else (real.text, "", "")
    service.reals.append(_real(host, port, real.span, service))


_METHODS = {"NAT": ("-m", "--masquerading"), "TUN": ("-i", "--ipip"), "DR": ("-g", "--gatewaying")}


def _split(text: str) -> Address:
    host, _, port = text.rpartition(":") if ":" in text else (text, "", "")
    return _address(host, port)
