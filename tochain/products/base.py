"""What a product is to the pipeline: which files it wants, how it reads them, what its settings come to.

A product's folder has `facts.yaml` and, where there is something to read, `extract.py` with

    def read(ctx: Context) -> Extract: ...            # files and workloads -> components with settings and links

and, optional, `adjust.py` for what data cannot say, asked once the version is known, for components and for links:

    def adjust(facts: Facts, site: Site) -> Facts: ...             # conditions and fall-backs
    def issues(facts: Facts, site: Site) -> tuple[Issue, ...]: ... # what is wrong with the settings by themselves

Reading comes in stages: clouds hand on what they know themselves and the files their machines begin with; platforms
(compose, Kubernetes, systemd ...) hand on workloads; programs look for themselves in files and in the workloads; the rest
takes what nobody has read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Literal, TypeVar

from tochain.formats.carried import CarriedFile
from tochain.model.component import Component, Workload
from tochain.model.coverage import FileReport, Problem, Status, worse
from tochain.model.fact import Settings
from tochain.model.span import SourceFile, Span
from tochain.model.version import ANY, Versions

__all__ = ["Context", "Entry", "Extract", "Matchers", "Site"]

Tree = TypeVar("Tree")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the tables: the product's name and which files it wants to see.

    `files` are globs, space separated, matched against the whole path and against its last parts; `sniff` is a
    regular expression that must occur in the text (first 64 KiB). An entry without either reads no files by itself, but may read
    workloads when `code` is true. `commands` (names of executables) and `images` (a regular expression over the last part
    of an image's name) tell which workloads run the product where it needs no reader of its own: its flags and environment
    variables are aliases in its facts; `port` is what it listens on unless told otherwise. `variables` is what the
    names of environment variables begin with that stand for its settings (UVICORN_). `stage` says when it runs.
    `forms` names the products an extractor may produce besides its own (openresty for nginx).
    """

    name: str
    files: str = ""
    sniff: str = ""
    code: bool = False
    stage: Literal["cloud", "platform", "program", "rest"] = "program"
    forms: tuple[str, ...] = ()
    commands: str = ""
    images: str = ""
    port: int = 0
    variables: str = ""

    def globs(self) -> tuple[str, ...]:
        """The globs of `files` one by one."""
        return tuple(self.files.split())


class Matchers:
    """Which entries want a path by its name; expressions are made only for the kinds of file that are really there."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._globs = [(entry, glob, _ending(glob)) for entry in entries for glob in entry.globs()]
        self._made: dict[str, list[tuple[Entry, re.Pattern[str]]]] = {}

    def wanting(self, path: str) -> list[Entry]:
        """The entries whose globs fit a path, in their order."""
        ending = _ending(path)
        if ending not in self._made:
            by_entry: dict[Entry, list[str]] = {}
            for entry, glob, wanted in self._globs:
                if wanted in ("", ending):
                    by_entry.setdefault(entry, []).append(translate("*/" + glob))
            self._made[ending] = [(entry, re.compile("|".join(parts))) for entry, parts in by_entry.items()]
        return [entry for entry, matcher in self._made[ending] if matcher.match("/" + path)]


def _ending(path: str) -> str:
    """What follows the last dot of a path or glob; "" where that is not fixed."""
    ending = path.rpartition("/")[2].rpartition(".")[2] if "." in path.rpartition("/")[2] else ""
    return "" if set("*?[") & set(ending) else ending


@dataclass(frozen=True, slots=True)
class Site:
    """Where facts are being resolved: a whole component, or one of its links.

    `settings` are those in force there; `side` tells which facts are asked for ("link": connect.* only).
    """

    product: str
    settings: Settings
    versions: Versions = ANY
    variant: str | None = None
    anchor: Span | None = None
    side: Literal["component", "link"] = "component"
    traits: frozenset[str] = frozenset()
    protocol: str = ""


@dataclass(slots=True)
class Extract:
    """What one product found: components, workloads, and files that its files carry, for others to read."""

    components: list[Component] = field(default_factory=list)
    workloads: list[Workload] = field(default_factory=list)
    carried: list[CarriedFile] = field(default_factory=list)


class Context:
    """What a product may look at: the files it wants, everybody's workloads, and a place for problems.

    Trees are parsed once per file and format, whoever asks.
    """

    def __init__(
        self,
        product: str,
        files: Iterable[SourceFile],
        workloads: tuple[Workload, ...],
        reports: dict[str, FileReport],
        everything: Mapping[str, SourceFile],
        trees: dict[tuple[str, str], object],
        open_file: Callable[[str], SourceFile | None],
    ) -> None:
        self.product = product
        self.files = tuple(files)
        self.workloads = workloads
        self._reports = reports
        self._everything = everything
        self._trees = trees
        self._open = open_file
        self.asked: frozenset[str] = frozenset()
        """The files tochain.yaml hands to this product by name."""
        self.declared: Mapping[str, str] = {}
        """For each file a component of tochain.yaml points to, which component that is."""
        self._said: set[Problem] = {problem for report in reports.values() for problem in report.problems}

    def parsed(self, source: SourceFile, parse: Callable[[SourceFile], Tree]) -> Tree:
        """The tree `parse` makes of a file, made once."""
        key = (source.path, f"{parse.__module__}.{parse.__qualname__}")
        if key not in self._trees:
            self._trees[key] = parse(source)
        return self._trees[key]  # type: ignore[return-value]

    def once(self, name: str, make: Callable[[], Tree]) -> Tree:
        """What `make` gives, made once in a run, whichever product asks first."""
        key = ("", name)
        if key not in self._trees:
            self._trees[key] = make()
        return self._trees[key]  # type: ignore[return-value]

    def file(self, path: str) -> SourceFile | None:
        """A file inside the given roots by its path, read on demand; None when there is none to read."""
        return self._everything.get(path) or self._open(path)

    def paths(self) -> Iterable[str]:
        """The paths of all files of the run, for include globs."""
        return self._everything.keys()

    def claimed(self, path: str) -> str | None:
        """The product that has read a file already; None when nobody has."""
        report = self._reports.get(path)
        return report.product if report is not None else None

    def understood(self, path: str, product: str | None = None) -> None:
        """Says that this product has read a file."""
        report = self._reports.setdefault(path, FileReport(path))
        if report.status == "unrecognised":
            # What decoding had to say of the file counts from now on.
            report.status = "understood"
            for problem in report.problems:
                report.status = worse(report.status, problem.status)
        report.product = report.product or product or self.product

    def problem(self, span: Span, message: str, status: Status = "partly") -> None:
        """Records what was not understood, at its place; the file's status can only get worse."""
        self.understood(span.path)
        report = self._reports[span.path]
        new = Problem(message, span, status)
        if new not in self._said:
            self._said.add(new)
            report.add(new)
