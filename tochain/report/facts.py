"""Every effective timer with its value and where it comes from: as a table, YAML or JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from tochain.model.component import Component, Link
from tochain.model.fact import Fact, Facts
from tochain.model.limit import Finite
from tochain.model.timers import TIMERS
from tochain.report.json import dump
from tochain.report.safe import mask, one_line
from tochain.report.table import table
from tochain.report.view import View, first_source, quoted

__all__ = ["FORMATS", "fact_table", "seconds", "title", "where"]

HEAD = ("timer", "value", "setting", "origin", "because", "from")


def fact_table(facts: Facts, sides: Collection[str] = ()) -> list[str]:
    """The facts as an aligned table, sorted by timer; only those of some sides (`connect`, `accept` ...) when given."""
    return table(HEAD, [_row(fact) for fact in _sorted(facts) if not sides or fact.timer.split(".")[0] in sides])


def _row(fact: Fact) -> tuple[str, ...]:
    setting = f"{fact.setting} ({fact.scope})" if fact.scope else fact.setting
    return fact.timer, fact.value, setting, fact.origin, fact.because, where(fact)


def where(fact: Fact) -> str:
    """Where a value comes from: its place when it is written, else the source that documents it."""
    return str(fact.span) if quoted(fact) or not fact.source else first_source(fact.source)


def _sorted(facts: Facts) -> Iterator[Fact]:
    for timer in sorted(facts):
        yield from sorted(facts[timer], key=lambda fact: (fact.scope, fact.span, fact.setting, fact.value))


def seconds(fact: Fact) -> float | None:
    """The value in seconds; None for never, off, unknown, and for what is no time."""
    if isinstance(fact.limit, Finite) and TIMERS[fact.timer].kind == "time":
        return fact.limit.amount / 1_000_000
    return None


def title(component: Component) -> str:
    """A component for people: its name, and its product with what is known of the version."""
    product = f"{component.product} {component.versions.text}".strip()
    return product if component.name == component.product else f"{component.name} ({product})"


def _ordered(components: Iterable[Component]) -> list[Component]:
    return sorted(components, key=lambda component: (component.name, component.key))


def _own(component: Component, link: Link) -> Facts:
    """What is in force for a link only: the facts its component does not have already."""
    own = {
        timer: tuple(f for f in facts if f not in component.facts.get(timer, ())) for timer, facts in link.facts.items()
    }
    return {timer: facts for timer, facts in own.items() if facts}


def _link_title(link: Link) -> str:
    label = f" ({link.label})" if link.label else ""
    return f"to {mask(str(link.target)) or '?'}{label}"


def _text(components: Sequence[Component], view: View) -> str:
    lines: list[str] = []
    for component in _ordered(components):
        lines += [view.style("strong", f"{one_line(title(component))}") + f"  {one_line(str(component.span))}"]
        lines += [f"  {line}" for line in fact_table(component.facts)] or ["  no timer is known of it"]
        for link in component.links:
            own = fact_table(_own(component, link))
            if own:
                lines += [
                    f"  {one_line(_link_title(link))}  {one_line(str(link.span))}",
                    *(f"    {line}" for line in own),
                ]
        lines.append("")
    return "\n".join(lines) if lines else "no component was found\n"


def _data(components: Sequence[Component]) -> list[dict[str, Any]]:
    return [_component(component) for component in _ordered(components)]


def _component(component: Component) -> dict[str, Any]:
    links = [
        {"target": mask(str(link.target)), "label": link.label, "at": str(link.span), "facts": own}
        for link in component.links
        if (own := [_fact(fact) for fact in _sorted(_own(component, link))])
    ]
    return {
        "component": component.name,
        "product": component.product,
        "version": component.versions.text or None,
        "at": str(component.span),
        "facts": [_fact(fact) for fact in _sorted(component.facts)],
        "links": links,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "timer": fact.timer,
        "value": fact.value,
        "seconds": seconds(fact),
        "setting": fact.setting,
        "scope": fact.scope,
        "origin": fact.origin,
        "at": str(fact.span),
        "source": fact.source,
        "because": fact.because,
    }


def _json(components: Sequence[Component], view: View) -> str:
    return dump({"schema": 1, "components": _data(components)})


def _yaml(components: Sequence[Component], view: View) -> str:
    """A YAML list of components; only what is not empty, so that it can be compared and kept as a golden file."""
    if not components:
        return "[]\n"
    return "".join(f"{line}\n" for component in _data(components) for line in _yaml_item(component, ""))


def _yaml_item(data: dict[str, Any], indent: str) -> Iterator[str]:
    lead = "- "
    for key, value in data.items():
        if value in ("", None, []):
            continue
        if isinstance(value, list):
            yield f"{indent}{lead}{key}:"
            for item in value:
                yield from _yaml_item(item, f"{indent}    ")
        else:
            yield f"{indent}{lead}{key}: {_scalar(value)}"
        lead = "  "


_PLAIN = re.compile(r"[A-Za-z_/.][\w/. -]*[\w/]|[A-Za-z_]")
_RESERVED = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", ".inf", ".nan"))


def _scalar(value: str | float) -> str:
    """A scalar that every YAML reader takes for what it is: plain where that is safe, else in double quotes."""
    if not isinstance(value, str):
        return repr(value)
    if _PLAIN.fullmatch(value) and value.isascii() and value.lower() not in _RESERVED and " #" not in value:
        return value
    return dump_text(value)


def dump_text(value: str) -> str:
    """A text in double quotes, as JSON and YAML both read it."""
    return dump(value).rstrip("\n")


FORMATS: dict[str, Callable[[Sequence[Component], View], str]] = {"text": _text, "yaml": _yaml, "json": _json}
"""The forms of `tochain facts` by name."""
