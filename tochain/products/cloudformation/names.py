"""CloudFormation's types and properties by the names Terraform gives them, so that products read one view."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tochain.products.cloud import Value

__all__ = ["KINDS", "translated"]

KINDS = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "aws_lb",
    "AWS::ElasticLoadBalancingV2::Listener": "aws_lb_listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "aws_lb_listener_rule",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "aws_lb_target_group",
    "AWS::ElasticLoadBalancing::LoadBalancer": "aws_elb",
    "AWS::ECS::TaskDefinition": "aws_ecs_task_definition",
    "AWS::ECS::Service": "aws_ecs_service",
    "AWS::AutoScaling::AutoScalingGroup": "aws_autoscaling_group",
    "AWS::EC2::Instance": "aws_instance",
    "AWS::EC2::LaunchTemplate": "aws_launch_template",
    "AWS::EC2::NetworkInterface": "aws_network_interface",
    "AWS::AutoScaling::LaunchConfiguration": "aws_launch_configuration",
    "AWS::EC2::NatGateway": "aws_nat_gateway",
    "AWS::EC2::Subnet": "aws_subnet",
    "AWS::EC2::RouteTable": "aws_route_table",
    "AWS::EC2::Route": "aws_route",
    "AWS::EC2::SubnetRouteTableAssociation": "aws_route_table_association",
    "AWS::EC2::VPCEndpoint": "aws_vpc_endpoint",
    "AWS::EC2::VPCEndpointService": "aws_vpc_endpoint_service",
    "AWS::Lambda::Function": "aws_lambda_function",
    "AWS::Lambda::EventSourceMapping": "aws_lambda_event_source_mapping",
    "AWS::Lambda::EventInvokeConfig": "aws_lambda_function_event_invoke_config",
    "AWS::Events::Rule": "aws_cloudwatch_event_rule",
    "AWS::Scheduler::Schedule": "aws_scheduler_schedule",
    "AWS::SQS::Queue": "aws_sqs_queue",
    "AWS::ApiGateway::RestApi": "aws_api_gateway_rest_api",
    "AWS::ApiGateway::Method": "aws_api_gateway_integration",
    "AWS::ApiGatewayV2::Api": "aws_apigatewayv2_api",
    "AWS::ApiGatewayV2::Integration": "aws_apigatewayv2_integration",
    "AWS::CloudFront::Distribution": "aws_cloudfront_distribution",
    "AWS::RDS::DBProxy": "aws_db_proxy",
    "AWS::RDS::DBProxyTargetGroup": "aws_db_proxy_default_target_group",
    "AWS::RDS::DBInstance": "aws_db_instance",
    "AWS::RDS::DBCluster": "aws_rds_cluster",
    "AWS::RDS::DBParameterGroup": "aws_db_parameter_group",
    "AWS::RDS::DBClusterParameterGroup": "aws_rds_cluster_parameter_group",
    "AWS::ElastiCache::CacheCluster": "aws_elasticache_cluster",
    "AWS::ElastiCache::ReplicationGroup": "aws_elasticache_replication_group",
    "AWS::ElastiCache::ParameterGroup": "aws_elasticache_parameter_group",
    "AWS::GlobalAccelerator::Accelerator": "aws_globalaccelerator_accelerator",
    "AWS::GlobalAccelerator::Listener": "aws_globalaccelerator_listener",
    "AWS::GlobalAccelerator::EndpointGroup": "aws_globalaccelerator_endpoint_group",
    "AWS::Serverless::Function": "aws_lambda_function",
    "AWS::Serverless::Api": "aws_api_gateway_rest_api",
    "AWS::Serverless::HttpApi": "aws_apigatewayv2_api",
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_RENAMED = {
    "aws_lb": {"type": "load_balancer_type"},
    "aws_lb_listener": {"default_actions": "default_action"},
    "aws_lb_listener_rule": {"actions": "action"},
    "aws_ecs_service": {"load_balancers": "load_balancer"},
    "aws_autoscaling_group": {"target_group_ar_ns": "target_group_arns", "load_balancer_names": "load_balancers"},
    "aws_sqs_queue": {"visibility_timeout": "visibility_timeout_seconds"},
    "aws_elb": {"listeners": "listener"},
}
"""Attributes of a type whose name in snake case is not Terraform's."""
_ATTRIBUTES = {
    "idle_timeout.timeout_seconds": "idle_timeout", "client_keep_alive.seconds": "client_keep_alive",
    "deregistration_delay.timeout_seconds": "deregistration_delay", "slow_start.duration_seconds": "slow_start",
    "tcp.idle_timeout.seconds": "tcp_idle_timeout_seconds",
}  # fmt: skip
"""Keys of attribute lists by Terraform's attribute."""
_AS_WRITTEN = frozenset(
    {"parameters", "properties", "environment", "mappings", "body", "definition_body", "events", "tags"}
)


