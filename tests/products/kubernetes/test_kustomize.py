"""Kustomizations: overlays are their bases with patches, and copies of one cluster stay apart."""

from __future__ import annotations

import pytest

from tests.products.texts import settings
from tochain.check import check_files
from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.kubernetes.extract import read
from tochain.products.kubeworlds import cluster


def kube(files: dict[str, str]):
    """The workloads of the files by key, the objects as `kind namespace name`, and the problems."""
    reports: dict[str, FileReport] = {}
    texts = Files({}, reports, files)
    sources = [SourceFile(path, text) for path, text in files.items() if "apiVersion" in text]
    ctx = Context("kubernetes", sources, (), reports, texts, {}, texts.text)
    workloads = {w.key: w for w in read(ctx).workloads}
    problems = [f"{p.span}: {p.message}" for report in reports.values() for p in report.problems]
    return workloads, [f"{o.kind} {o.namespace} {o.name}" for o in cluster(ctx)], problems


WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 30
      containers:
      - name: web
        image: shop/web:1.0
        env: [{name: MODE, value: plain}, {name: KEEP, value: "1"}]
      - {name: helper, image: helper}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
"""
BASE = "resources: [web.yaml]\n"
OVERLAY = """\
resources: [../base]
namespace: shop
namePrefix: prod-
images:
- name: shop/web
  newTag: "2.1"
patches:
- path: grace.yaml
- target: {kind: Deployment, name: web}
  patch: |-
    - op: add
      path: /spec/template/spec/containers/0/lifecycle
      value: {preStop: {sleep: {seconds: 7}}}
    - {op: replace, path: /spec/nowhere/0, value: 1}
"""
GRACE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 60
      containers:
      - name: web
        env: [{name: MODE, value: patched}]
      - {name: helper, $patch: delete}
"""


def test_an_overlay_is_its_base_with_patches():
    found, objects, problems = kube(
        {
            "base/kustomization.yaml": BASE,
            "base/web.yaml": WEB,
            "prod/kustomization.yaml": OVERLAY,
            "prod/grace.yaml": GRACE,
        }
    )
    assert objects == ["Deployment shop prod-web", "Service shop prod-web"]
    (web,) = found.values()
    assert (web.key, web.name, web.scope) == ("k8s:shop/Deployment/prod-web#web", "prod-web", "k8s:shop")
    assert web.names == (
        "prod-web", "prod-web.shop", "prod-web.shop.svc", "prod-web.shop.svc.cluster.local",
    )  # fmt: skip
    assert (web.image.text, str(web.image.span)) == ("shop/web:2.1", "prod/kustomization.yaml:6:11")
    assert {name: (word.text, str(word.span)) for name, word in web.env.items()} == {
        "MODE": ("patched", "prod/grace.yaml:10:35"),
        "KEEP": ("1", "base/web.yaml:12:63"),
    }
    assert {str(s[0].span) for s in web.settings.values()} == {"prod/grace.yaml:7:38", "prod/kustomization.yaml:13:42"}
    assert settings(web.settings) == [
        "terminationGracePeriodSeconds = 60 @ 7:38-40",
        "lifecycle.preStop = 7 @ 13:42-43",
    ]
    assert problems == ["prod/kustomization.yaml:14:7: a JSON patch names 'nowhere', which is not there"]


def test_two_overlays_of_one_base_are_two_clusters():
    found, objects, problems = kube(
        {
            "base/kustomization.yaml": BASE,
            "base/web.yaml": WEB,
            "dev/kustomization.yaml": "resources: [../base]\n",
            "prod/kustomization.yaml": "bases: [../base]\npatchesStrategicMerge: [grace.yaml, missing.yaml]\n",
            "prod/grace.yaml": GRACE,
        }
    )
    assert objects == [
        "Deployment default web", "Service default web", "Deployment default@prod web", "Service default@prod web",
    ]  # fmt: skip
    assert [(key, w.scope, w.settings["terminationGracePeriodSeconds"][0].text) for key, w in found.items()] == [
        ("k8s:default/Deployment/web#web", "k8s:default", "30"),
        ("k8s:default/Deployment/web#helper", "k8s:default", "30"),
        ("k8s:default@prod/Deployment/web#web", "k8s:default@prod", "60"),
    ]
    assert found["k8s:default@prod/Deployment/web#web"].names == (
        "web", "web.default", "web.default.svc", "web.default.svc.cluster.local", "web.default@prod",
    )  # fmt: skip
    assert problems == ["prod/kustomization.yaml:2:37: missing.yaml was not found"]


def test_a_rendered_copy_is_a_cluster_of_its_own():
    _, objects, _ = kube(
        {
            "manifests/web.yaml": WEB,
            "mesh/rule.yaml": "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web}\n",
            "release/all.yaml": WEB,
            "release/more.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: more}\n",
        }
    )
    assert objects == [
        "Deployment default web", "Service default web", "VirtualService default web",
        "Deployment default@release web", "Service default@release web", "Service default@release more",
    ]  # fmt: skip


