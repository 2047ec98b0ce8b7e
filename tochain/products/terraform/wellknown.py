"""Modules of the public registry that many use: what their arguments make, without their source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tochain.model.span import Pos, Span
from tochain.products.cloud import Ref, Resource, Value

__all__ = ["Call", "made_by"]


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a module: its arguments, its address with the prefix of the module that calls it, and its place."""

    arguments: Value
    where: str
    address: str
    span: Span

    def resource(self, kind: str, suffix: str, value: Value) -> Resource:
        """A resource the module makes, called by the module's address and what tells it from others."""
        place = _begin(value.span) if suffix else self.span
        return Resource(kind, f"{self.address}{suffix}", self.where, place, lambda: value)

    def mention(self, suffix: str = "") -> Value:
        """A mention of one of the module's own resources."""
        ref = Ref(f"{self.where}|{self.address}{suffix}")
        return Value("unknown", self.span, refs=(ref,), reason=f"{self.address} is known once it is applied")


def made_by(source: str, call: Call) -> Iterator[Resource]:
    """The resources a module of the registry makes; none for one that is not known."""
    plain = re.sub(
        r"^(?:registry\.(?:terraform\.io|opentofu\.org)/|git::https://github\.com/)", "", source.partition("?")[0]
    )
    maker = next((make for pattern, make in _KNOWN if re.fullmatch(pattern, plain)), None)
    if maker is not None:
        yield from maker(call)


def _balancer(call: Call) -> Iterator[Resource]:
    """terraform-aws-modules/alb: target groups and listeners as maps, or as lists joined by index."""
    value = call.arguments
    yield call.resource("aws_lb", "", value)
    for key, group in _items(value, "target_groups"):
        port = group.get("port") or group.get("backend_port")
        protocol = group.get("protocol") or group.get("backend_protocol")
        entries = {**group.entries, **_given(port=port, protocol=protocol)}
        yield call.resource("aws_lb_target_group", f".target_groups{key}", replace(group, entries=entries))
        if group.get("target_id") is not None:
            entries = _given(target_group_arn=call.mention(f".target_groups{key}"), target_id=group.get("target_id"))
            yield call.resource("aws_lb_target_group_attachment", f".attachment{key}", replace(group, entries=entries))
    for name in ("listeners", "http_tcp_listeners", "https_listeners"):
        for key, listener in _items(value, name):
            yield call.resource("aws_lb_listener", f".{name}{key}", _listener(call, listener))


def _listener(call: Call, listener: Value) -> Value:
    """A listener with the target groups it and its rules name by key or index."""
    keys = [v for v in _named(listener, ("target_group_key", "target_group_index")) if v.kind == "scalar"]
    targets = [
        replace(call.mention(f'.target_groups["{key.text}"]'), span=key.span)
        if not key.text.isdecimal()
        else replace(call.mention(f".target_groups[{key.text}]"), span=key.span)
        for key in keys
    ]
    actions = Value("sequence", listener.span, elements=targets)
    return replace(
        listener, entries={**listener.entries, "load_balancer_arn": call.mention(), "default_action": actions}
    )


def _cloudposse_balancer(call: Call) -> Iterator[Resource]:
    """cloudposse/alb: one balancer, one target group, listeners on 80 and 443."""
    value = call.arguments
    yield call.resource("aws_lb", "", value)
    group = _given(
        deregistration_delay=value.get("deregistration_delay"),
        slow_start=value.get("slow_start"),
        port=value.get("target_group_port") or Value("scalar", call.span, "80"),
        health_check=_health_of(value),
    )
    yield call.resource("aws_lb_target_group", ".default_target_group_arn", Value("mapping", call.span, entries=group))
    listener = _given(load_balancer_arn=call.mention(), default_action=call.mention(".default_target_group_arn"))
    yield call.resource("aws_lb_listener", ".listener", Value("mapping", call.span, entries=listener))


