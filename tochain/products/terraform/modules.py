"""Terraform modules: what the files of a folder declare, what names mean inside, and the resources they come to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tochain.formats.tree import Node
from tochain.model.span import SourceFile, Span
from tochain.products.cloud import ALIASES, Resource, Value
from tochain.products.terraform.bodies import body
from tochain.products.terraform.names import Budget, Names
from tochain.products.terraform.scalars import scalar, unknown
from tochain.products.terraform.scope import Scope, joined
from tochain.products.terraform.wellknown import Call, made_by

__all__ = ["Folder", "Module", "Tree", "Written", "resources"]

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

    def names(self, bound: dict[str, Value] | None = None) -> Scope:
        """What names mean inside this module."""
        return Scope(self, bound or {})

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