def translated(kind: str, properties: Value) -> Value:
    """The properties of a resource as Terraform would have them."""
    value = _snake(properties, _RENAMED.get(kind, {}), 0)
    shape = _SHAPES.get(kind)
    return shape(value) if shape is not None else value


def snake(name: str) -> str:
    """A property's name in snake case."""
    return _HUMP.sub("_", name).lower()


def camel(name: str) -> str:
    """A property's name as the container definitions of the API have it."""
    return name[:1].lower() + name[1:]


def _snake(value: Value, renamed: dict[str, str], level: int) -> Value:
    if level > 40:
        return value
    entries: dict[str, Value] = {}
    for key, inner in value.entries.items():
        name = snake(key)
        name = renamed.get(name, name) if level == 0 else name
        entries[name] = inner if name in _AS_WRITTEN else _snake(inner, renamed, level + 1)
    return replace(value, entries=entries, elements=[_snake(e, renamed, level + 1) for e in value.elements])


def _with(value: Value, extra: dict[str, Value | None]) -> Value:
    return replace(
        value, entries={**value.entries, **{name: given for name, given in extra.items() if given is not None}}
    )


def _pairs(value: Value, name: str) -> dict[str, Value | None]:
    """A list of keys and values as attributes."""
    return {_ATTRIBUTES.get(pair.known("key"), pair.known("key")): pair.get("value") for pair in value.each(name)}


def _from_list(name: str) -> Callable[[Value], Value]:
    return lambda value: _with(value, _pairs(value, name))


def _group(value: Value) -> Value:
    check = {
        "interval": value.get("health_check_interval_seconds"),
        "timeout": value.get("health_check_timeout_seconds"),
        "healthy_threshold": value.get("healthy_threshold_count"),
        "unhealthy_threshold": value.get("unhealthy_threshold_count"),
    }
    block = Value("mapping", value.span, entries={name: given for name, given in check.items() if given is not None})
    return _with(value, {**_pairs(value, "target_group_attributes"), "health_check": block})


def _classic(value: Value) -> Value:
    return _with(
        value,
        {
            "idle_timeout": value.get("connection_settings", "idle_timeout"),
            "connection_draining": value.get("connection_draining_policy", "enabled"),
            "connection_draining_timeout": value.get("connection_draining_policy", "timeout"),
        },
    )


def _task(value: Value) -> Value:
    """Container definitions with the names of the API, as Terraform has them too."""
    items = [_camel(item, 0) for item in value.each("container_definitions")]
    span = items[0].span if items else value.span
    return _with(value, {"container_definitions": Value("sequence", span, elements=items)})


def _camel(value: Value, level: int) -> Value:
    if level > 40:
        return value
    entries = {_camel_name(key): _camel(inner, level + 1) for key, inner in value.entries.items()}
    return replace(value, entries=entries, elements=[_camel(e, level + 1) for e in value.elements])


def _camel_name(name: str) -> str:
    first, *rest = name.split("_")
    return camel(first) + "".join(part.capitalize() for part in rest)


def _method(value: Value) -> Value:
    """A method's integration as the resource Terraform makes of it."""
    inner = value.get("integration")
    return (
        _with(inner, {"rest_api_id": value.get("rest_api_id"), "timeout_milliseconds": inner.get("timeout_in_millis")})
        if inner
        else value
    )


def _integration(value: Value) -> Value:
    return _with(value, {"timeout_milliseconds": value.get("timeout_in_millis")})


def _distribution(value: Value) -> Value:
    config = value.get("distribution_config")
    return (
        _with(value, {"origin": config.get("origins"), "ordered_cache_behavior": config.get("cache_behaviors")})
        if config
        else value
    )


def _endpoints(value: Value) -> Value:
    return _with(value, {"endpoint_configuration": value.get("endpoint_configurations")})


_SHAPES: dict[str, Callable[[Value], Value]] = {
    "aws_lb": _from_list("load_balancer_attributes"),
    "aws_lb_listener": _from_list("listener_attributes"),
    "aws_lb_target_group": _group,
    "aws_elb": _classic,
    "aws_ecs_task_definition": _task,
    "aws_api_gateway_integration": _method,
    "aws_apigatewayv2_integration": _integration,
    "aws_cloudfront_distribution": _distribution,
    "aws_globalaccelerator_endpoint_group": _endpoints,
}
