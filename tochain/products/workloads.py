"""What the platform says of everything that runs in a workload: grace periods, hooks, probes."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.component import Address, Component, Workload
from tochain.model.fact import Facts
from tochain.products.registry import Complain, Registry

__all__ = ["with_platform"]

ALWAYS = ("lifecycle.termination_grace", "lifecycle.pre_stop", "lifecycle.drain")
"""Timers every workload has; those of probes and schedules count only where somebody wrote them."""
KILLED = ("lifecycle.termination_grace", "lifecycle.pre_stop")


def with_platform(
    components: tuple[Component, ...], workloads: tuple[Workload, ...], registry: Registry, complain: Complain
) -> tuple[Component, ...]:
    """The components with their workload's lifecycle timers; a workload whose program nobody knows becomes one itself."""
    inside: dict[str, list[Component]] = {}
    for component in components:
        if component.workload:
            inside.setdefault(component.workload, []).append(component)
    extra: dict[str, Component] = {}
    for workload in workloads:
        known = _platform(workload, registry, complain)
        for component in inside.get(workload.key, ()):
            found = extra.get(component.key, component)
            extra[component.key] = replace(
                found,
                facts=_together(known.facts, found.facts),
                issues=tuple(dict.fromkeys((*found.issues, *known.issues))),
            )
        if workload.key not in inside:
            extra[f"server:{workload.key}"] = _unknown_program(workload, known)
    done = [extra.pop(component.key, component) for component in components]
    return (*done, *extra.values())


def _together(platform: Facts, own: Facts) -> Facts:
    """The program's facts over its platform's; when it is killed is the platform's to say, not a default's."""
    kept = {
        timer: found
        for timer, found in own.items()
        if not (timer in KILLED and timer in platform and found[0].origin in ("default", "fixed"))
    }
    return {**platform, **kept}


def _platform(workload: Workload, registry: Registry, complain: Complain) -> Component:
    bare = Component(
        workload.key, workload.name, workload.platform, workload.span, "platform", settings=workload.settings
    )
    complete = registry.complete(bare, complain)
    probed = any(name.startswith(("readinessProbe", "healthcheck")) for name in workload.settings)
    facts = {
        timer: found
        for timer, found in complete.facts.items()
        if timer.startswith(("lifecycle.", "schedule."))
        and (timer in ALWAYS or found[0].origin == "written" or (probed and timer.startswith("lifecycle.health_")))
    }
    return replace(complete, facts=facts)


def _unknown_program(workload: Workload, known: Component) -> Component:
    listens = tuple(Address(port=port) for port in dict.fromkeys(workload.ports.values()))
    return Component(
        f"server:{workload.key}", workload.name, "server", workload.span, scope=workload.scope, listens=listens,
        names=workload.names, workload=workload.key, facts=known.facts, issues=known.issues,
    )  # fmt: skip
