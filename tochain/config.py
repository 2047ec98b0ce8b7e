"""tochain.yaml: what the files alone do not say, validated, with the place of everything kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from tochain.formats.tree import Node
from tochain.formats.yamlfile import parse
from tochain.model.coverage import Problem
from tochain.model.fact import Setting
from tochain.model.finding import SEVERITIES, Severity
from tochain.model.hop import DeclaredPath
from tochain.model.limit import NEVER, OFF, Finite, Limit, Word, parse_duration
from tochain.model.span import SourceFile, Span
from tochain.model.timers import TIMERS, canonical, nearest
from tochain.model.version import ANY, Versions, parse_versions

__all__ = ["Assumption", "ComponentSpec", "Config", "DeclaredTimer", "PathRule", "load"]


@dataclass(frozen=True, slots=True)
class DeclaredTimer:
    """One timer given in tochain.yaml."""

    timer: str
    limit: Limit
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class ComponentSpec:
    """One entry under `components`: what is known of it, and where its configuration is."""

    name: str
    span: Span
    product: str = ""
    versions: Versions = ANY
    config: tuple[tuple[str, Span], ...] = ()
    select: str = ""
    variant: str | None = None
    timers: tuple[DeclaredTimer, ...] = ()
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value for what stays unknown: of every component of a product, or of the one of that name."""

    timer: str
    limit: Limit
    span: Span
    product: str = ""
    component: str = ""


@dataclass(frozen=True, slots=True)
class PathRule:
    """What holds for findings in files that match a glob: rules to leave out."""

    glob: str
    ignore: tuple[str, ...]


