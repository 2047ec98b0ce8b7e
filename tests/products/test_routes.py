from __future__ import annotations

import pytest

from tests.products.clouds.runs import run

NETWORK = """
resource "aws_subnet" "inner" {}
resource "aws_subnet" "other" {}
resource "aws_nat_gateway" "out" {}
resource "aws_route_table" "inner" {}
resource "aws_route" "inner" {
  route_table_id         = aws_route_table.inner.id
  destination_cidr_block = "DESTINATION"
  nat_gateway_id         = aws_nat_gateway.out.id
}
resource "aws_route_table_association" "inner" {
  subnet_id      = aws_subnet.inner.id
  route_table_id = aws_route_table.inner.id
}
resource "aws_ecs_task_definition" "mail" {
  container_definitions = jsonencode([{ name = "mail", image = "example/mail:2" }])
}
resource "aws_ecs_service" "mail" {
  task_definition = aws_ecs_task_definition.mail.arn
  network_configuration { subnets = [SUBNETS] }
}
"""


@pytest.mark.parametrize(
    ("destination", "subnets", "out"),
    [
        ("0.0.0.0/0", "aws_subnet.inner.id", ("aws-nat-gateway:tf:#aws_nat_gateway.out",)),
        ("10.0.0.0/8", "aws_subnet.inner.id", ()),
        ("0.0.0.0/0", "aws_subnet.other.id", ()),
        ("0.0.0.0/0", "aws_subnet.inner.id, aws_subnet.other.id", ()),  # not the same from everywhere
        ("0.0.0.0/0", "var.subnets", ()),
    ],
)
def test_the_way_out_of_a_service(destination: str, subnets: str, out: tuple[str, ...]) -> None:
    text = NETWORK.replace("DESTINATION", destination).replace("SUBNETS", subnets)
    assert [workload.out for workload in run({"main.tf": text}).workloads] == [out]
