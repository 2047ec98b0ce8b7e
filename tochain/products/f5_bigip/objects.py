"""bigip.conf and tmsh commands: objects by kind and name, profiles with what they start from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tochain.formats.words import Line, Parsed
from tochain.formats.words import Word as BlockWord
from tochain.model.component import Address
from tochain.model.span import Span
from tochain.products.f5_bigip.virtuals import CLIENT_IDLE, SERVER_IDLE, Member, Property, Virtual, address

__all__ = ["virtuals"]

_VERBS = frozenset({"tmsh", "create", "modify", "-c"})
_ADDING = frozenset({"add", "replace-all-with", "modify", "none"})
_TCP = (
    ("keep-alive-interval", "tcp keep-alive-interval"),
    ("zero-window-timeout", "tcp zero-window-timeout"),
    ("fin-wait-2-timeout", "tcp fin-wait-2-timeout"),
)
_PROFILES: dict[str, tuple[tuple[str, str], ...]] = {
    "fastl4": (
        ("idle-timeout", "fastl4 idle-timeout"),
        ("tcp-close-timeout", "fastl4 tcp-close-timeout"),
        ("reset-on-timeout", "reset-on-timeout"),
    ),
    "udp": (("idle-timeout", "udp idle-timeout"),),
    "one-connect": (
        ("idle-timeout-override", "one-connect idle-timeout-override"),
        ("max-age", "one-connect max-age"),
        ("max-reuse", "one-connect max-reuse"),
        ("max-size", "one-connect max-size"),
    ),
    "http": (("max-requests", "http enforcement max-requests"),),
    "http2": (("connection-idle-timeout", "http2 connection-idle-timeout"),),
    "client-ssl": (
        ("handshake-timeout", "client-ssl handshake-timeout"),
        ("sni-require", "client-ssl sni-require"),
    ),
    "server-ssl": (
        ("handshake-timeout", "server-ssl handshake-timeout"),
        ("server-name", "server-ssl server-name"),
    ),
}
_BUILT_IN = {
    "fastl4": "fastl4", "fastL4": "fastl4", "http": "http", "http2": "http2", "oneconnect": "one-connect",
    "clientssl": "client-ssl", "serverssl": "server-ssl", "udp": "udp",
}  # fmt: skip
_MONITOR = (("interval", "monitor interval"), ("timeout", "monitor timeout"))


@dataclass(slots=True)
class _Object:
    """One object: its place, its plain values and the blocks of the others."""

    name: str
    span: Span
    values: dict[str, Property] = field(default_factory=dict)
    blocks: dict[str, list[Line]] = field(default_factory=dict)


_Objects = dict[tuple[str, str], _Object]


def virtuals(file: Parsed) -> Iterator[Virtual]:
    """The virtual servers of a bigip.conf or a file of tmsh commands."""
    objects = _objects(file)
    for (kind, _), item in objects.items():
        if kind == "virtual":
            yield _virtual(item, objects)


def _objects(file: Parsed) -> _Objects:
    found: _Objects = {}
    last: tuple[_Object, int] | None = None
    for line in file.lines:
        words = list(line.words)
        while words and words[0].text in _VERBS:
            words.pop(0)
        texts = [word.text for word in words]
        if texts[:1] == ["ltm"] and len(texts) > 2:
            kind, at = (
                (f"{texts[1]} {texts[2]}", 3) if texts[1] in ("profile", "monitor", "persistence") else (texts[1], 2)
            )
            if len(words) > at:
                item = found.setdefault((kind, _plain(texts[at])), _Object(texts[at], line.span))
                _take(item, words[at + 1 :], line.block)
                last = (item, line.span.end.line)
        elif last is not None and words and words[0].span.start.line == last[1]:
            # What follows a closing brace on the same line still belongs to the command.
            _take(last[0], words, line.block)
    return found


def _plain(name: str) -> str:
    return name.rpartition("/")[2]


def _take(item: _Object, words: list[BlockWord], block: list[Line] | None) -> None:
    """Values behind the name, and a block: the object's own, or that of the last word."""
    texts = [word.text for word in words]
    if block is not None and texts:
        key = next((text for text in reversed(texts) if text not in _ADDING), "")
        item.blocks[key] = block
        block = None
    _pairs(item, words)
    for line in block or ():
        if line.block is not None:
            key = next((text for text in reversed(line.texts) if text not in _ADDING), "")
            item.blocks[key] = line.block
            _pairs(item, list(line.words[:-1]))
            if key == "enforcement":
                for inner in line.block:
                    _pairs(item, list(inner.words))
        else:
            _pairs(item, list(line.words))