@dataclass(slots=True)
class Config:
    """Everything tochain.yaml says; empty when there is none. `problems` are its errors, each with its place."""

    path: str = ""
    components: dict[str, ComponentSpec] = field(default_factory=dict)
    paths: list[DeclaredPath] = field(default_factory=list)
    assume: list[Assumption] = field(default_factory=list)
    ignore: list[str] = field(default_factory=list)
    severity: dict[str, Severity] = field(default_factory=dict)
    params: dict[str, dict[str, tuple[str, Span]]] = field(default_factory=dict)
    per_path: list[PathRule] = field(default_factory=list)
    rule_paths: list[tuple[str, Span]] = field(default_factory=list)
    product_paths: list[tuple[str, Span]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    source: SourceFile | None = None
    named_rules: list[tuple[str, Span]] = field(default_factory=list)


def load(source: SourceFile) -> Config:
    """Reads tochain.yaml; errors are collected with their places and the rest is still used."""
    document = parse(source)
    config = Config(source.path, source=source)
    for message, span, _ in document.problems:
        config.problems.append(Problem(message, span, "failed"))
    if not document.roots:
        return config
    reader = _Reader(source, config)
    reader.top(document.roots[0])
    if len(document.roots) > 1:
        reader.wrong(document.roots[1].span, "one YAML document expected, there are several")
    return config


class _Reader:
    """Walks the tree of tochain.yaml; every wrong thing becomes a problem at its place."""

    def __init__(self, source: SourceFile, config: Config) -> None:
        self.source = source
        self.config = config

    def wrong(self, span: Span, message: str) -> None:
        self.config.problems.append(Problem(message, span, "failed"))

    def top(self, node: Node) -> None:
        self._keys(node, "tochain.yaml", {
            "version": self._version,
            "components": self._components,
            "paths": lambda value: self._each(value, "paths", self._path),
            "assume": lambda value: self._each(value, "assume", self._assume),
            "rules": self._rules,
            "products": self._products,
        })  # fmt: skip

    def _keys(self, node: Node, what: str, handlers: dict[str, Callable[[Node], object]]) -> None:
        if node.kind != "mapping":
            if node.kind != "scalar" or node.text:
                self.wrong(node.span, f"{what}: expected a mapping with {', '.join(handlers)}")
            return
        for key, value in node.entries:
            if key.text in handlers:
                handlers[key.text](value)
            else:
                self.wrong(key.span, f"unknown key {key.text!r} in {what}{_nearest(key.text, handlers)}")

    def _list(self, node: Node, what: str) -> list[Node]:
        if node.kind == "sequence":
            return node.elements
        if node.kind != "scalar" or node.text:
            self.wrong(node.span, f"{what}: expected a list")
        return []

    def _each(self, node: Node, what: str, read: Callable[[Node], None]) -> None:
        for item in self._list(node, what):
            read(item)

    def _scalar(self, node: Node, what: str) -> str | None:
        if node.kind == "scalar":
            return node.text
        self.wrong(node.span, f"{what}: expected one value")
        return None

    def _version(self, node: Node) -> None:
        if self._scalar(node, "version") not in ("1", None):
            self.wrong(node.span, f"version {node.text!r} is not known; this tochain reads version 1")

    def _components(self, node: Node) -> None:
        if node.kind != "mapping":
            if node.kind != "scalar" or node.text:
                self.wrong(node.span, "components: expected a mapping from name to what it is")
            return
        for key, value in node.entries:
            if not re.fullmatch(r"[\w.:/@-]+", key.text):
                self.wrong(key.span, f"a component's name has letters, digits and . _ - : / @ only, not {key.text!r}")
            elif key.text in self.config.components:
                self.wrong(key.span, f"component {key.text!r} is declared twice")
            else:
                self.config.components[key.text] = self._component(key, value)

    def _component(self, key: Node, node: Node) -> ComponentSpec:
        found: dict[str, object] = {}

        def keep(name: str, value: object) -> None:
            if value is not None:
                found[name] = value

        self._keys(node, f"component {key.text}", {
            "product": lambda value: keep("product", self._scalar(value, "product")),
            "version": lambda value: keep("versions", self._versions(value)),
            "config": lambda value: keep("config", self._texts(value, "config")),
            "select": lambda value: keep("select", self._scalar(value, "select")),
            "variant": lambda value: keep("variant", self._scalar(value, "variant")),
            "timers": lambda value: keep("timers", tuple(self._timers(value))),
            "settings": lambda value: keep("settings", tuple(self._settings(value))),
        })  # fmt: skip
        if "product" not in found and "config" not in found and all(name.text != "product" for name, _ in node.entries):
            self.wrong(key.span, f"component {key.text}: product is missing (tochain products lists the names)")
        return ComponentSpec(key.text, key.span, **found)  # type: ignore[arg-type]

    def _versions(self, node: Node) -> Versions | None:
        text = self._scalar(node, "version")
        if text is None:
            return None
        try:
            return parse_versions(text)
        except ValueError as error:
            self.wrong(node.span, str(error))
            return None

    def _texts(self, node: Node, what: str) -> tuple[tuple[str, Span], ...]:
        nodes = node.elements if node.kind == "sequence" else [node]
        return tuple((item.text, item.span) for item in nodes if self._scalar(item, what) is not None)

    def _timers(self, node: Node) -> Iterable[DeclaredTimer]:
        if node.kind != "mapping":
            self.wrong(node.span, "timers: expected a mapping such as {connect.idle_keep: 300s}")
            return
        for key, value in node.entries:
            timer = canonical(key.text)
            if timer is None:
                self.wrong(key.span, f"no timer {key.text!r}; nearest: {', '.join(nearest(key.text)) or 'none'}")
                continue
            limit = self.limit(timer, value)
            if limit is not None:
                yield DeclaredTimer(timer, limit, value.text, value.span)

    def limit(self, timer: str, node: Node) -> Limit | None:
        """A value under `timers:` or `assume:`; durations need a unit, counts are whole numbers."""
        text = self._scalar(node, timer)
        if text is None:
            return None
        kind = TIMERS[timer].kind
        if kind == "word":
            return OFF if text in ("off", "false", "no") else Word("on" if text in ("true", "yes") else text)
        if kind == "count":
            if text in ("never", "off"):
                return NEVER if text == "never" else OFF
            if text.isdecimal():
                return Finite(int(text))
            self.wrong(node.span, f"{timer} counts: expected a whole number, got {text!r}")
            return None
        try:
            return parse_duration(text)
        except ValueError:
            hint = f"; {text} of what? Write {text}s or {text}ms" if re.fullmatch(r"[\d.]+", text) else ""
            self.wrong(
                node.span, f"{timer}: {text!r} is no duration: expected 300s, 5m, 1h30m, 250ms, never or off{hint}"
            )
            return None

    def _settings(self, node: Node) -> Iterable[Setting]:
        if node.kind != "mapping":
            self.wrong(node.span, "settings: expected a mapping from the product's own setting names")
            return
        for key, value in node.entries:
            if value.kind == "mapping":
                # {timeout: {client: 30s}} reads as "timeout.client", the way nested product settings are named.
                for path, leaf in value.walk():
                    name = ".".join([key.text, *map(str, path)])
                    yield Setting(name, leaf.text, leaf.span, "declared")
            else:
                for item in value.elements if value.kind == "sequence" else [value]:
                    yield Setting(key.text, item.text, item.span, "declared")

    def _path(self, node: Node) -> None:
        if node.kind == "scalar":
            self._add_path(node, "")
            return
        found: dict[str, Node] = {}
        self._keys(node, "a path", {
            "path": lambda value: found.setdefault("path", value),
            "protocol": lambda value: found.setdefault("protocol", value),
        })  # fmt: skip
        if "path" in found:
            self._add_path(found["path"], found["protocol"].text if "protocol" in found else "")
        else:
            self.wrong(node.span, "a path: expected `a -> b -> c`, or {path: a -> b, protocol: http}")

    def _add_path(self, node: Node, protocol: str) -> None:
        text = self._scalar(node, "path")
        if text is None:
            return
        names = tuple(self._names(node))
        if len(names) < 2:
            self.wrong(node.span, "a path names at least two components: a -> b")
            return
        seen: set[str] = set()
        for name, span in names:
            if name in seen:
                self.wrong(span, f"{name} stands twice in this path: a path has no cycle")
                return
            seen.add(name)
        self.config.paths.append(DeclaredPath(names, protocol, node.span))

    def _names(self, node: Node) -> Iterable[tuple[str, Span]]:
        # The node's text starts at its span, after a quote when it is quoted.
        start = self.source.offset(node.span.start) + (1 if node.quoted else 0)
        for part in re.finditer(r"[^\s>-](?:(?!->)\S)*", node.text):
            yield part[0], self.source.span(start + part.start(), start + part.end())

    def _assume(self, node: Node) -> None:
        found: dict[str, Node] = {}

        def keep(key: str) -> Callable[[Node], object]:
            return lambda value: found.setdefault(key, value)

        self._keys(node, "an assumption", {key: keep(key) for key in ("timer", "product", "component", "value")})
        if "timer" not in found or "value" not in found:
            self.wrong(node.span, "an assumption: expected {timer: ..., product: ..., value: ...}")
            return
        timer = canonical(found["timer"].text)
        if timer is None:
            name = found["timer"].text
            self.wrong(found["timer"].span, f"no timer {name!r}; nearest: {', '.join(nearest(name)) or 'none'}")
            return
        limit = self.limit(timer, found["value"])
        if limit is not None:
            product, component = (found[key].text if key in found else "" for key in ("product", "component"))
            self.config.assume.append(Assumption(timer, limit, found["value"].span, product, component))

    def _rules(self, node: Node) -> None:
        self._keys(node, "rules", {
            "ignore": self._ignore,
            "severity": self._severity,
            "params": self._params,
            "paths": lambda value: self.config.rule_paths.extend(self._texts(value, "paths")),
            "per-path": lambda value: self._each(value, "per-path", self._per_path),
        })  # fmt: skip

    def _ignore(self, node: Node) -> None:
        names = self._texts(node, "ignore")
        self.config.ignore.extend(text for text, _ in names)
        self.config.named_rules.extend(names)

    def _severity(self, node: Node) -> None:
        for key, value in node.entries:
            self.config.named_rules.append((key.text, key.span))
            if value.text in SEVERITIES:
                self.config.severity[key.text] = value.text
            else:
                self.wrong(value.span, f"severity {value.text!r}; expected error, warning or note")

    def _params(self, node: Node) -> None:
        for key, value in node.entries:
            self.config.named_rules.append((key.text, key.span))
            self.config.params[key.text] = {name.text: (item.text, item.span) for name, item in value.entries}

    def _per_path(self, node: Node) -> None:
        path = node.value("path")
        ignore = tuple(item.text for item in node.each("ignore"))
        if not path or not ignore:
            self.wrong(node.span, "per-path: expected {path: glob, ignore: [rule, ...]}")
            return
        self.config.named_rules.extend((item.text, item.span) for item in node.each("ignore"))
        self.config.per_path.append(PathRule(path, ignore))

    def _products(self, node: Node) -> None:
        self._keys(
            node, "products", {"paths": lambda value: self.config.product_paths.extend(self._texts(value, "paths"))}
        )


def _nearest(word: str, allowed: Iterable[str]) -> str:
    close = get_close_matches(word, list(allowed), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; allowed: {', '.join(allowed)}"
