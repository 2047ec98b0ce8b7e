"""Terraform modules: what the files of a folder declare, what names mean inside, and the resources they come to."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from tochain.formats.tree import Node
from tochain.model.span import Pos, SourceFile, Span
from tochain.products.cloud import ALIASES, Ref, Resource, Value
from tochain.products.terraform.bodies import body
from tochain.products.terraform.expression import Budget, Names
from tochain.products.terraform.functions import scalar, unknown
from tochain.products.terraform.texts import structured
from tochain.products.terraform.wellknown import Call, made_by

__all__ = ["Folder", "Module", "Tree", "Written", "joined", "resources"]

MAX_DEPTH = 12
MAX_INSTANCES = 64
MAX_RESOURCES = 20_000
MAX_MODULES = 2_000


@dataclass(frozen=True, slots=True)
class Written:
    """A block or attribute and the file it stands in; `name` is the node that names it."""

    node: Node
    source: SourceFile
    name: Node


@dataclass(slots=True)
class Folder:
    """Everything the Terraform files of one folder declare, by kind."""

    path: str
    variables: dict[str, Written] = field(default_factory=dict)
    locals: dict[str, Written] = field(default_factory=dict)
    resources: dict[tuple[str, str], Written] = field(default_factory=dict)
    data: dict[tuple[str, str], Written] = field(default_factory=dict)
    modules: dict[str, Written] = field(default_factory=dict)
    outputs: dict[str, Written] = field(default_factory=dict)
    given: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Tree:
    """What all modules of one root share: its scope `where`, the folders of the run, ways to read a file and say so."""

    where: str
    folders: dict[str, Folder]
    read: Callable[[str], SourceFile | None]
    understood: Callable[[str], None] = lambda path: None
    budget: Budget = field(default_factory=Budget)


class Module:
    """One use of a folder: as a root, or called with arguments."""

    def __init__(
        self,
        tree: Tree,
        folder: Folder,
        prefix: str = "",
        arguments: dict[str, Callable[[], Value]] | None = None,
    ) -> None:
        self.tree, self.folder, self.where, self.prefix = tree, folder, tree.where, prefix
        self._arguments = arguments or {}
        self._known: dict[tuple[str, str], Value] = {}
        self._busy: set[tuple[str, str]] = set()
        self._children: dict[str, list[tuple[str, Module]]] = {}
        self._resources: dict[tuple[str, str], list[tuple[str, Resource]]] = {}

    def once(self, kind: str, name: str, make: Callable[[], Value], span: Span) -> Value:
        """A named value, made once; one that needs itself is unknown."""
        key = (kind, name)
        if key not in self._known:
            budget = self.tree.budget
            if key in self._busy or budget.spent():
                return unknown(span, "", f"{kind}.{name} goes in a circle or too deep")
            self._busy.add(key)
            budget.level += 1
            try:
                self._known[key] = make()
            finally:
                self._busy.discard(key)
                budget.level -= 1
        return self._known[key]

    def variable(self, name: str, span: Span) -> Value:
        """What a variable holds: its argument, what a tfvars file gives, its default."""
        written = self.folder.variables.get(name)
        if name in self._arguments:
            value = self.once("var", name, self._arguments[name], span)
            if value.kind != "null":
                return value
        elif not self.prefix and name in self.folder.given:
            return self.folder.given[name]
        default = written.node.get("default") if written is not None else None
        if written is None or default is None:
            return unknown(span, "", f"variable {name} has no value in these files")
        source = written.source
        return self.once("default", name, lambda: body(default, source, self.names()), span)

    def local(self, name: str, span: Span) -> Value:
        """What a local value comes to."""
        written = self.folder.locals.get(name)
        if written is None:
            return unknown(span, "", f"there is no local.{name}")
        return self.once("local", name, lambda: body(written.node, written.source, self.names()), span)

    def output(self, name: str, span: Span) -> Value:
        """What a module gives back under a name."""
        written = self.folder.outputs.get(name)
        node = written.node.get("value") if written is not None else None
        if written is None or node is None:
            return unknown(span, "", f"there is no output {name}")
        source = written.source
        return self.once("output", name, lambda: body(node, source, self.names()), span)

    def names(self, bound: dict[str, Value] | None = None) -> _Scope:
        """What names mean inside this module."""
        return _Scope(self, bound or {})

    def children(self, name: str) -> list[tuple[str, Module]]:
        """The instances of a called module whose source is a folder here, by index ("" without)."""
        if name not in self._children:
            self._children[name] = []  # while it is being made: a module that calls itself ends here
            self._children[name] = list(self._called(name))
        return self._children[name]

    def _called(self, name: str) -> Iterator[tuple[str, Module]]:
        written = self.folder.modules[name]
        source = written.node.value("source")
        folder = self.tree.folders.get(joined(self.folder.path, source)) if source.startswith((".", "/")) else None
        if folder is None or self.prefix.count("module.") >= MAX_DEPTH:
            return
        for index, bound in self.instances(written):
            names = self.names(bound)
            arguments = {
                key.text: _argument(value, written.source, names)
                for key, value in written.node.entries
                if not key.text.startswith("@")
                and key.text not in ("source", "count", "for_each", "version", "providers")
            }
            prefix = f"{self.prefix}module.{name}{index}."
            yield index, Module(self.tree, folder, prefix, arguments)

    def elsewhere(self, name: str) -> Iterator[Resource]:
        """What a module of the public registry makes of its arguments, where that is known."""
        written = self.folder.modules[name]
        source = written.node.value("source")
        if not source or source.startswith((".", "/")):
            return
        for index, bound in self.instances(written):
            arguments = body(written.node, written.source, self.names(bound))
            call = Call(arguments, self.where, f"{self.prefix}module.{name}{index}", written.name.span)
            yield from made_by(source, call)

    def instances(self, written: Written) -> Iterator[tuple[str, dict[str, Value]]]:
        """The instances `count` and `for_each` make, each with its index and what `each` and `count` are in it."""
        over, count = written.node.get("for_each"), written.node.get("count")
        if over is not None:
            yield from _each(body(over, written.source, self.names()))
        elif count is not None:
            value = body(count, written.source, self.names())
            if value.kind == "scalar" and value.text in ("0", "false"):
                return
            single = value.kind == "scalar" and value.text in ("1", "true")
            at = scalar("0", value.span) if single else unknown(value.span, "", "count.index differs between instances")
            yield "", {"count": Value("mapping", value.span, entries={"index": at})}
        else:
            yield "", {}

    def made(self, kind: str, name: str) -> list[tuple[str, Resource]]:
        """The resources a resource block makes, by index."""
        key = (kind, name)
        if key not in self._resources:
            self._resources[key] = []
            written = self.folder.resources[key]
            self._resources[key] = [
                (index, self._resource(kind, f"{self.prefix}{kind}.{name}{index}", written, bound))
                for index, bound in self.instances(written)
            ]
        return self._resources[key]

    def _resource(self, kind: str, address: str, written: Written, bound: dict[str, Value]) -> Resource:
        names = self.names(bound)
        return Resource(
            ALIASES.get(kind, kind),
            address,
            self.where,
            written.name.span,
            lambda: body(written.node, written.source, names),
        )


def resources(module: Module) -> Iterator[Resource]:
    """All resources of a module and of those it calls."""
    waiting = deque([module])
    made = seen = 0
    while waiting and made < MAX_RESOURCES and seen < MAX_MODULES:
        here = waiting.popleft()
        seen += 1
        for kind, name in here.folder.resources:
            for _, resource in here.made(kind, name):
                made += 1
                yield resource
        for name in here.folder.modules:
            waiting.extend(child for _, child in here.children(name))
            yield from here.elsewhere(name)


def _argument(node: Node, source: SourceFile, names: Names) -> Callable[[], Value]:
    return lambda: body(node, source, names)


def _each(over: Value) -> Iterator[tuple[str, dict[str, Value]]]:
    if over.kind == "mapping" and len(over.entries) <= MAX_INSTANCES:
        for key, value in over.entries.items():
            entries = {"key": scalar(key, value.span), "value": value}
            yield f'["{key}"]', {"each": Value("mapping", over.span, entries=entries)}
    elif (
        over.kind == "sequence"
        and len(over.elements) <= MAX_INSTANCES
        and all(v.kind == "scalar" for v in over.elements)
    ):
        # A set of texts, whose function the reader of HCL looks through.
        yield from _each(Value("mapping", over.span, entries={value.text: value for value in over.elements}))
    else:
        yield "", {"each": unknown(over.span, "", over.reason or "for_each runs over what is not known here", over)}


def joined(folder: str, source: str) -> str:
    """A relative path from a folder, made plain."""
    parts: list[str] = []
    for part in (PurePosixPath(folder) / source.lstrip("/")).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in (".", "/"):
            parts.append(part)
    return "/".join(parts)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Names inside one module, with those of the instance and of loops."""

    module: Module
    extra: dict[str, Value]

    @property
    def budget(self) -> Budget:
        """What is left to spend, shared by the whole root module."""
        return self.module.tree.budget

    def bound(self, names: dict[str, Value]) -> _Scope:
        return _Scope(self.module, {**self.extra, **names})

    def lookup(self, root: str, path: list[Value | str], span: Span) -> tuple[Value, int]:
        """The value of a name, and how many steps of its path it took."""
        module = self.module
        if root in self.extra:
            return self.extra[root], 0
        first = path[0] if path and isinstance(path[0], str) else ""
        match root:
            case "var":
                return module.variable(first, span), 1
            case "local":
                return module.local(first, span), 1
            case "path":
                return scalar(
                    {"module": module.folder.path or ".", "root": module.where.partition(":")[2] or "."}.get(
                        first, "."
                    ),
                    span,
                ), 1
            case "module":
                return self._module(first, path, span)
            case "data":
                return self._data(path, span)
            case "each" | "count" | "self" | "terraform":
                return unknown(span, "", f"{root}.{first} is not known here"), len(path)
            case _:
                return (
                    self._resource(root, first, path, span)
                    if first
                    else (unknown(span, "", f"{root} is not known here"), len(path))
                )

    def _module(self, name: str, path: list[Value | str], span: Span) -> tuple[Value, int]:
        if name not in self.module.folder.modules:
            return unknown(span, "", f"there is no module {name}"), len(path)
        children = self.module.children(name)
        index, at = _index(path, 1)
        child = next((c for i, c in children if i == index), children[0][1] if children else None)
        output = path[at] if at < len(path) else ""
        if child is None or not isinstance(output, str) or not output:
            reason = f"module.{name} comes from elsewhere" if child is None else f"module.{name} as a whole"
            part = _part(path[at:]) if child is None else ""
            key = f"{self.module.where}|{self.module.prefix}module.{name}{index}{part}"
            return Value("unknown", span, refs=(Ref(key),), reason=reason), len(path)
        return child.output(output, span), at + 1

    def _resource(self, kind: str, name: str, path: list[Value | str], span: Span) -> tuple[Value, int]:
        index, at = _index(path, 1)
        attribute = path[at] if at < len(path) and isinstance(path[at], str) else ""
        assert isinstance(attribute, str)
        if (kind, name) not in self.module.folder.resources:
            return unknown(span, "", f"there is no {kind}.{name}"), len(path)
        made = self.module.made(kind, name)
        if not attribute and not index and at == 1 and made and made[0][0]:
            return _instances(made, span), at
        found = next((resource for i, resource in made if i == index), made[0][1] if len(made) == 1 else None)
        address = found.address if found is not None else f"{self.module.prefix}{kind}.{name}{index}"
        ref = Ref(f"{self.module.where}|{address}", attribute)
        value = self._attribute(found, attribute, span) if found is not None and attribute else None
        if value is None:
            return Value(
                "unknown",
                span,
                refs=(ref,),
                reason=f"{kind}.{name}{f'.{attribute}' if attribute else ''} is known once it is applied",
            ), len(path)
        return replace(value, refs=(*value.refs, ref)), at + 1

    def _attribute(self, found: Resource, attribute: str, span: Span) -> Value | None:
        value = self.module.once("resource", found.address, lambda: found.value, span)
        return value.get(attribute) if value.kind == "mapping" else None

    def _data(self, path: list[Value | str], span: Span) -> tuple[Value, int]:
        kind, name = (part if isinstance(part, str) else "" for part in (*path, "", "")[:2])
        index, at = _index(path, 2)
        written = self.module.folder.data.get((kind, name))
        if kind == "template_file" and written is not None and path[at:] == ["rendered"]:
            return self._rendered(name, written, span), at + 1
        ref = Ref(f"{self.module.where}|{self.module.prefix}data.{kind}.{name}{index}", "")
        return Value("unknown", span, refs=(ref,), reason=f"data.{kind}.{name} is looked up when it is applied"), len(
            path
        )

    def _rendered(self, name: str, written: Written, span: Span) -> Value:
        """A template_file: its template with its variables filled in."""

        def make() -> Value:
            whole = body(written.node, written.source, self)
            text, variables = whole.get("template"), whole.get("vars")
            if text is None or text.source is None:
                return text or unknown(span, "", f"data.template_file.{name} has no template")
            self.module.tree.understood(text.source.path)
            return structured(text.source, text.span, self.bound(variables.entries if variables else {})) or unknown(
                span, "", "a template", whole
            )

        return self.module.once("template", name, make, span)

    def file(self, path: str, span: Span, variables: Value | None) -> Value:
        """A file of the repository as text; as a template, what its JSON comes to."""
        root = self.module.where.partition(":")[2]
        names = [joined("", path), joined(root, path), joined(self.module.folder.path, path)]
        source = next(
            (found for name in dict.fromkeys(names) if (found := self.module.tree.read(name)) is not None), None
        )
        if source is None:
            return unknown(span, "", f"the file {PurePosixPath(path).name} is not here")
        whole = Span(source.path, Pos(1, 1), source.pos(len(source.text)))
        if variables is None:
            return Value("scalar", whole, source.text, source=source)
        if variables.kind != "mapping":
            return unknown(span, "", "a template with variables that are not known here", variables)
        made = structured(source, whole, self.bound(variables.entries))
        if made is not None:
            self.module.tree.understood(source.path)
        return made or unknown(span, "", "a template", variables)


