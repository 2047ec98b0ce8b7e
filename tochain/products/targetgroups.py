"""Listeners, rules and target groups: whom an AWS load balancer leads to, with the settings of each group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tochain.model.component import MACHINE, Address, Component, Kind, Link
from tochain.model.fact import Settings
from tochain.products.base import Context
from tochain.products.cloud import Resource, Value, View, address, made, number, settings
from tochain.products.ecs import containers_behind

__all__ = [
    "GROUP", "Forward", "forwards", "group_links", "group_settings", "listeners", "lone_groups", "machine", "parts_of",
]  # fmt: skip

GROUP = {
    "deregistration_delay": "deregistration_delay.timeout_seconds",
    "slow_start": "slow_start.duration_seconds",
    "health_check.interval": "HealthCheckIntervalSeconds",
    "health_check.timeout": "HealthCheckTimeoutSeconds",
    "health_check.healthy_threshold": "HealthyThresholdCount",
    "health_check.unhealthy_threshold": "UnhealthyThresholdCount",
}
"""A target group's attributes by the names the facts give them."""
_LAYER_4 = ("TCP", "TLS", "UDP", "TCP_UDP")
_PROTOCOLS = {"GRPC": "grpc", "HTTP2": "http2"}


@dataclass(frozen=True, slots=True)
class Forward:
    """A listener or rule that forwards to a target group; `value` is the place that names it."""

    group: Resource
    value: Value
    label: str


def listeners(found: View, balancer: Resource) -> list[Resource]:
    """The listeners of a load balancer."""
    return found.pointing(balancer, "aws_lb_listener", "load_balancer_arn")


def forwards(found: View, balancer: Resource) -> Iterator[Forward]:
    """The target groups a balancer's listeners and their rules forward to, each once."""
    seen: set[str] = set()
    for listener in listeners(found, balancer):
        places = [(listener, "default_action")]
        places += [(rule, "action") for rule in found.pointing(listener, "aws_lb_listener_rule", "listener_arn")]
        for resource, attribute in places:
            for action in resource.value.each(attribute):
                for group in found.mentioned(action, "aws_lb_target_group"):
                    if group.key not in seen:
                        seen.add(group.key)
                        yield Forward(group, _place(found, action, group), _label(resource, listener))


def _place(found: View, action: Value, group: Resource) -> Value:
    """The innermost value of an action that mentions the group."""
    here = action
    while True:
        inner = next(
            (v for v in (*here.entries.values(), *here.elements) if group in found.mentioned(v, group.kind)), None
        )
        if inner is None:
            return here
        here = inner


def _label(resource: Resource, listener: Resource) -> str:
    port = listener.value.known("port")
    name = resource.address if resource is not listener or not port else f"{listener.address} (port {port})"
    return f"{'rule' if resource is not listener else 'listener'} {name}"


def parts_of(mine: list[Resource], groups: list[Forward]) -> tuple[str, ...]:
    """The addresses of a balancer's listeners and target groups, by which it may be pointed at too."""
    return tuple(dict.fromkeys([*(r.address for r in mine), *(forward.group.address for forward in groups)]))


def group_settings(group: Resource) -> Settings:
    """What is written in a target group."""
    return settings(group.value, GROUP, group.address)


def lone_groups(ctx: Context, found: View, kind: Kind, protocol: str) -> list[Component]:
    """The target groups of files tochain.yaml points to that no balancer here forwards to, as what is known of theirs."""
    groups = [
        group
        for group in found.of("aws_lb_target_group")
        if group.span.path in ctx.asked and (group.value.known("protocol") in _LAYER_4) == (kind == "box")
    ]
    if not groups:
        return []
    taken = {forward.group.key for balancer in found.of("aws_lb") for forward in forwards(found, balancer)}
    return [
        replace(made(group, kind, group_settings(group), protocol=protocol), product=ctx.product)
        for group in groups
        if group.key not in taken
    ]


def group_links(found: View, forward: Forward, own: Settings) -> list[Link]:
    """A link to each target of a group, or one that says why there is none."""
    group = forward.group
    in_force = {**own, **group_settings(group)}
    protocol = _PROTOCOLS.get(
        group.value.known("protocol_version").upper(),
        "" if group.value.known("protocol") in _LAYER_4 else "http",
    )
    span = forward.value.span
    links = [Link(target, span, in_force, protocol, forward.label) for target in _targets(found, group)]
    if links:
        return links
    reason = f"nothing in these files registers with {group.address}"
    port = number(group.value.get("port"))
    return [Link(machine(group.address, port), span, in_force, protocol, forward.label, unknown="" if port else reason)]


def _targets(found: View, group: Resource) -> list[Address]:
    port = number(group.value.get("port"))
    done = [Address(ref=key, port=inside or port) for key, inside, _ in containers_behind(found, group)]
    for attachment in found.pointing(group, "aws_lb_target_group_attachment", "target_group_arn"):
        done += _one(found, attachment.value.get("target_id"), number(attachment.value.get("port")) or port)
    for target in group.value.each("targets"):
        done += _one(found, target.get("id"), number(target.get("port")) or port)
    for path in ("target_group_arns", "traffic_source"):
        done += [machine(r.address, port) for r in found.pointing(group, "aws_autoscaling_group", path)]
    for path in ("lb_target_group_arn", "alb_target_group_arn"):
        for attachment in found.pointing(group, "aws_autoscaling_attachment", path):
            scaled = found.mentioned(attachment.value.get("autoscaling_group_name"), "aws_autoscaling_group")
            done += [machine(r.address, port) for r in scaled or [attachment]]
    return list(dict.fromkeys(done))


def _one(found: View, target: Value | None, port: int | None) -> list[Address]:
    """One registered target: a component here, a machine by its address, an IP address."""
    if target is None:
        return []
    known = address(found, target, port)
    if known is not None and (known.ref or target.kind == "scalar"):
        return [known]
    machines = [r for r in found.mentioned(target) if r.kind == "aws_instance"] or found.mentioned(target)[:1]
    return [machine(one.address, port) for one in machines]


def machine(name: str, port: int | None) -> Address:
    """A machine, or a group of them, by its address in the configuration."""
    return Address(name, port, ref=MACHINE)
