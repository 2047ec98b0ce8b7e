"""Intrinsic functions of CloudFormation templates, as far as a template's own defaults decide them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from tochain.formats.carried import Piece, written
from tochain.formats.tree import Node
from tochain.model.span import SourceFile
from tochain.products.cloud import Ref, Value

__all__ = ["Template", "export_name"]

MAX_LEVELS = 60
_SUB = re.compile(r"\$\{(!?)([^}]*)\}")
_FUNCTIONS = (
    "Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::FindInMap", "Fn::Select", "Fn::Split", "Fn::ImportValue",
    "Fn::Base64", "Fn::Cidr", "Fn::GetAZs", "Fn::Transform", "Fn::ToJsonString", "Fn::Length", "Fn::ForEach",
)  # fmt: skip


@dataclass(slots=True)
class Template:
    """A template's parameters, mappings, conditions and the names of its resources.

    `given` are the parameters a `parent` template passes in, `stacks` the templates of its own nested stacks, `exports`
    what all templates export, by the name without the stack's.
    """

    root: Node
    where: str
    source: SourceFile | None = None
    resources: set[str] = field(default_factory=set)
    parent: Template | None = None
    given: dict[str, Node] = field(default_factory=dict)
    stacks: dict[str, Template] = field(default_factory=dict)
    exports: dict[str, list[tuple[Template, Node]]] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)

    def value(self, node: Node, level: int = 0) -> Value:
        """What a node comes to."""
        if level > MAX_LEVELS:
            return Value("unknown", node.span, reason="nested too deeply")
        name, argument = _function(node)
        if name:
            return self._call(name, argument, node, level)
        if node.kind == "mapping":
            return Value("mapping", node.span, entries={key.text: self.value(v, level + 1) for key, v in node.entries})
        if node.kind == "sequence":
            return Value("sequence", node.span, elements=[self.value(item, level + 1) for item in node.elements])
        if node.text.startswith("{{resolve:"):
            return Value("unknown", node.span, node.text, reason="resolved when it is deployed")
        return Value("scalar", node.span, node.text)

    def condition(self, name: str) -> bool | None:
        """Whether a condition holds with the defaults of the parameters; None when they do not decide."""
        node = self.root.get("Conditions", name)
        if node is None or name in self._busy or len(self._busy) > MAX_LEVELS:
            return None
        self._busy.add(name)
        decided = self._holds(node, 0)
        self._busy.discard(name)
        return decided

    def _holds(self, node: Node, level: int) -> bool | None:
        name = node.tag.removeprefix("!") if node.tag.startswith("!") else ""
        body = node
        if not name and node.kind == "mapping" and len(node.entries) == 1:
            name, body = node.entries[0][0].text.removeprefix("Fn::"), node.entries[0][1]
        items = body.elements
        if level > MAX_LEVELS:
            return None
        match name:
            case "Condition":
                return self.condition(body.text)
            case "Not" if items:
                inner = self._holds(items[0], level + 1)
                return None if inner is None else not inner
            case "Equals" if len(items) == 2:
                one, other = (self.value(item) for item in items)
                return one.text == other.text if one.kind == other.kind == "scalar" else None
            case "And":
                sides = [self._holds(item, level + 1) for item in items]
                return False if False in sides else None if None in sides else True
            case "Or":
                sides = [self._holds(item, level + 1) for item in items]
                return True if True in sides else None if None in sides else False
            case _:
                return None

    def _call(self, name: str, argument: Node, node: Node, level: int) -> Value:
        match name:
            case "Ref":
                return self._ref(argument.text, node)
            case "Fn::GetAtt":
                parts = (
                    argument.text.split(".", 1)
                    if argument.kind == "scalar"
                    else [item.text for item in argument.elements]
                )
                name, attribute = (*parts, "", "")[:2]
                return self._resource(name, attribute, node)
            case "Fn::Sub":
                return self._sub(argument, node, level)
            case "Fn::If" if len(argument.elements) == 3:
                return self._if(argument, level)
            case "Fn::FindInMap" if len(argument.elements) >= 3:
                return self._find(argument, node, level)
            case "Fn::Join" if len(argument.elements) == 2 and argument.elements[0].kind == "scalar":
                return self._join(argument, node, level)
            case "Fn::ImportValue":
                return self._import(argument, node, level)
            case "Fn::Base64":
                plain = self.value(argument, level + 1)
                return replace(plain, plain=plain)
            case "Fn::ToJsonString":
                return self.value(argument, level + 1)
            case "Fn::Select" if len(argument.elements) == 2 and argument.elements[0].text.isdecimal():
                return self._select(argument, node, level)
            case _:
                inside = (
                    [self.value(item, level + 1) for item in (argument.elements or [argument])]
                    if argument.kind != "scalar"
                    else []
                )
                return _unknown(node, f"{name} is known once it is deployed", *inside)

    def elsewhere(self, name: str, other: Template, target: Node, node: Node) -> Value:
        """A value of another template; unknown where the two go in a circle."""
        key = f"{other.where}#{name}"
        if key in self._busy:
            return _unknown(node, f"{name} goes in a circle")
        self._busy.add(key)
        value = other.value(target)
        self._busy.discard(key)
        return value

    def _import(self, argument: Node, node: Node, level: int) -> Value:
        """What another stack exports, where only one template here exports such a name."""
        inner = argument.entries[0][1] if argument.kind == "mapping" and len(argument.entries) == 1 else argument
        exported = self.exports.get(export_name(inner.text), []) if inner.kind == "scalar" else []
        if len(exported) == 1:
            return self.elsewhere(inner.text, *exported[0], node)
        return _unknown(node, "an export of another stack")

    def _ref(self, name: str, node: Node) -> Value:
        if self.parent is not None and name in self.given:
            return self.elsewhere(name, self.parent, self.given[name], node)
        parameter = self.root.get("Parameters", name)
        if parameter is not None:
            default = parameter.get("Default")
            kind = parameter.value("Type")
            if default is None or default.kind != "scalar" or kind.startswith("AWS::SSM"):
                return _unknown(node, f"parameter {name} has no default")
            return Value("scalar", default.span, default.text)
        if name == "AWS::NoValue":
            return Value("null", node.span)
        return self._resource(name, "", node)

    def _resource(self, name: str, attribute: str, node: Node) -> Value:
        nested = self.stacks.get(name)
        output = nested.root.get("Outputs", attribute.removeprefix("Outputs."), "Value") if nested is not None else None
        if nested is not None and output is not None and attribute.startswith("Outputs."):
            return self.elsewhere(attribute, nested, output, node)
        base = name if name in self.resources else ""
        reason = f"{name} is known once it is deployed"
        return Value(
            "unknown",
            node.span,
            f"{name}.{attribute}".rstrip("."),
            refs=(Ref(f"{self.where}|{base}", attribute),) if base else (),
            reason=reason,
        )

    def _sub(self, argument: Node, node: Node, level: int) -> Value:
        text = argument if argument.kind == "scalar" else argument.get(0)
        if text is None:
            return _unknown(node, "Fn::Sub without a text")
        own = argument.get(1) if argument.kind == "sequence" else None
        values: list[Value] = []

        def put(found: re.Match[str]) -> str:
            if found[1]:
                return f"${{{found[2]}}}"
            mine = own.get(found[2]) if own is not None else None
            name, _, attribute = found[2].partition(".")
            value = (
                self.value(mine, level + 1)
                if mine is not None
                else self._resource(name, attribute, node)
                if attribute
                else self._ref(name, node)
            )
            values.append(value)
            return value.text if value.kind == "scalar" else _named(value) or found[0]

        here = written(text.text, text.span, self.source)
        pieces: list[Piece] = []
        done = 0
        for found in _SUB.finditer(text.text):
            place = here.span(found.start(), found.end()) or text.span
            pieces += [*here.cut(done, found.start()).pieces, Piece(put(found), place)]
            done = found.end()
        pieces += here.cut(done, len(text.text)).pieces
        filled = "".join(piece.text for piece in pieces)
        if any(value.kind != "scalar" for value in values):
            reason = next(v.reason for v in values if v.kind != "scalar")
            return Value("unknown", text.span, filled, refs=_refs(values), reason=reason, pieces=tuple(pieces))
        return Value("scalar", text.span, filled, pieces=tuple(pieces))

    def _if(self, argument: Node, level: int) -> Value:
        condition, yes, no = argument.elements
        decided = self.condition(condition.text)
        if decided is not None:
            return self.value(yes if decided else no, level + 1)
        one, other = self.value(yes, level + 1), self.value(no, level + 1)
        if one.kind == other.kind == "scalar" and one.text == other.text:
            return one
        return _unknown(argument, f"depends on the condition {condition.text}", one, other)

    def _find(self, argument: Node, node: Node, level: int) -> Value:
        keys = [self.value(item, level + 1) for item in argument.elements[:3]]
        if any(key.kind != "scalar" for key in keys):
            return _unknown(node, "a mapping looked up by what is not known here")
        found = self.root.get("Mappings", *(key.text for key in keys))
        return self.value(found, level + 1) if found is not None else _unknown(node, "not in the mapping")

    def _join(self, argument: Node, node: Node, level: int) -> Value:
        by = argument.elements[0].text
        parts = [self.value(item, level + 1) for item in argument.elements[1].elements]
        text = by.join(part.text for part in parts)
        pieces: list[Piece] = []
        for part in parts:
            pieces += [Piece(by, node.span)] if by and part is not parts[0] else []
            known = part.pieces or (written(part.text, part.span, self.source).pieces if part.kind == "scalar" else ())
            pieces += known or (Piece(_named(part) or "${?}", part.span),)
        open_end = next((part for part in parts if part.kind != "scalar"), None)
        if open_end is not None:
            reason = open_end.reason
            return Value("unknown", node.span, text, refs=_refs(parts), reason=reason, pieces=tuple(pieces))
        return Value("scalar", node.span, text, pieces=tuple(pieces))

    def _select(self, argument: Node, node: Node, level: int) -> Value:
        items = self.value(argument.elements[1], level + 1)
        at = int(argument.elements[0].text)
        if items.kind == "sequence" and at < len(items.elements):
            return items.elements[at]
        return _unknown(node, "one of a list that is not known here", items)


def export_name(text: str) -> str:
    """An export's name without the parts that differ from stack to stack."""
    return _SUB.sub("", text)


def _function(node: Node) -> tuple[str, Node]:
    if node.tag.startswith("!") and len(node.tag) > 1:
        short = node.tag[1:]
        return ("Ref" if short == "Ref" else f"Fn::{short}"), node
    if node.kind == "mapping" and len(node.entries) == 1 and node.entries[0][0].text in _FUNCTIONS:
        return node.entries[0][0].text, node.entries[0][1]
    return "", node


def _named(value: Value) -> str:
    """What a template says for a value that only the cloud knows; "" where that is no name."""
    return f"${{{value.text}}}" if re.fullmatch(r"[\w.:]+", value.text) else ""


def _refs(values: list[Value]) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(ref for value in values for ref in value.mentioned()))


def _unknown(node: Node, reason: str, *parts: Value) -> Value:
    return Value("unknown", node.span, node.text, refs=_refs(list(parts)), reason=reason)