def _part(path: list[Value | str]) -> str:
    """Which part of a module of the registry an output is of: one of its target groups, or the module itself."""
    output = path[0] if path and isinstance(path[0], str) else ""
    if output == "default_target_group_arn":
        return f".{output}"
    if not output.startswith("target_group"):
        return ""
    index = path[1] if len(path) > 1 else None
    if isinstance(index, Value) and index.kind == "scalar":
        return f".target_groups[{index.text}]" if index.text.isdigit() else f'.target_groups["{index.text}"]'
    return ".target_groups"


def _instances(made: list[tuple[str, Resource]], span: Span) -> Value:
    """A resource with `for_each` as a whole: its instances by their keys."""
    entries = {
        index[2:-2]: Value(
            "unknown", span, refs=(Ref(resource.key),), reason=f"{resource.address} is known once it is applied"
        )
        for index, resource in made
    }
    return Value("mapping", span, entries=entries)


def _index(path: list[Value | str], at: int) -> tuple[str, int]:
    """The index behind a name as it stands in addresses, and where the path goes on."""
    if at >= len(path):
        return "", at
    part = path[at]
    if part == "*":
        return "", at + 1
    if isinstance(part, str):
        return "", at
    if part.kind != "scalar" or re.fullmatch(r"\d+", part.text):
        return "", at + 1
    return f'["{part.text}"]', at + 1
