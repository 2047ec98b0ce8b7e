"""Files to components: every product reads the files it wants, stage by stage, then source code is read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

from tochain.discover import CONFIG_LIKE, Files
from tochain.formats.carried import CarriedFile
from tochain.formats.languages import language_of
from tochain.formats.tree import Document
from tochain.model.component import Component, Workload
from tochain.model.coverage import FileReport, Problem
from tochain.model.span import SourceFile
from tochain.products import PRODUCTS, plainfile
from tochain.products.base import Context, Entry, Extract, Matchers
from tochain.products.registry import extractor
from tochain.products.relocate import relocated, report_carried
from tochain.products.scopes import top_folder
from tochain.products.sources import with_scripts, with_sources

__all__ = ["Reading", "owner", "read_all"]

HEAD = 64 * 1024


@dataclass(slots=True)
class Reading:
    """What was read: components, workloads, and readers that broke (one sentence each)."""

    components: list[Component] = field(default_factory=list)
    workloads: list[Workload] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    trees: dict[tuple[str, str], object] = field(default_factory=dict)
    carried: dict[str, CarriedFile] = field(default_factory=dict)
    clouds: set[str] = field(default_factory=set)


def owner(product: str) -> Entry | None:
    """The registry's line for a product, or for the one whose reader also makes it."""
    by_form = [entry for entry in PRODUCTS if product in entry.forms]
    return next((entry for entry in PRODUCTS if entry.name == product and (entry.files or entry.code)), None) or next(
        iter(by_form), None
    )


def read_all(
    files: Files,
    reports: dict[str, FileReport],
    forced: dict[str, set[str]],
    declared: Mapping[str, str] = MappingProxyType({}),
) -> Reading:
    """Reads every file.

    `forced` names products that must read a file whatever it is called, `declared` the component of tochain.yaml that
    points to a file.
    """
    wanted = _wanted(files, forced)
    for shown in files:
        if PurePosixPath(shown).suffix in CONFIG_LIKE or any(shown in paths for paths in wanted.values()):
            reports.setdefault(shown, FileReport(shown, status="unrecognised"))
    reading = Reading()
    entries = (*PRODUCTS, *_without_line(forced))
    for stage in ("cloud", "platform", "program", "rest"):
        for entry in entries:
            if entry.stage == stage:
                _read(entry, wanted.get(entry.name, []), files, reports, reading, forced=forced)
        if stage == "cloud":
            reading.clouds = {path for entry in PRODUCTS if entry.stage == stage for path in wanted.get(entry.name, ())}
            _carry(files, reading, wanted, forced)
        elif stage == "platform":
            reading.workloads = with_scripts(with_sources(reading.workloads, files), files.text)
    _read_code(files, reports, reading, forced, declared)
    _report_unparsed(reports, reading)
    _settle(reports, reading)
    for shown in list(reports):
        if reports[shown].status == "unrecognised" and PurePosixPath(shown).suffix not in CONFIG_LIKE:
            del reports[shown]
    return reading


def _without_line(forced: dict[str, set[str]]) -> list[Entry]:
    """Entries for products that have only facts: they read what tochain.yaml hands to them, and nothing else."""
    named = {product for products in forced.values() for product in products}
    return [Entry(name) for name in sorted(named - {entry.name for entry in PRODUCTS})]


def _carry(files: Files, reading: Reading, wanted: dict[str, list[str]], forced: dict[str, set[str]]) -> None:
    """Offers the files that others carry to whoever would want them in a folder.

    A file of the repository that a machine gets as a whole is read as that machine's alone.
    """
    if not reading.carried:
        return
    moved = {file.whole for file in reading.carried.values()} - reading.clouds - set(forced)
    matchers = Matchers(PRODUCTS)
    for path in {piece.span.path for file in reading.carried.values() for piece in file.content.pieces}:
        # Handed to a product by name: what it carries for the product is meant, unless it is the product's own kind of file.
        own = {entry.name for entry in matchers.wanting(path)}
        for name in forced.get(path, set()) - own:
            wanted[name] = [other for other in wanted[name] if other != path]
    for name, paths in wanted.items():
        wanted[name] = [path for path in paths if path not in moved]
    given = {file.path: file.source for file in reading.carried.values()}
    files.carry(given.values())
    for name, paths in _wanted(Files({}, {}, {path: source.text for path, source in given.items()}), {}).items():
        wanted[name] += paths


def _settle(reports: dict[str, FileReport], reading: Reading) -> None:
    """Says everything that was read of carried files by the places of the files that carry them."""
    reading.components = relocated(reading.components, reading.carried)
    reading.workloads = relocated(reading.workloads, reading.carried)
    report_carried(reports, reading.carried)


