"""NetScaler's ns.conf: a component for each virtual server, links to the services bound to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats import lines
from tochain.formats.template import NOTE
from tochain.formats.words import Line, Word
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.scopes import folder_scope

__all__ = ["read"]

_START = re.compile(r"(?m)^[ \t]*(?:add|set|bind)[ \t]+(?:lb|cs)[ \t]+vserver[ \t]")
_VSERVER = {"clttimeout": "cltTimeout"}
_SERVICE = {"svrtimeout": "svrTimeout", "clttimeout": "cltTimeout"}
_HTTP = {"reusepooltimeout": "reusePoolTimeout", "maxreusepool": "maxReusePool", "reqtimeout": "reqTimeout"}
_TCP = {"kaconnidletime": "KA"}
_MONITOR = {"interval": "monitor interval", "resptimeout": "monitor resptimeout", "retries": "monitor retries"}
_UNITS = {"SEC": "s", "MSEC": "ms", "MIN": "min"}
_WEB = frozenset({"HTTP", "SSL"})
_OPEN = re.compile(r"[${}]|\{%")


@dataclass(slots=True)
class _Thing:
    """A virtual server, service, group, server, profile or monitor: where it is, its words and its options."""

    span: Span
    words: tuple[str, ...] = ()
    options: dict[str, tuple[Word, Span]] = field(default_factory=dict)
    members: list[tuple[str, str, Span]] = field(default_factory=list)


_Things = dict[tuple[str, str], _Thing]


def read(ctx: Context) -> Extract:
    """One component for each lb or cs virtual server of a file."""
    out = Extract()
    for source in ctx.files:
        if not _START.search(source.text):
            continue
        tree = ctx.parsed(source, lines.parse)
        ctx.understood(source.path)
        if tree.template is not None:
            ctx.problem(tree.template, NOTE)
        things = _things(tree.lines)
        out.components += _components(source, things)
    return out


def _things(found: list[Line]) -> _Things:
    things: _Things = {}
    for line in found:
        match line.texts:
            case ("add" | "set" | "bind", ("lb" | "cs") as area, ("vserver" | "monitor") as what, name, *_):
                _note(things, f"{area} {what}", name, line, 4)
            case ("add" | "set", "ns", ("tcpProfile" | "httpProfile") as what, name, *_):
                _note(things, what, name, line, 4)
            case ("set", "ns", "timeout", *_):
                _note(things, "ns timeout", "", line, 3)
            case ("add" | "set" | "bind", ("service" | "serviceGroup" | "server") as what, name, *_):
                _note(things, what, name, line, 3)
            case ("set", "ssl", ("service" | "serviceGroup") as what, name, *_):
                _note(things, what, name, line, 4)
    return things


def _note(things: _Things, kind: str, name: str, line: Line, at: int) -> None:
    verb = line.name
    thing = things.setdefault((kind, name), _Thing(line.span))
    plain = tuple(word.text for word in line.words[at : at + 3] if not word.text.startswith("-"))
    if verb == "add":
        thing.span, thing.words = line.span, plain
    elif verb == "bind" and plain and not line.words[at].text.startswith("-"):
        thing.members.append((plain[0], plain[1] if len(plain) > 1 else "", line.span))
    for word, value in zip(line.words[at:], line.words[at + 1 :], strict=False):
        if word.text.startswith("-") and not re.fullmatch(r"-\d+", word.text):
            thing.options[word.text[1:].lower()] = (value, Span(word.span.path, word.span.start, value.span.end))
    if verb == "bind" and "monitorname" in thing.options:
        thing.options["monitor"] = thing.options["monitorname"]


def _components(source: SourceFile, things: _Things) -> Iterator[Component]:
    for (kind, name), thing in things.items():
        if kind not in ("lb vserver", "cs vserver") or not thing.words:
            continue
        protocol = thing.words[0]
        settings = {
            **_defaults(thing, protocol),
            **_global(things),
            **_profiles(thing, things),
            **_options(thing, _VSERVER, name),
        }
        links = tuple(_links(thing, things, settings, protocol))
        listen = Address(_host(thing.words[1]), _port(thing.words[2])) if len(thing.words) > 2 else None
        yield Component(
            key=f"citrix-netscaler:{source.path}#{name}",
            name=name,
            product="citrix-netscaler",
            span=thing.span,
            kind="lb",
            scope=folder_scope(source.path),
            settings={**settings, **_first(links)},
            listens=(listen,) if listen is not None and listen.port else (),
            links=links,
            protocol="http" if protocol in _WEB else "tcp",
            traits=frozenset({"http"}) if protocol in _WEB else frozenset({"tcp"}),
            files=(source.path,),
        )


def _defaults(thing: _Thing, protocol: str) -> Settings:
    """TCP services have other defaults than those of HTTP."""
    if protocol in _WEB:
        return {}
    text = "9000" if protocol in ("TCP", "SSL_TCP") else "120"
    return {
        name: (Setting(name, text, thing.span, "default", scope=protocol),) for name in ("cltTimeout", "svrTimeout")
    }


def _options(thing: _Thing, names: dict[str, str], scope: str) -> Settings:
    found: Settings = {}
    for option, name in names.items():
        if option in thing.options:
            value, span = thing.options[option]
            unit = thing.options.get({"interval": "units3", "resptimeout": "units4"}.get(option, ""))
            text = _UNITS.get(unit[0].text.upper()) if unit is not None else None
            found[name] = (Setting(name, value.text, span, unit=text, scope=scope),)
    return found


def _global(things: _Things) -> Settings:
    timeout = things.get(("ns timeout", ""))
    return _options(timeout, {"halfclose": "halfclose"}, "ns timeout") if timeout is not None else {}


def _profiles(thing: _Thing, things: _Things) -> Settings:
    """The settings of the HTTP and TCP profiles a virtual server or service names."""
    found: Settings = {}
    for option, kind, names in (("httpprofilename", "httpProfile", _HTTP), ("tcpprofilename", "tcpProfile", _TCP)):
        if option not in thing.options:
            continue
        profile = things.get((kind, thing.options[option][0].text))
        if profile is None:
            continue
        scope = f"{kind} {thing.options[option][0].text}"
        switch = profile.options.get("ka")
        if kind == "tcpProfile" and switch is not None:
            text = "900" if switch[0].text.upper() == "ENABLED" else "off"
            found["KA"] = (Setting("KA", text, switch[1], scope=scope),)
            if text == "off":
                continue
        found |= _options(profile, names, scope)
    return found


def _links(thing: _Thing, things: _Things, settings: Settings, protocol: str) -> Iterator[Link]:
    for target, _, span in thing.members:
        service = things.get(("service", target))
        group = things.get(("serviceGroup", target))
        if service is not None and len(service.words) > 2:
            own = _own(service, target, things, settings)
            yield _link(_address(service.words[0], service.words[2], things), service.span, own, target, protocol)
        elif group is not None:
            own = _own(group, target, things, settings)
            for server, port, member in group.members:
                if port:
                    yield _link(_address(server, port, things), member, own, target, protocol)
        elif ("lb vserver", target) in things:
            backend = things["lb vserver", target]
            yield from (
                _links(backend, things, settings, protocol)
                if backend is not thing and not _nested(backend, things)
                else ()
            )
        else:
            yield Link(Address(target), span, label=target, unknown=f"{target} is not in this file")


def _nested(thing: _Thing, things: _Things) -> bool:
    """Whether a virtual server hands on to further ones, which NetScaler does not allow."""
    return any(("lb vserver", target) in things for target, _, _ in thing.members)


def _own(service: _Thing, name: str, things: _Things, settings: Settings) -> Settings:
    found = {
        **settings,
        **_profiles(service, things),
        **_options(service, {"svrtimeout": "svrTimeout"}, f"service {name}"),
    }
    if "snienable" in service.options:
        value, span = service.options["snienable"]
        text = "on" if value.text.upper() == "ENABLED" else "off"
        found["sniEnable"] = (Setting("sniEnable", text, span, scope=f"service {name}"),)
    if service.words[-2:-1] in (("SSL",), ("SSL_TCP",)) or service.words[:1] in (("SSL",), ("SSL_TCP",)):
        found["tls"] = (Setting("tls", "on", service.span, scope=f"service {name}"),)
    monitor = service.options.get("monitor")
    if monitor is not None and ("lb monitor", monitor[0].text) in things:
        found |= _options(things["lb monitor", monitor[0].text], _MONITOR, f"monitor {monitor[0].text}")
    return found


def _link(where: tuple[Address, str], span: Span, settings: Settings, name: str, protocol: str) -> Link:
    return Link(where[0], span, settings, "http" if protocol in _WEB else "", f"service {name}", unknown=where[1])


def _address(server: str, port: str, things: _Things) -> tuple[Address, str]:
    known = things.get(("server", server))
    host = known.words[0] if known is not None and known.words else server
    if _OPEN.search(host + port):
        return Address(host), f"the address is filled in from {host}:{port}"
    return Address(_host(host), _port(port)), ""


def _host(text: str) -> str:
    return "" if text in ("*", "0.0.0.0", "::") else text  # noqa: S104 - compared with, never bound


def _port(text: str) -> int | None:
    return int(text) if text.isdecimal() and 0 < len(text) < 6 else None


def _first(links: tuple[Link, ...]) -> Settings:
    """What the services say, for those who look at the virtual server as a whole."""
    found: Settings = {}
    for link in links:
        for name in ("svrTimeout", "reusePoolTimeout", "maxReusePool", "sniEnable", "tls", *_MONITOR.values()):
            group = link.settings.get(name, ())
            found[name] = (*found.get(name, ()), *(s for s in group if s not in found.get(name, ())))
    return {name: group for name, group in found.items() if group}