def _cloudposse_ingress(call: Call) -> Iterator[Resource]:
    """cloudposse/alb-ingress: one target group, and rules for the listeners it is given."""
    value = call.arguments
    names = ("deregistration_delay", "slow_start", "port", "protocol", "protocol_version")
    group = _given(**{name: value.get(name) for name in names}, health_check=_health_of(value))
    yield call.resource("aws_lb_target_group", ".target_groups", Value("mapping", call.span, entries=group))
    for name in ("unauthenticated_listener_arns", "authenticated_listener_arns"):
        listeners = value.get(name)
        if listeners is not None:
            rule = _given(listener_arn=listeners, action=replace(call.mention(".target_groups"), span=listeners.span))
            yield call.resource("aws_lb_listener_rule", f".{name}", Value("mapping", call.span, entries=rule))


def _health_of(value: Value) -> Value:
    names = ("interval", "timeout", "healthy_threshold", "unhealthy_threshold")
    return Value("mapping", value.span, entries=_given(**{name: value.get(f"health_check_{name}") for name in names}))


def _cloudposse_service(call: Call) -> Iterator[Resource]:
    """cloudposse/ecs-alb-service-task: a task of the definitions it is given, behind the target groups it names."""
    value = call.arguments
    task = _given(container_definitions=value.get("container_definition_json"))
    yield call.resource("aws_ecs_task_definition", ".task", Value("mapping", call.span, entries=task))
    service = _given(load_balancer=value.get("ecs_load_balancers"), task_definition=call.mention(".task"))
    yield call.resource("aws_ecs_service", "", Value("mapping", call.span, entries=service))


def _function(call: Call) -> Iterator[Resource]:
    yield call.resource("aws_lambda_function", "", call.arguments)
    for key, mapping in _items(call.arguments, "event_source_mapping"):
        entries = {**mapping.entries, "function_name": call.mention()}
        yield call.resource(
            "aws_lambda_event_source_mapping", f".event_source_mapping{key}", replace(mapping, entries=entries)
        )


def _queue(call: Call) -> Iterator[Resource]:
    yield call.resource("aws_sqs_queue", "", call.arguments)


def _network(call: Call) -> Iterator[Resource]:
    if call.arguments.known("enable_nat_gateway") == "true":
        yield call.resource("aws_nat_gateway", "", call.arguments)


def _distribution(call: Call) -> Iterator[Resource]:
    origins = [origin for _, origin in _items(call.arguments, "origin")]
    entries = {**call.arguments.entries, "origin": Value("sequence", call.span, elements=origins)}
    yield call.resource("aws_cloudfront_distribution", "", replace(call.arguments, entries=entries))


def _api(call: Call) -> Iterator[Resource]:
    """terraform-aws-modules/apigateway-v2: routes (formerly integrations) with a function or a URI each."""
    yield call.resource("aws_apigatewayv2_api", "", call.arguments)
    for name in ("routes", "integrations"):
        for key, route in _items(call.arguments, name):
            inner = route.get("integration") or route
            uri = inner.get("uri") or route.get("lambda_arn") or route.get("integration_uri")
            entries = {**inner.entries, **_given(api_id=call.mention(), integration_uri=uri)}
            yield call.resource("aws_apigatewayv2_integration", f".{name}{key}", replace(route, entries=entries))


def _service(call: Call) -> Iterator[Resource]:
    """terraform-aws-modules/ecs//modules/service: container definitions by name, load balancers by any key."""
    definitions = []
    for key, container in _items(call.arguments, "container_definitions"):
        named = {
            "name": Value("scalar", container.span, key[2:-2]),
            **{_camel(k): v for k, v in container.entries.items()},
        }
        definitions.append(replace(container, entries=named))
    task = {"container_definitions": Value("sequence", call.span, elements=definitions)}
    yield call.resource("aws_ecs_task_definition", ".task", Value("mapping", call.span, entries=task))
    blocks = [block for _, block in _items(call.arguments, "load_balancer")]
    entries = {"load_balancer": Value("sequence", call.span, elements=blocks), "task_definition": call.mention(".task")}
    yield call.resource("aws_ecs_service", "", Value("mapping", call.span, entries=entries))


def _instance(call: Call) -> Iterator[Resource]:
    yield call.resource("aws_instance", "", call.arguments)


