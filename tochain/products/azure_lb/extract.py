"""Azure Load Balancer: from Terraform, and what a Service of type LoadBalancer makes."""

from __future__ import annotations

from tochain.model.component import Component
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Limit, Unknown, Word
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, made, merged, number, settings, view
from tochain.products.kubecloud_others import azure_services

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
    own = merged(
        [*(_rule(rule) for rule in rules), *(settings(probe.value, _PROBE, probe.address) for probe in probes)]
    )
    ports = [port for rule in rules if (port := number(rule.value.get("frontend_port"))) is not None]
    kinds = {rule.kind for rule in rules}
    variant = _VARIANTS.get(next(iter(kinds))) if len(kinds) == 1 else None
    names = tuple(rule.address for rule in rules)
    return made(resource, "box", own, listens=ports, protocol="tcp", variant=variant, names=names)


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