def _pairs(item: _Object, words: list[BlockWord]) -> None:
    if len(words) == 1:
        item.values[words[0].text] = Property("on", words[0].span)
    for name, value in list(pairwise(words))[::2]:
        item.values[name.text] = Property(value.text, Span(name.span.path, name.span.start, value.span.end))


def _profile(kind: str, name: str, objects: _Objects) -> dict[str, Property]:
    """What a profile says, and what it takes from the one it starts from."""
    found: dict[str, Property] = {}
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        item = objects.get((f"profile {kind}", name))
        if item is None:
            break
        found = {**item.values, **found}
        name = _plain(item.values["defaults-from"].text) if "defaults-from" in item.values else ""
    return found


def _virtual(item: _Object, objects: _Objects) -> Virtual:
    virtual = Virtual(_plain(item.name), item.span)
    if "destination" in item.values:
        virtual.listens.append(address(item.values["destination"].text)[0])
    for word, block in _listed(item, "profiles"):
        _use(virtual, _plain(word.text), _context(block), objects)
    if "ip-forward" in item.values or "l2-forward" in item.values:
        virtual.kinds.add("fastl4")
    pool = item.values.get("pool")
    if pool is not None and pool.text != "none":
        _pool(virtual, _plain(pool.text), pool.span, objects)
    return virtual


def _listed(item: _Object, name: str) -> Iterator[tuple[BlockWord, list[Line]]]:
    """The names in a block, several on a line or not, each with what stands in its own braces."""
    for line in item.blocks.get(name, []):
        for word in line.words[:-1]:
            yield word, []
        if line.name:
            yield line.words[-1], line.block or []


def _context(block: list[Line]) -> str:
    for inner in block:
        for name, value in pairwise(inner.texts):
            if name == "context":
                return value
    return "all"


def _use(virtual: Virtual, name: str, context: str, objects: _Objects) -> None:
    """Adds a profile's settings; its kind is that of the object, or of the one BIG-IP brings along."""
    kinds = [kind.removeprefix("profile ") for kind, known in objects if known == name and kind.startswith("profile ")]
    kind = kinds[0] if kinds else _BUILT_IN.get(name, "tcp" if "tcp" in name.lower() else "")
    if not kind:
        return
    virtual.kinds.add(kind)
    values = _profile(kind, name, objects)
    scope = f"profile {kind} {name}"
    if kind == "tcp":
        idle = values.get("idle-timeout")
        if context in ("all", "clientside"):
            virtual.add(CLIENT_IDLE, idle, scope)
            virtual.add_all(_TCP, values, scope)
        if context in ("all", "serverside"):
            virtual.add(SERVER_IDLE, idle, scope)
        return
    virtual.add_all(_PROFILES.get(kind, ()), values, scope)


def _pool(virtual: Virtual, name: str, span: Span, objects: _Objects) -> None:
    virtual.pool = name
    item = objects.get(("pool", name))
    if item is None:
        virtual.members.append(Member(address(name)[0], span, f"pool {name} is not in these files"))
        return
    virtual.members += [_member(word, block, objects) for word, block in _listed(item, "members")]
    virtual.add("slow-ramp-time", item.values.get("slow-ramp-time"), f"pool {name}")
    monitor = item.values.get("monitor")
    if monitor is not None and monitor.text != "none":
        virtual.kinds.add("monitor")
        for kind, known in list(objects):
            if kind.startswith("monitor ") and known == _plain(monitor.text):
                virtual.add_all(_MONITOR, objects[kind, known].values, f"monitor {known}")


def _member(word: BlockWord, block: list[Line], objects: _Objects) -> Member:
    where, unknown = address(word.text)
    inside = {name: value for inner in block for name, value in pairwise(inner.texts)}
    node = objects.get(("node", where.host))
    host = inside.get("address") or (
        node.values["address"].text if node is not None and "address" in node.values else ""
    )
    if host and host != "any6":
        where = Address(host.partition("%")[0], where.port)
    return Member(where, word.span, unknown)
