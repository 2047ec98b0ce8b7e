"""Defaults of providers and controllers, which are not the cloud's own."""

from __future__ import annotations

import pytest

from tests.products.clouds.runs import run

INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {kubernetes.io/ingress.class: %s}}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {%s}}
spec: {type: LoadBalancer, ports: [{port: 80}]}
"""
AZURE = "service.beta.kubernetes.io/azure-load-balancer"


@pytest.mark.parametrize(
    ("path", "text", "timer", "value"),
    [
        ("a.tf", 'resource "google_compute_backend_service" "x" {}', "lifecycle.deregistration_delay", "300s"),
        ("a.yaml", INGRESS % "gce", "lifecycle.deregistration_delay", "0s"),
        ("a.yaml", INGRESS % "gce", "lifecycle.health_interval", "15s or 60s"),
        ("a.tf", 'resource "azurerm_cdn_frontdoor_profile" "x" {}', "connect.response_header", "120s"),
        ("a.tf", 'resource "azurerm_frontdoor" "x" {}', "connect.response_header", "60s"),
        ("a.tf", 'resource "azurerm_application_gateway" "x" {}', "connect.response_header", "30s"),
        ("a.tf", 'resource "azurerm_lb" "x" {}', "flow.on_expiry", "drop"),
        ("a.yaml", SERVICE % f'{AZURE}-internal: "true"', "flow.on_expiry", "rst"),
        ("a.yaml", SERVICE % f'{AZURE}-disable-tcp-reset: "true"', "flow.on_expiry", "drop"),
        ("a.tf", 'resource "aws_lb" "x" {}', "lifecycle.health_interval", "30s"),
        ("a.yaml", INGRESS % "alb", "lifecycle.health_interval", "15s"),
        ("a.yaml", INGRESS % "alb", "lifecycle.health_fail_count", "2"),
        (
            "a.yaml",
            SERVICE % "service.beta.kubernetes.io/aws-load-balancer-type: nlb",
            "lifecycle.health_interval",
            "10s",
        ),
        ("a.tf", 'resource "aws_elb" "x" {}', "lifecycle.deregistration_delay", "off"),
        ("a.tf", 'resource "aws_elb" "x" {\n connection_draining = true\n}', "lifecycle.deregistration_delay", "300s"),
        ("a.tf", 'resource "aws_lambda_function" "x" {}', "accept.request_total", "3s"),
        ("serverless.yml", "provider: aws\nfunctions:\n  f: {handler: a.b}\n", "accept.request_total", "6s"),
        ("a.tf", 'resource "aws_nat_gateway" "x" {}', "flow.idle_tcp", "350s"),
        ("a.tf", 'resource "aws_globalaccelerator_accelerator" "x" {}', "flow.idle_tcp", "340s"),
        ("a.tf", 'resource "google_compute_router_nat" "x" {}', "flow.idle_tcp", "1200s"),
    ],
)
def test_default(path: str, text: str, timer: str, value: str) -> None:
    (component,) = (c for c in run({path: text}).components if timer in c.facts)
    (fact,) = component.facts[timer]
    assert fact.value == value
