"""A program's server or client that files set and code makes is one: what the code says counts before the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from tochain.model.component import Component, Link
from tochain.products.patterns import load_all

__all__ = ["together"]


def together(read: Iterable[Component], made: Iterable[Component]) -> list[Component]:
    """The components of files with those of code put into them where both speak of the same thing."""
    configured = {patterns.product for patterns in load_all() if patterns.configured}
    out = list(read)
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, component in enumerate(out):
        program = component.workload or component.part_of
        if program and component.product in configured:
            places[component.product, program].append(at)
    for component in made:
        there = places.get((component.product, component.workload or component.part_of), [])
        if len(there) == 1:
            out[there[0]] = _joined(out[there[0]], component)
        else:
            out.append(component)
    return out


def _joined(file: Component, code: Component) -> Component:
    links = [_with_settings(file, link) for link in code.links]
    reached = {link.target for link in links}
    return replace(
        file,
        settings={**file.settings, **code.settings},
        listens=file.listens or code.listens,
        links=(*(link for link in file.links if link.target not in reached), *links),
        files=tuple(dict.fromkeys((*file.files, *code.files))),
    )


def _with_settings(file: Component, link: Link) -> Link:
    """A link of the code with what the files say of the same address, else of all."""
    same = [other for other in file.links if other.target == link.target and not other.unknown]
    return replace(link, settings={**(same[0].settings if same else file.settings), **link.settings})
