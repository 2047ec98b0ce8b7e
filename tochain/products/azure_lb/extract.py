"""Azure Load Balancer: from Terraform, and what a Service of type LoadBalancer makes."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Limit, Unknown, Word
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, made, merged, number, settings, view
from tochain.products.kubecloud_others import azure_services
from tochain.products.targetgroups import machine

__all__ = ["read"]

_PROBE = {
    "interval_in_seconds": "probe.intervalInSeconds",
    "number_of_probes": "probe.numberOfProbes",
    "probe_threshold": "probe.numberOfProbes",
}
_RULES = {
    "azurerm_lb_rule": "idleTimeoutInMinutes",
    "azurerm_lb_outbound_rule": "outboundRules.idleTimeoutInMinutes",
    "azurerm_lb_nat_rule": "inboundNatRules.idleTimeoutInMinutes",
}
_POOL = "azurerm_lb_backend_address_pool"
_MACHINES = ("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine")
_GROUPS = ("azurerm_linux_virtual_machine_scale_set", "azurerm_orchestrated_virtual_machine_scale_set")
_VARIANTS = {"azurerm_lb_outbound_rule": "outbound", "azurerm_lb_nat_rule": "nat-rule"}


def read(ctx: Context) -> Extract:
    """One box for each load balancer."""
    found = view(ctx)
    return Extract([*(_component(found, resource) for resource in found.of("azurerm_lb")), *azure_services(ctx)])


def _component(found: View, resource: Resource) -> Component:
    rules = [
        rule
        for rule in found.of(*_RULES)
        if resource in found.mentioned(rule.value.get("loadbalancer_id"), resource.kind)
    ]
    probes = [
        probe
        for probe in found.of("azurerm_lb_probe")
        if resource in found.mentioned(probe.value.get("loadbalancer_id"))
    ]
    own = merged([*_of_rules(rules), *(settings(probe.value, _PROBE, probe.address) for probe in probes)])
    links = [link for rule in rules if rule.kind == "azurerm_lb_rule" for link in _links(found, rule)]
    ports = [port for rule in rules if (port := number(rule.value.get("frontend_port"))) is not None]
    kinds = {rule.kind for rule in rules}
    variant = _VARIANTS.get(next(iter(kinds))) if len(kinds) == 1 else None
    names = tuple(rule.address for rule in rules)
    return made(resource, "box", own, links, listens=ports, protocol="tcp", variant=variant, names=names)


def _of_rules(rules: list[Resource]) -> list[Settings]:
    """What rules set for the whole balancer; where only some set a time, it is theirs and the balancer keeps the default."""
    written = [_rule(rule) for rule in rules]
    shared = set.intersection(*(set(own) for own in written)) if written else set()
    several = len([rule for rule in rules if rule.kind == "azurerm_lb_rule"]) > 1
    return [{name: given for name, given in own.items() if name in shared or not several} for own in written]


def _links(found: View, rule: Resource) -> Iterator[Link]:
    """A link to each member of a rule's pools; open where no file says who is in them."""
    port = number(rule.value.get("backend_port"))
    own, label = _rule(rule), f"rule {rule.address}"
    pools = rule.value.get("backend_address_pool_ids") or rule.value.get("backend_address_pool_id")
    if pools is None:
        return
    members = [target for pool in found.mentioned(pools, _POOL) for target in _members(found, pool, port)]
    for target in dict.fromkeys(members):
        yield Link(target, pools.span, own, "tcp", label)
    if not members:
        yield Link(Address(), pools.span, own, "tcp", label, unknown=f"no file says who is behind {rule.address}")


def _members(found: View, pool: Resource, port: int | None) -> Iterator[Address]:
    """Who is in a pool: machines by their network interfaces, groups of them, plain addresses."""
    for joint in found.pointing(
        pool, "azurerm_network_interface_backend_address_pool_association", "backend_address_pool_id"
    ):
        for card in found.mentioned(joint.value.get("network_interface_id"), "azurerm_network_interface"):
            for kind in _MACHINES:
                yield from (machine(r.address, port) for r in found.pointing(card, kind, "network_interface_ids"))
    for kind in _GROUPS:
        yield from (machine(r.address, port) for r in found.pointing(pool, kind, "network_interface"))
    for member in found.pointing(pool, "azurerm_lb_backend_address_pool_address", "backend_address_pool_id"):
        if (host := member.value.known("ip_address")) != "":
            yield Address(host, port)


def _rule(rule: Resource) -> Settings:
    own = settings(rule.value, {"idle_timeout_in_minutes": _RULES[rule.kind]}, rule.address)
    reset = rule.value.get("tcp_reset_enabled") or rule.value.get("enable_tcp_reset")
    if reset is not None:
        own["enableTcpReset"] = (
            Setting("enableTcpReset", reset.text, reset.span, limit=_expiry(reset), scope=rule.address),
        )
    return own


def _expiry(reset: Value) -> Limit | None:
    """What a forgotten flow meets: a reset where that is switched on, else silence."""
    return (
        {"true": Word("rst"), "false": Word("drop")}.get(reset.text)
        if reset.kind == "scalar"
        else Unknown(reset.reason)
    )
