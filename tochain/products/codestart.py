"""What a program's start sets of the clients its code makes: variables they read, Java's `-Dname=value`."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.component import Component, Workload
from tochain.model.fact import Setting, Settings
from tochain.products.flat import known_settings
from tochain.products.javaconfig import environment
from tochain.products.patterns import Patterns

__all__ = ["with_start"]


def with_start(component: Component, patterns: Patterns, workload: Workload | None) -> Component:
    """The component with what its start tells its library; what the code says comes before it."""
    if workload is None:
        return component
    words = {name: workload.env[name] for name in patterns.environment if name in workload.env}
    told: Settings = {name: (Setting(name, word.text, word.span),) for name, word in words.items()}
    if patterns.start == "java":
        told |= _system_properties(component.product, workload)
    if not told:
        return component
    links = tuple(replace(link, settings={**told, **link.settings}) for link in component.links)
    return replace(component, settings={**told, **component.settings}, links=links)


def _system_properties(product: str, workload: Workload) -> Settings:
    names = known_settings(product)
    given = environment(workload).values()
    return {i.name: (Setting(i.name, i.text, i.span),) for i in given if "." in i.name and i.name in names}
