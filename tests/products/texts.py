"""Reading texts with one product and completing what it found, as a run does."""

from __future__ import annotations

from tochain.discover import Files
from tochain.model.component import Component, Word, Workload
from tochain.model.coverage import FileReport
from tochain.model.span import Pos, SourceFile, Span
from tochain.products import PRODUCTS
from tochain.products.base import Context
from tochain.products.registry import Registry, extractor


def read(product: str, texts: dict[str, str], *workloads: Workload) -> tuple[list[Component], dict[str, FileReport]]:
    """The completed components a product's reader makes of texts by path, and what it says of the files."""
    reports: dict[str, FileReport] = {}
    files = Files({}, reports, texts)
    sources = [SourceFile(path, text) for path, text in texts.items()]
    entry = next(entry for entry in PRODUCTS if entry.name == product)
    context = Context(product, sources, workloads, reports, files, {}, files.text)
    out = extractor(entry).read(context)
    registry = Registry()

    def complain(span: Span, message: str) -> None:
        context.problem(span, message)

    return [registry.complete(component, complain) for component in out.components], reports


def facts(found, *timers: str) -> list[str]:
    """Facts as lines `timer = value (setting, origin @ line:column)`, all of them or the timers named, in order."""
    return [
        f"{timer} = {fact.value} ({fact.setting}, {fact.origin} @ {fact.span.start.line}:{fact.span.start.column})"
        for timer in (timers or found)
        for fact in found.get(timer, ())
    ]


def settings(found) -> list[str]:
    """Settings as lines `name = text @ line:column-column`."""
    return [
        f"{name} = {setting.text} @ {setting.span.start.line}:{setting.span.start.column}-{setting.span.end.column}"
        + (f" {setting.origin}" if setting.origin != "written" else "")
        for name, group in found.items()
        for setting in group
    ]


def links(component: Component) -> list[str]:
    """Links as lines `target protocol label @ line:column`, with the reason where the target is unknown."""
    return [
        f"{link.unknown or link.target} {link.protocol} {link.label} @ {link.span.start.line}:{link.span.start.column}"
        for link in component.links
    ]


def workload(name: str, image: str = "", command: str = "", path: str = "compose.yaml", **more) -> Workload:
    """A workload of a compose file, its command split at blanks."""
    at = Span(path, Pos(1, 1), Pos(1, 2))
    words = tuple(Word(text, at) for text in command.split())
    label = Word(image, at) if image else None
    return Workload(f"compose:{path}#{name}", name, f"compose:{path}", at, label, words, names=(name,), **more)
