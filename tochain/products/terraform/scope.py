"""What names mean inside a Terraform module: variables, locals, outputs of modules, resources, files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tochain.model.span import Pos, SourceFile, Span
from tochain.products.cloud import Ref, Resource, Value
from tochain.products.terraform.bodies import body, place_of
from tochain.products.terraform.expression import template
from tochain.products.terraform.names import Budget
from tochain.products.terraform.scalars import scalar, unknown
from tochain.products.terraform.texts import structured

if TYPE_CHECKING:
    from tochain.products.terraform.modules import Module, Written

__all__ = ["Scope", "joined"]

_MULTIPART = ("cloudinit_config", "template_cloudinit_config")


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
class Scope:
    """Names inside one module, with those of the instance and of loops."""

    module: Module
    extra: dict[str, Value]

    @property
    def budget(self) -> Budget:
        """What is left to spend, shared by the whole root module."""
        return self.module.tree.budget

    def bound(self, names: dict[str, Value]) -> Scope:
        """The same with further names."""
        return Scope(self.module, {**self.extra, **names})

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
        if kind in _MULTIPART and written is not None and path[at:] == ["rendered"]:
            return self._parts(name, written, span), at + 1
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
            names = self.bound(variables.entries if variables else {})
            return self._filled(text.source, text.span, names)

        return self.module.once("template", name, make, span)

    def _parts(self, name: str, written: Written, span: Span) -> Value:
        """What cloud-init is given in several parts, each with its own content."""

        def make() -> Value:
            parts = body(written.node, written.source, self).each("part")
            contents = [content for part in parts if (content := part.get("content")) is not None]
            return Value("unknown", span, elements=contents, reason="several parts")

        return self.module.once("parts", name, make, span)

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
        return self._filled(source, whole, self.bound(variables.entries))

    def _filled(self, source: SourceFile, whole: Span, names: Scope) -> Value:
        """A template file with its names filled in: the values of its JSON, or its text."""
        made = structured(source, whole, names)
        if made is not None:
            self.module.tree.understood(source.path)
            return made
        # Of a heredoc, everything else of the file is blank here.
        start = source.offset(whole.start) if whole.start == (1, 1) else source.offset(Pos(whole.start.line + 1, 1))
        return template(source.text[start:], place_of(source, start), names, whole, heredoc=True)


_LISTENERS = {
    "listeners": ".listeners",
    "https_listener_arns": ".https_listeners",
    "http_tcp_listener_arns": ".http_tcp_listeners",
    "http_listener_arn": ".listener",
    "https_listener_arn": ".listener",
    "listener_arns": ".listener",
}
"""Outputs of the registry's load balancers that are of their listeners."""


def _part(path: list[Value | str]) -> str:
    """Which part of a module of the registry an output is of: a target group, a listener, or the module itself."""
    output = path[0] if path and isinstance(path[0], str) else ""
    if output == "default_target_group_arn":
        return f".{output}"
    part = ".target_groups" if output.startswith("target_group") else _LISTENERS.get(output, "")
    index = path[1] if len(path) > 1 else None
    if not part or part == ".listener" or not isinstance(index, Value) or index.kind != "scalar":
        return part
    return f"{part}[{index.text}]" if index.text.isdecimal() else f'{part}["{index.text}"]'


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
