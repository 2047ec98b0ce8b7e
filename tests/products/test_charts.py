"""Values of known charts: what the charts make of them, in all the places values stand in."""

from __future__ import annotations

import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from tests.products.kube import run
from tests.products.kubernetes_mutants import ANYTHING, mutated, walk
from tests.products.texts import facts, settings
from tochain.check import check_files
from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.kubernetes.extract import read

UMBRELLA = {
    "shop/Chart.yaml": """\
apiVersion: v2
name: shop
dependencies:
- {name: ingress-nginx, alias: edge}
- {name: redis}
- {name: traefik}
""",
    "shop/values.yaml": """\
edge:
  controller:
    config: {upstream-keepalive-timeout: "25"}
    terminationGracePeriodSeconds: 120
    image: {tag: v1.11.2}
redis:
  commonConfiguration: |-
    timeout 30
    tcp-keepalive 60
traefik:
  additionalArguments: ["--serversTransport.forwardingTimeouts.dialTimeout=4s"]
  ports: {web: {transport: {respondingTimeouts: {idleTimeout: 95s}}}}
""",
}


def workloads(texts: dict[str, str]):
    """The workloads of manifests and values."""
    files = Files({}, reports := dict[str, FileReport](), texts)
    sources = [SourceFile(path, text) for path, text in texts.items() if "apiVersion" in text]
    return read(Context("kubernetes", sources, (), reports, files, {}, files.text)).workloads


def test_parts_of_a_chart():
    found = workloads(UMBRELLA)
    assert [(w.key, w.image.text, str(w.span)) for w in found] == [
        (
            "k8s:default/Deployment/ingress-nginx-controller#controller",
            "registry.k8s.io/ingress-nginx/controller:v1.11.2",
            "shop/values.yaml:2:3",
        ),
        ("k8s:default/StatefulSet/redis#redis", "redis", "shop/values.yaml:7:3"),
        ("k8s:default/Deployment/traefik#traefik", "traefik", "shop/values.yaml:11:3"),
    ]
    controller, redis, traefik = found
    assert settings(controller.settings) == ["terminationGracePeriodSeconds = 120 @ 4:36-39"]
    assert redis.mounts == {"shop/values.yaml#redis-configuration/redis.conf": "/etc/redis/redis.conf"}
    assert [(word.text, str(word.span)) for word in traefik.command] == [
        ("--serversTransport.forwardingTimeouts.dialTimeout=4s", "shop/values.yaml:11:25"),
        ("--entryPoints.web.transport.respondingTimeouts.idleTimeout=95s", "shop/values.yaml:12:50"),
    ]


def test_values_reach_the_programs():
    (nginx,), _ = run("ingress-nginx", UMBRELLA)
    assert facts(nginx.facts, "connect.idle_keep") == [
        "connect.idle_keep = 25s (upstream-keepalive-timeout, written @ 3:42)"
    ]
    assert str(nginx.versions) == "1.11.2"


FLUX = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: edge, namespace: infra}
spec:
  chart: {spec: {chart: ingress-nginx}}
  values: {controller: {config: {keep-alive: "10"}}}
"""
ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: mesh, namespace: argocd}
spec:
  destination: {namespace: istio-system}
  source:
    chart: istiod
    helm:
      values: |
        meshConfig:
          connectTimeout: 3s
"""
RULE = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: r}
spec: {host: web}
"""


def test_releases_and_files_called_after_a_chart():
    for texts in (
        {"flux.yaml": FLUX},
        {"ingress-nginx/values.yaml": "controller: {config: {keep-alive: '10'}}\n", "x.yaml": RULE},
    ):
        (found,), _ = run("ingress-nginx", texts)
        assert facts(found.facts, "accept.idle_close")[0].startswith("accept.idle_close = 10s (keep-alive, written")
    (mesh,), _ = run("istio", {"argo.yaml": ARGO, "rule.yaml": RULE})
    assert facts(mesh.links[0].facts, "connect.connect") == [
        "connect.connect = 3s (connectionPool.tcp.connectTimeout, inherited @ 11:27)"
    ]


VALUES = yaml.safe_load(UMBRELLA["shop/values.yaml"])
CHART = yaml.safe_load(UMBRELLA["shop/Chart.yaml"])


@limits(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_wrong_types_anywhere(data):
    values = mutated(VALUES, data.draw(st.sampled_from(list(walk(VALUES)))), data.draw(ANYTHING))
    chart = mutated(CHART, data.draw(st.sampled_from(list(walk(CHART)))), data.draw(ANYTHING))
    result = check_files(
        {
            "shop/Chart.yaml": f"apiVersion: v2\n{yaml.safe_dump(chart)}",
            "shop/values.yaml": yaml.safe_dump(values),
            "x.yaml": FLUX + "---\n" + ARGO,
        }
    )
    assert result.crashes == ()


def test_a_configuration_among_the_values_is_read_in_place():
    result = check_files({**UMBRELLA, "shop/templates/x.yaml": RULE})
    assert [(report.path, report.status) for report in result.files if report.path == "shop/values.yaml"] == [
        ("shop/values.yaml", "understood")
    ]
    (redis,) = [c for c in run("redis", UMBRELLA)[0] if c.product == "redis"]
    assert [(s[0].name, s[0].text, str(s[0].span)) for s in redis.settings.values()] == [
        ("timeout", "30", "shop/values.yaml:8:5"),
        ("tcp-keepalive", "60", "shop/values.yaml:9:5"),
    ]