def _machines(call: Call) -> Iterator[Resource]:
    """terraform-aws-modules/autoscaling: a launch template, and the group that stands behind target groups."""
    value = call.arguments
    yield call.resource("aws_launch_template", ".launch_template", value)
    sources = [source for _, source in _items(value, "traffic_source_attachments")]
    given = {
        "launch_template": call.mention(".launch_template"),
        "target_group_arns": value.get("target_group_arns"),
        "load_balancers": value.get("load_balancers"),
        "traffic_source": Value("sequence", value.span, elements=sources),
    }
    yield call.resource("aws_autoscaling_group", "", Value("mapping", call.span, entries=_given(**given)))


def _google_balancer(call: Call) -> Iterator[Resource]:
    """terraform-google-modules/lb-http: a backend service for each entry of `backends`."""
    for key, backend in _items(call.arguments, "backends"):
        groups = Value("sequence", backend.span, elements=[group for _, group in _items(backend, "groups")])
        entries = {**backend.entries, "backend": groups}
        yield call.resource("google_compute_backend_service", f".backends{key}", replace(backend, entries=entries))


def _google_nat(call: Call) -> Iterator[Resource]:
    yield call.resource("google_compute_router_nat", "", call.arguments)


def _begin(span: Span) -> Span:
    """Where something that may take many lines begins."""
    return Span(span.path, span.start, Pos(span.start.line, span.start.column + 1))


def _items(value: Value, name: str) -> Iterator[tuple[str, Value]]:
    """The entries of a map or list of blocks, each with its index as addresses have it."""
    found = value.get(name)
    if found is None:
        return
    for key, entry in found.entries.items():
        if entry.kind == "mapping":
            yield f'["{key}"]', entry
    for at, entry in enumerate(found.elements):
        if entry.kind == "mapping":
            yield f"[{at}]", entry


def _named(value: Value, names: tuple[str, ...]) -> Iterator[Value]:
    waiting = [value]
    while waiting:
        here = waiting.pop(0)
        yield from (inner for key, inner in here.entries.items() if key in names)
        waiting += [*here.entries.values(), *here.elements]


def _given(**entries: Value | None) -> dict[str, Value]:
    return {name: value for name, value in entries.items() if value is not None}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


_KNOWN: tuple[tuple[str, Callable[[Call], Iterator[Resource]]], ...] = (
    (r"terraform-aws-modules/(?:terraform-aws-)?alb(?:/aws|\.git)?", _balancer),
    (r"cloudposse/(?:terraform-aws-)?alb(?:/aws|\.git)?", _cloudposse_balancer),
    (r"cloudposse/(?:terraform-aws-)?alb-ingress(?:/aws|\.git)?", _cloudposse_ingress),
    (r"cloudposse/(?:terraform-aws-)?ecs-alb-service-task(?:/aws|\.git)?", _cloudposse_service),
    (r"terraform-aws-modules/(?:terraform-aws-)?lambda(?:/aws|\.git)?", _function),
    (r"terraform-aws-modules/(?:terraform-aws-)?sqs(?:/aws|\.git)?", _queue),
    (r"terraform-aws-modules/(?:terraform-aws-)?vpc(?:/aws|\.git)?", _network),
    (r"terraform-aws-modules/(?:terraform-aws-)?cloudfront(?:/aws|\.git)?", _distribution),
    (r"terraform-aws-modules/(?:terraform-aws-)?apigateway-v2(?:/aws|\.git)?", _api),
    (r"terraform-aws-modules/(?:terraform-aws-)?ecs(?:/aws|\.git)?//modules/service", _service),
    (r"terraform-aws-modules/(?:terraform-aws-)?ec2-instance(?:/aws|\.git)?", _instance),
    (r"terraform-aws-modules/(?:terraform-aws-)?autoscaling(?:/aws|\.git)?", _machines),
    (
        r"(?:terraform-google-modules|GoogleCloudPlatform)/(?:terraform-google-)?lb-http(?:/google|\.git)?(?://.*)?",
        _google_balancer,
    ),
    (r"terraform-google-modules/(?:terraform-google-)?cloud-nat(?:/google|\.git)?", _google_nat),
)
"""Sources without host and version, and what reads their arguments."""
