"""What properties injected into Java and Kotlin come to: what the application's files set, else the default beside the name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from pathlib import PurePosixPath

from tochain.formats.codeinject import Injected
from tochain.formats.constant_values import HOLE, Value, from_environment, from_property, parsed, unknown
from tochain.model.component import Workload
from tochain.model.limit import Finite
from tochain.products.base import Context
from tochain.products.javaconfig import Document, Item, View, app_folder, environment, quiet_documents, relaxed
from tochain.products.values import read_value

__all__ = ["Properties"]

_FILE = re.compile(r"application(?:-([\w.-]+))?\.(?:ya?ml|properties)")
_OTHER = re.compile(r"(?:^|/)src/main/resources/(?!messages|log|i18n|bootstrap)[\w.-]+\.(?:ya?ml|properties)$")
_MOST = 50
_ASKED = re.compile(r"\\?\$\{([\w.\[\]-]{1,200})(?::([^{}]{0,200}))?\}")
_VARIABLE = re.compile(r"\$\{([\w.-]{1,200})(?::([^{}]{0,200}))?\}")
_MANY = 10
_TIMES = ("Duration", "java.time.Duration")


class Properties:
    """The files of properties of one run, looked at when a name is asked for."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def value(self, asked: Injected, workload: Workload | None) -> Value:
        """What an injected name comes to in a program."""
        name, default = _name(asked)
        if not name:
            return self._put_together(asked, workload)
        start = environment(workload) if workload is not None else {}
        given = start.get(relaxed(name))
        if given is not None:
            return _typed(_resolved(given.text, start), asked.type)
        texts = self._set_for(asked.path, relaxed(name))
        if len(texts) > 1:
            return unknown(f"property {name}: {' or '.join(texts)[:60]}, by profile or application")
        if texts:
            return _typed(_resolved(texts[0], start), asked.type)
        return _typed(from_property(name, parsed(default) if default is not None else None), asked.type)

    def _put_together(self, asked: Injected, workload: Workload | None) -> Value:
        """A text with several names in it, or with more than a name."""
        text, missing = asked.texts.get("", ""), ""
        for found in [*_ASKED.finditer(text)][:_MANY]:
            one = self.value(replace(asked, texts={"": found[0]}, type=""), workload)
            if not one.known and one.likely is None:
                missing = missing or one.reason
            text = text.replace(found[0], (one.likely or one).show() if one.known or one.likely is not None else HOLE)
        if text == asked.texts.get("", "") or "#{" in text:
            return unknown(f"what @{asked.annotation} asks for is put together elsewhere")
        return Value("text", text=text, reason=missing)

    def _set_for(self, path: str, name: str) -> tuple[str, ...]:
        """What the files of the nearest application say; else those of all applications; else other files of resources."""
        folders = [folder for folder in self._applications if not folder or path.startswith(f"{folder}/")]
        near = max(folders, key=len, default=None)
        if near is not None and (own := self._texts(near, name)):
            return own
        texts = tuple(dict.fromkeys(text for folder in self._applications for text in self._texts(folder, name)))
        return texts or _texts(self._others, name)

    def _texts(self, folder: str, name: str) -> tuple[str, ...]:
        return _texts(self._applications[folder], name)

    @cached_property
    def _others(self) -> list[Document]:
        """The documents of files beside the application's: `spring.config.name` and `@PropertySource` name them."""
        paths = [
            path
            for path in sorted(self.ctx.paths())
            if _OTHER.search(path) and not _FILE.fullmatch(PurePosixPath(path).name)
        ]
        sources = [source for path in paths[:_MOST] if (source := self.ctx.file(path)) is not None]
        return [document for source in sources for document in quiet_documents(self.ctx, source)]

    @cached_property
    def _applications(self) -> dict[str, list[Document]]:
        """The documents of each application by its folder; those for tests and development are left out."""
        table: dict[str, list[Document]] = {}
        for path, profile in self._files():
            source = self.ctx.file(path)
            if source is not None:
                table.setdefault(app_folder(path), []).extend(quiet_documents(self.ctx, source, profile))
        return table

    def _files(self) -> Iterator[tuple[str, str]]:
        for path in sorted(self.ctx.paths()):
            found = _FILE.fullmatch(PurePosixPath(path).name)
            if found is not None and "src/test/" not in path and found[1] not in ("test", "dev", "local"):
                yield path, found[1] or ""


def _texts(documents: list[Document], name: str) -> tuple[str, ...]:
    items = (document.view.get(name) for document in documents)
    return tuple(dict.fromkeys(item.text.strip() for item in items if item is not None))


def _name(asked: Injected) -> tuple[str, str | None]:
    """The property an annotation names, and what holds unless it is set."""
    if asked.annotation == "Value":
        found = _ASKED.fullmatch(asked.texts.get("", asked.texts.get("value", "")))
        return (found[1], found[2]) if found is not None else ("", None)
    return asked.texts.get("name", asked.texts.get("", "")), asked.texts.get("defaultValue")


def _resolved(text: str, start: View) -> Value:
    """A property's text: itself, or what `${NAME:default}` comes to."""
    found = _VARIABLE.fullmatch(text)
    if found is None:
        return unknown(f"filled in later: {text[:60]}") if "${" in text or "@" in text[:1] else parsed(text)
    given: Item | None = start.get(relaxed(found[1]))
    if given is not None and "${" not in given.text:
        return parsed(given.text)
    return from_environment(found[1], parsed(found[2]) if found[2] else None)


def _typed(value: Value, declared: str) -> Value:
    """A value as the name's type has it: a Duration's bare number is of milliseconds."""
    if value.likely is not None:
        inner = _typed(value.likely, declared)
        return replace(value, likely=inner) if inner.known else unknown(inner.reason)
    if declared not in _TIMES or value.kind not in ("number", "text"):
        return value
    try:
        limit = read_value(value.show(), "ms")
    except ValueError as error:
        return unknown(str(error))
    return Value("duration", Fraction(limit.amount)) if isinstance(limit, Finite) else unknown("no time")
