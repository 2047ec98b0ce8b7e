"""Trees laid over one another: strategic merge and JSON patches, each value keeping the place it was written at."""

from __future__ import annotations

from dataclasses import replace

from tochain.formats.tree import Node

__all__ = ["NoSuchPathError", "changed", "merged", "operated", "with_value"]

_KEYS = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "port"),
    "hostAliases": ("ip",),
    "sysctls": ("name",),
}
"""Lists of the core objects whose elements are merged by one of their fields; every other list is replaced."""


class NoSuchPathError(Exception):
    """A JSON patch names a place that is not there."""


def merged(base: Node, patch: Node, *, core: bool = True) -> Node:
    """The base with a patch merged into it; `core` tells objects whose lists are merged by key from others'.

    A null takes a key away, as does an element with `$patch: delete`.
    """
    return _merged(base, patch, core)


def _merged(base: Node, patch: Node, core: bool) -> Node:
    if base.kind != "mapping" or patch.kind != "mapping" or patch.value("$patch") == "replace":
        return patch
    entries = list(base.entries)
    for key, value in patch.entries:
        if key.text == "$patch":
            continue
        old = next((at for at in reversed(range(len(entries))) if entries[at][0].text == key.text), None)
        if _is_null(value):
            entries = [entry for entry in entries if entry[0].text != key.text]
        elif old is None:
            entries.append((key, value))
        else:
            before = entries[old][1]
            entries[old] = (key if value.kind == "scalar" else entries[old][0], _value(key.text, before, value, core))
    return replace(base, entries=entries)


def _is_null(node: Node) -> bool:
    return node.kind == "scalar" and not node.quoted and node.text in ("", "null", "~")


def _value(name: str, before: Node, value: Node, core: bool) -> Node:
    if value.kind == "sequence" and before.kind == "sequence" and core and name in _KEYS:
        return _by_key(before, value, _KEYS[name], core)
    return _merged(before, value, core)


def _by_key(before: Node, patch: Node, names: tuple[str, ...], core: bool) -> Node:
    elements = list(before.elements)
    for item in patch.elements:
        field = next((name for name in names if item.value(name)), "")
        at = next((i for i, old in enumerate(elements) if field and old.value(field) == item.value(field)), None)
        if at is None:
            if item.value("$patch") != "delete":
                elements.append(item)
        elif item.value("$patch") == "delete":
            del elements[at]
        else:
            elements[at] = _merged(elements[at], item, core)
    return replace(before, elements=elements)


def operated(base: Node, operation: Node) -> Node:
    """The base after one operation of a JSON patch (add, replace, remove; test changes nothing).

    Raises NoSuchPathError where the path leads nowhere, and for operations that copy or move.
    """
    kind, path, value = operation.value("op"), operation.value("path"), operation.get("value")
    if kind == "test":
        return base
    if kind not in ("add", "replace", "remove") or (value is None and kind != "remove"):
        raise NoSuchPathError(f"a JSON patch operation {kind!r} is not followed")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    if not steps:
        return value if value is not None else base
    return _operated(base, steps, kind, value)


def _operated(node: Node, steps: list[str], kind: str, value: Node | None) -> Node:
    step, rest = steps[0], steps[1:]
    if node.kind == "sequence":
        return _in_sequence(node, step, rest, kind, value)
    old = node.get(step) if node.kind == "mapping" else None
    if old is None and (rest or kind != "add" or node.kind != "mapping"):
        raise NoSuchPathError(f"a JSON patch names {step!r}, which is not there")
    if rest:
        assert old is not None, "checked above"
        return with_value(node, step, _operated(old, rest, kind, value))
    return with_value(node, step, value if kind != "remove" else None)


def _in_sequence(node: Node, step: str, rest: list[str], kind: str, value: Node | None) -> Node:
    elements = list(node.elements)
    if step == "-" and kind == "add" and not rest and value is not None:
        return replace(node, elements=[*elements, value])
    at = int(step) if step.isascii() and step.isdecimal() and len(step) < 7 else -1
    if not 0 <= at < len(elements) + (kind == "add" and not rest):
        raise NoSuchPathError(f"a JSON patch names element {step!r}, which is not there")
    if rest:
        elements[at] = _operated(elements[at], rest, kind, value)
    elif kind == "remove" or value is None:
        del elements[at]
    elif kind == "add":
        elements.insert(at, value)
    else:
        elements[at] = value
    return replace(node, elements=elements)


def with_value(node: Node, name: str, value: Node | None) -> Node:
    """A mapping with another value under a key, or without the key."""
    entries = [entry for entry in node.entries if entry[0].text != name]
    if value is None:
        return replace(node, entries=entries)
    key = node.key(name)
    if key is None:
        return replace(node, entries=[*entries, (Node("scalar", value.span, name), value)])
    return replace(node, entries=[(k, value if k.text == name else v) for k, v in node.entries])


def changed(node: Node, names: frozenset[str], texts: dict[str, str]) -> Node:
    """The tree with the scalars under keys of these names (at any depth) exchanged for others, places kept."""
    if node.kind == "sequence":
        return replace(node, elements=[changed(item, names, texts) for item in node.elements])
    if node.kind != "mapping":
        return node
    entries = []
    for key, value in node.entries:
        if value.kind != "scalar":
            value = changed(value, names, texts)
        elif key.text in names and value.text in texts:
            value = replace(value, text=texts[value.text])
        entries.append((key, value))
    return replace(node, entries=entries)
