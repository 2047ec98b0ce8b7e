"""The boxes on a machine's way out of its network: what its subnet's routes lead through."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.products.cloud import Resource, Value, View, component_key, product_of

__all__ = ["way_out"]

_EVERYWHERE = ("0.0.0.0/0", "::/0")
_SUBNETS = {
    "aws_instance": ("subnet_id",),
    "aws_autoscaling_group": ("vpc_zone_identifier",),
    "aws_ecs_service": ("network_configuration",),
    "azurerm_linux_virtual_machine_scale_set": ("network_interface",),
}
"""Where what runs says in which subnets."""
_CARDS = ("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine")


def way_out(found: View, resource: Resource) -> tuple[str, ...]:
    """The keys of the boxes between something that runs in subnets and everywhere else; none where that is not known."""
    ways = {tuple(_boxes(found, subnet)) for subnet in _subnets(found, resource)}
    return ways.pop() if len(ways) == 1 else ()


def _subnets(found: View, resource: Resource) -> Iterator[Resource]:
    for path in _SUBNETS.get(resource.kind, ()):
        yield from found.mentioned(resource.value.get(path), "aws_subnet", "azurerm_subnet")
    if resource.kind in _CARDS:
        for card in found.mentioned(resource.value.get("network_interface_ids"), "azurerm_network_interface"):
            yield from found.mentioned(card.value.get("ip_configuration"), "azurerm_subnet")


def _boxes(found: View, subnet: Resource) -> Iterator[str]:
    for joint in found.pointing(subnet, "azurerm_subnet_nat_gateway_association", "subnet_id"):
        yield from (component_key(r) for r in found.mentioned(joint.value.get("nat_gateway_id"), "azurerm_nat_gateway"))
    for joint in found.pointing(subnet, "aws_route_table_association", "subnet_id"):
        for table in found.mentioned(joint.value.get("route_table_id"), "aws_route_table"):
            for route in _default_routes(found, table):
                yield from _through(found, route)


def _default_routes(found: View, table: Resource) -> Iterator[Value]:
    written = [*table.value.each("route"), *(r.value for r in found.pointing(table, "aws_route", "route_table_id"))]
    for route in written:
        if (route.known("cidr_block") or route.known("destination_cidr_block")) in _EVERYWHERE:
            yield route


def _through(found: View, route: Value) -> Iterator[str]:
    """The NAT gateway of a route, or the Gateway Load Balancer behind its endpoint."""
    for nat in found.mentioned(route.get("nat_gateway_id"), "aws_nat_gateway"):
        yield component_key(nat)
    for endpoint in found.mentioned(route.get("vpc_endpoint_id"), "aws_vpc_endpoint"):
        for service in found.mentioned(endpoint.value.get("service_name"), "aws_vpc_endpoint_service"):
            for balancer in found.mentioned(service.value.get("gateway_load_balancer_arns"), "aws_lb"):
                if product_of(balancer) == "aws-gwlb":
                    yield component_key(balancer)