def test_generated_maps_are_mounted_as_the_files_they_are_made_of():
    pod = """\
apiVersion: v1
kind: Pod
metadata: {name: edge}
spec:
  volumes: [{name: conf, configMap: {name: edge-conf}}]
  containers:
  - name: edge
    image: nginx
    envFrom: [{configMapRef: {name: edge-env}}]
    volumeMounts: [{name: conf, mountPath: /etc/nginx}]
"""
    kustomization = """\
resources: [pod.yaml]
nameSuffix: -v2
configMapGenerator:
- name: edge-conf
  files: [nginx.conf, other.conf=files/b.conf]
- name: edge-env
  literals: ["TIMEOUT=30", broken]
"""
    found, _, problems = kube(
        {"kustomization.yaml": kustomization, "pod.yaml": pod, "nginx.conf": "events {}", "files/b.conf": "#"}
    )
    (edge,) = found.values()
    assert edge.key == "k8s:default/Pod/edge-v2#edge"
    assert edge.mounts == {"nginx.conf": "/etc/nginx/nginx.conf", "files/b.conf": "/etc/nginx/other.conf"}
    assert {name: (word.text, str(word.span)) for name, word in edge.env.items()} == {
        "TIMEOUT": ("30", "kustomization.yaml:7:14")
    }
    assert problems == []


def test_labels_join_selectors_and_components_patch_what_is_there():
    _, objects, problems = kube(
        {
            "app/kustomization.yaml": "resources: [web.yaml, 'https://example.com/base?ref=1', ../app]\n"
            "components: [../more]\ncommonLabels: {tier: front}\n",
            "app/web.yaml": WEB,
            "more/kustomization.yaml": "kind: Component\npatches:\n- patch: |\n    kind: Service\n    metadata: {name: web}\n"
            "    $patch: delete\n- patch: '[{op: move, from: /a, path: /b}]'\n  target: {kind: Deployment}\n",
        }
    )
    assert objects == ["Deployment default web"]
    assert problems == [
        "app/kustomization.yaml:1:23: https://example.com/base?ref=1 is not in these files",
        "app/kustomization.yaml:1:57: ../app leads back to this kustomization",
        "more/kustomization.yaml:7:12: a JSON patch operation 'move' is not followed",
    ]


PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n"
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "resources: [https://example.net/shop?ref=v1]\n",
            ["3:13: https://example.net/shop?ref=v1 is not in these files"],
        ),
        ("patches: [{path: patch.yaml}]\n", ["3:18: it patches Deployment web, which is not in these files"]),
        ("patchesStrategicMerge: [patch.yaml]\n", ["3:25: it patches Deployment web, which is not in these files"]),
        (
            "patches:\n- target: {kind: Service, name: api}\n  patch: '[]'\n",
            ["5:10: it patches Service api, which is not in these files"],
        ),
        ("patches:\n- target: {kind: Service}\n  patch: '[]'\n", []),  # for every Service there may be
        ("generators: [a.yaml]\nreplacements: []\n", ["3:1: generators is not read", "4:1: replacements is not read"]),
        ("helmCharts: [{name: own, valuesInline: {a: b}}]\n", ["3:14: the chart own is not rendered"]),
        ("helmCharts: [{name: ingress-nginx}]\n", ["3:14: the chart ingress-nginx is not rendered"]),
    ],
)
def test_what_stands_beside_no_manifest_is_said(text: str, said: list[str]) -> None:
    _, _, problems = kube({"kustomization.yaml": HEAD + text, "patch.yaml": PATCH})
    assert [problem.removeprefix("kustomization.yaml:") for problem in problems] == said


def test_a_component_nobody_uses_is_said_and_its_patches_are_no_objects() -> None:
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: patch.yaml}]\n"
    workloads, things, problems = kube({"kustomization.yaml": component, "patch.yaml": PATCH})
    assert (workloads, things) == ({}, [])
    assert problems == ["kustomization.yaml:2:1: no kustomization here uses this component"]


def test_a_known_chart_of_a_kustomization_is_read_with_its_values() -> None:
    chart = "helmCharts:\n- name: ingress-nginx\n  namespace: edge\n  valuesInline: {controller: {config: {keep-alive: '10'}}}\n"
    _, things, problems = kube({"kustomization.yaml": HEAD + chart})
    assert (things, problems) == (["ConfigMap edge ingress-nginx-controller"], [])


def test_a_kustomization_need_not_say_what_it_is() -> None:
    result = check_files({"kustomization.yaml": "resources: [github.com/example/shop]\n"})
    assert [(f.path, f.status, len(f.problems)) for f in result.files] == [("kustomization.yaml", "partly", 1)]


def test_templated_names_are_joined_inside_one_chart_only():
    template = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.fullname" . }}
spec:
  template:
    metadata: {labels: {app: x}}
    spec:
      terminationGracePeriodSeconds: {{ .Values.grace }}
      containers: [{name: main, image: "{{ .Values.image }}"}]
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
spec: {selector: {app: x}}
"""
    found, objects, _ = kube(
        {
            "a/Chart.yaml": "apiVersion: v2\nname: a\n", "a/templates/app.yaml": template,
            "b/Chart.yaml": "apiVersion: v2\nname: b\n", "b/templates/app.yaml": template,
        }
    )  # fmt: skip
    name = '{{ include "app.fullname" . }}'
    assert objects == [
        f"Deployment default {name}", "Service default {{ .name }} in a/templates/app.yaml:15:9",
        f"Deployment default@b {name}", "Service default@b {{ .name }} in b/templates/app.yaml:15:9",
    ]  # fmt: skip
    assert [w.scope for w in found.values()] == ["k8s:default", "k8s:default@b"]
