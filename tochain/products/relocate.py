"""What was read of carried files, by the places of the files that carry them: a person finds those, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from tochain.formats.carried import CarriedFile
from tochain.model.component import INSIDE, Component, Workload
from tochain.model.coverage import FileReport
from tochain.model.span import Span

__all__ = ["relocated", "report_carried"]

Thing = TypeVar("Thing", Component, Workload)


def relocated(things: Iterable[Thing], files: Mapping[str, CarriedFile]) -> list[Thing]:
    """The components or workloads with the places of the outer files, and with the names of their machine."""
    return [_relocated(thing, files) for thing in things] if files else list(things)


def _relocated(thing: Thing, files: Mapping[str, CarriedFile]) -> Thing:
    if thing.span.path not in files:
        return thing
    file = files[thing.span.path]
    changes: dict[str, Any] = {"names": _names(thing.names, file), "out": file.out}
    if isinstance(thing, Component):
        outer = (path.partition(INSIDE)[0] if path in files else path for path in thing.files)
        changes["files"] = tuple(dict.fromkeys(outer))
    return replace(_moved(thing, files), **changes)  # type: ignore[no-any-return]


def _names(own: tuple[str, ...], file: CarriedFile) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *file.machine)))


def _moved(value: Any, files: Mapping[str, CarriedFile]) -> Any:
    """A value with every span in it moved; what has none is the same as before."""
    if isinstance(value, Span):
        carrier = files.get(value.path)
        return (carrier.span(value) if carrier is not None else None) or value
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(_moved(item, files) for item in value)
    if isinstance(value, dict):
        return {key: _moved(item, files) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: new
            for field in fields(value)
            if field.init and (new := _moved(old := getattr(value, field.name), files)) is not old
        }
        return replace(value, **changed) if changed else value
    return value


def report_carried(reports: dict[str, FileReport], files: Mapping[str, CarriedFile]) -> None:
    """Puts what is said of carried files where the files that carry them are reported."""
    for path in [path for path in reports if path in files]:
        report, file = reports.pop(path), files[path]
        for problem in report.problems:
            span = file.span(problem.span)
            if span is not None:
                reports.setdefault(span.path, FileReport(span.path)).add(replace(problem, span=span, status="partly"))
