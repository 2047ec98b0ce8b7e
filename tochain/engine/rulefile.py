"""A rule file as text, cut at its top-level keys: a run reads only what it needs, and places only for errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tochain.formats.tree import Node
from tochain.formats.yamlfile import parse
from tochain.model.errors import RuleError
from tochain.model.span import Pos, SourceFile, Span

__all__ = ["Path_", "RuleFile", "WrongError"]

Path_ = tuple[str | int, ...]
"""Keys and indices that lead to a value."""

_TOP_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:", re.MULTILINE)
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class WrongError(Exception):
    """A value of a rule file is wrong: where by its path, and which part of its text."""

    def __init__(self, path: Path_, message: str, snippet: str = "", *, at_key: bool = False) -> None:
        super().__init__(message)
        self.path, self.message, self.snippet, self.at_key = path, message, snippet, at_key


@dataclass(frozen=True)
class RuleFile:
    """The text of one rule file; `path` as people read it, `family` the folder it stands in.

    Not slotted: what is read of it is kept.
    """

    path: str
    text: str
    family: str

    @classmethod
    def open(cls, path: Path) -> RuleFile:
        """Reads a file; raises RuleError when it is not UTF-8 text."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RuleError(f"{path}: cannot be read: {error}") from error
        return cls(str(path), text, path.parent.name)

    @property
    def name(self) -> str:
        """The id the file's name gives to its rule."""
        return Path(self.path).stem

    @cached_property
    def sections(self) -> dict[str, str]:
        """The text of each top-level key, the key included."""
        found = list(_TOP_KEY.finditer(self.text))
        ends = [later.start() for later in found[1:]] + [len(self.text)]
        return {key[1]: self.text[key.start() : end] for key, end in zip(found, ends, strict=True)}

    def load(self, *keys: str) -> dict[str, Any]:
        """The values of top-level keys as dicts, lists and strings; raises RuleError for what is no YAML."""
        text = "".join(part for key, part in self.sections.items() if key in keys)
        try:
            data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - BaseLoader builds strings only
        except yaml.YAMLError:
            self.check()
            raise
        return data if isinstance(data, dict) else {}

    def check(self) -> None:
        """Raises RuleError at the first place where the whole file is no YAML, or says a key twice."""
        for message, span, _ in self._document.problems:
            raise RuleError(message, span)
        if len(self._document.roots) != 1 or self._document.roots[0].kind != "mapping":
            raise RuleError("a rule file is one mapping with id, severity, scope ...", self._top)

    def error(self, wrong: WrongError) -> RuleError:
        """The error with its place: the part of the value that is wrong where that can be told."""
        return RuleError(wrong.message, self.span(wrong.path, wrong.snippet, at_key=wrong.at_key))

    def span(self, path: Path_, snippet: str = "", *, at_key: bool = False) -> Span:
        """The place of the value under a path, or of the nearest thing above it that exists."""
        roots = self._document.roots
        if not roots:
            return self._top
        node, place = roots[0], self._top
        for step in path:
            key = node.key(step) if isinstance(step, str) else None
            below = node.get(step)
            if below is None:
                return place
            node = below
            place = key.span if key is not None and at_key and step == path[-1] else node.span
        return self._part(node, snippet) or place

    def _part(self, node: Node, snippet: str) -> Span | None:
        if not snippet:
            return None
        start = self.text.find(snippet, self._source.offset(node.span.start), self._source.offset(node.span.end))
        return self._source.span(start, start + len(snippet)) if start >= 0 else None

    @property
    def _top(self) -> Span:
        return Span(self.path, Pos(1, 1), Pos(1, 2))

    @cached_property
    def _source(self) -> SourceFile:
        return SourceFile(self.path, self.text)

    @cached_property
    def _document(self) -> Any:
        return parse(self._source)