def _report_unparsed(reports: dict[str, FileReport], reading: Reading) -> None:
    """A file that looked like somebody's and could not be parsed is failed, although nobody could say whose it is."""
    for (shown, _), tree in reading.trees.items():
        report = reports.get(shown)
        if report is None or report.status != "unrecognised":
            continue
        for message, span, failed in tree.problems if isinstance(tree, Document) else ():
            if failed:
                report.add(Problem(message, span, "failed"))


def _wanted(files: Files, forced: dict[str, set[str]]) -> dict[str, list[str]]:
    matchers = Matchers(PRODUCTS)
    wanted: dict[str, list[str]] = defaultdict(list)
    for shown in files:
        heads: dict[str, str] = {}
        smells: dict[str, bool] = {"": True}
        named = forced.get(shown, set())
        for entry in matchers.wanting(shown):
            # Many products look for the same thing, each Kubernetes reader for an apiVersion.
            if entry.sniff not in smells:
                smells[entry.sniff] = re.search(entry.sniff, _head(files, shown, heads)) is not None
            if entry.name in named or smells[entry.sniff]:
                wanted[entry.name].append(shown)
        for name in sorted(named):
            if shown not in wanted[name] and not _only_code(name, shown):
                wanted[name].append(shown)
    return wanted


def _only_code(product: str, path: str) -> bool:
    """Whether a file is source code, which the product's reader of files does not look at."""
    suffix = PurePosixPath(path).suffix
    globs = next((entry.globs() for entry in PRODUCTS if entry.name == product), ())
    return language_of(path) is not None and not any(glob.endswith(suffix) for glob in globs)


def _head(files: Files, shown: str, cache: dict[str, str]) -> str:
    """The beginning of a file, read without decoding it in full: most files are nobody's."""
    if shown not in cache:
        path = files.path(shown)
        if path is None:
            source = files.text(shown)
            cache[shown] = source.text if source else ""
        else:
            try:
                with path.open("rb") as file:
                    cache[shown] = file.read(HEAD).decode("utf-8", "replace")
            except OSError:
                # Said once the file is really asked for; a file nobody can sniff at is offered to nobody.
                cache[shown] = ""
    return cache[shown]


def _read(
    entry: Entry, paths: list[str], files: Files, reports: dict[str, FileReport], reading: Reading, *,
    forced: dict[str, set[str]],
) -> None:  # fmt: skip
    if not paths and not (entry.code and reading.workloads):
        return
    sources = [source for shown in paths if (source := files.text(shown)) is not None]
    if not sources and not (entry.code and reading.workloads):
        return
    context = _context(entry.name, sources, files, reports, reading)
    context.asked = frozenset(shown for shown in paths if entry.name in forced.get(shown, ()))
    reader = extractor(entry) if entry.files or entry.code else plainfile
    _take(entry.name, lambda: reader.read(context), reading)


def _context(
    product: str, sources: list[SourceFile], files: Files, reports: dict[str, FileReport], reading: Reading
) -> Context:
    return Context(product, sources, tuple(reading.workloads), reports, files, reading.trees, files.text)


def _take(product: str, read: object, reading: Reading) -> None:
    assert callable(read)
    try:
        extract = read()
    except Exception as error:  # one reader that breaks must not cost the others their findings
        reading.crashes.append(_crash(product, error))
        return
    assert isinstance(extract, Extract)
    reading.components.extend(extract.components)
    reading.workloads.extend(extract.workloads)
    for file in extract.carried:
        reading.carried.setdefault(file.path, file)


def _crash(product: str, error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    at = f" ({PurePosixPath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""
    return f"internal[{product}]: the reader broke{at}: {type(error).__name__}: {error}"[:300]


def _read_code(
    files: Files,
    reports: dict[str, FileReport],
    reading: Reading,
    forced: dict[str, set[str]],
    declared: Mapping[str, str],
) -> None:
    # Most repositories of configuration hold no source code: then nothing of its readers is loaded.
    if not any(language_of(shown) for shown in files):
        return
    from tochain.products import code
    from tochain.products.together import together

    top = top_folder(files)
    paths = [shown for shown in files if code.wants(shown, top) or (shown in forced and code.readable(shown))]
    sources = [source for shown in paths if (source := files.text(shown)) is not None]
    if sources:
        context = _context("source-code", sources, files, reports, reading)
        context.declared = declared
        made = Reading()
        _take("source-code", lambda: code.read(context), made)
        reading.components = together(reading.components, made.components)
        reading.crashes += made.crashes
