"""What sockets inherit from their host: the kernel's TCP keepalive and retransmission settings."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.component import Component, Workload
from tochain.model.fact import Fact, Facts
from tochain.model.limit import Limit, Word
from tochain.model.span import Span
from tochain.products.registry import Complain, Registry
from tochain.products.scopes import folder_of_scope

__all__ = ["with_kernel"]

PRODUCT = "linux-kernel"
KERNEL = Word("kernel")


def with_kernel(
    components: tuple[Component, ...], workloads: tuple[Workload, ...], registry: Registry, complain: Complain
) -> tuple[Component, ...]:
    """The components with `kernel.*` timers of their hosts, and "as the kernel says" replaced by what it says.

    A host's sysctl files count for the components configured in the same folder or below it; a workload has its
    own network namespace, so only its own sysctls count there.
    """
    hosts = [c for c in components if c.product == PRODUCT]
    by_workload = {w.key: w for w in workloads}
    done = []
    usual: Facts = {}
    for component in components:
        if component.product == PRODUCT or component.kind == "box":
            done.append(component)
            continue
        kernel = _kernel_of(component, hosts, by_workload, registry, complain, usual)
        done.append(_apply(component, kernel))
    return tuple(done)


def _kernel_of(
    component: Component,
    hosts: list[Component],
    workloads: dict[str, Workload],
    registry: Registry,
    complain: Complain,
    usual: Facts,
) -> Facts:
    workload = workloads.get(component.workload)
    if component.host:
        named = [host for host in hosts if host.key == component.host]
        if named:
            return _kernel_facts(named[0].facts)
    settings = workload.sysctls if workload is not None else {}
    if not settings and not component.workload:
        near = [host for host in hosts if _below(component, host)]
        if near:
            return _kernel_facts(max(near, key=lambda host: len(host.scope)).facts)
    bare = Component(f"{PRODUCT}:{component.key}", PRODUCT, PRODUCT, component.span, "kernel", settings=settings)
    if settings:
        return _kernel_facts(registry.complete(bare, complain).facts)
    if not usual:
        usual |= _kernel_facts(registry.complete(bare, complain).facts)
    return {timer: tuple(_moved(fact, component.span) for fact in found) for timer, found in usual.items()}


def _moved(fact: Fact, span: Span) -> Fact:
    """A kernel's default as the one of another component; spelled out, for there are many."""
    return Fact(fact.timer, fact.limit, fact.setting, fact.origin, span, fact.source, fact.because)


def _below(component: Component, host: Component) -> bool:
    home, there = folder_of_scope(host.scope), folder_of_scope(component.scope)
    if home is None or there is None:
        return False
    return not home or there == home or there.startswith(f"{home}/")


def _kernel_facts(facts: Facts) -> Facts:
    return {timer: found for timer, found in facts.items() if timer.startswith("kernel.")}


def _apply(component: Component, kernel: Facts) -> Component:
    links = component.links
    # Links of one scope share their timers, and go on sharing them.
    shared = {id(link.facts): link.facts for link in links}
    filled = {mark: _filled(facts, kernel) for mark, facts in shared.items()}
    if any(filled[id(link.facts)] is not link.facts for link in links):
        links = tuple(link.with_facts(filled[id(link.facts)]) for link in links)
    return component.with_facts({**kernel, **_filled(component.facts, kernel)}, links)


def _asks(facts: Facts) -> bool:
    """Whether a timer is left to the kernel."""
    # Spelled out: asked of every timer there is.
    for found in facts.values():
        for fact in found:
            if _is_kernel(fact.limit):
                return True
    return False


def _is_kernel(limit: Limit) -> bool:
    return isinstance(limit, Word) and limit.text == KERNEL.text


def _filled(facts: Facts, kernel: Facts) -> Facts:
    if not _asks(facts):
        return facts
    done: Facts = {}
    for timer, found in facts.items():
        source = kernel.get(f"kernel.{timer.partition('.')[2]}")
        if source and any(_is_kernel(fact.limit) for fact in found):
            found = tuple(_from(fact, source[0]) if _is_kernel(fact.limit) else fact for fact in found)
        done[timer] = found
    return done


def _from(fact: Fact, kernel: Fact) -> Fact:
    """The socket's timer with the kernel's value: shown where the sysctl is written, else where keepalive was switched on.

    What a program gives nobody to set is the sysctl's to change.
    """
    written = kernel.origin in ("written", "declared")
    return replace(
        fact,
        limit=kernel.limit,
        setting=kernel.setting if written or fact.origin == "fixed" else fact.setting,
        origin=kernel.origin if written else "default",
        span=kernel.span if written else fact.span,
        source=kernel.source,
        because=f"{fact.setting} leaves it to the kernel's {kernel.setting}",
    )
