"""Manifests to workloads: names, ports, hooks, probes, schedules, kube-proxy; and manifests that are wrong."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from tests.products.kubernetes_mutants import ANYTHING, mutated, walk
from tests.products.texts import facts, settings
from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context
from tochain.products.kubernetes.extract import read
from tochain.products.registry import Registry
from tochain.products.workloads import with_platform

SHOP = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop}
  spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}, {port: 9000}]}
- apiVersion: v1
  kind: Service
  metadata: {name: pods, namespace: shop}
  spec: {clusterIP: None, selector: {app: web}, ports: [{port: 8080, targetPort: 1}]}
- apiVersion: v1
  kind: Service
  metadata: {name: old, namespace: legacy}
  spec: {type: ExternalName, externalName: web.shop.svc.cluster.local}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: env, namespace: shop}
  data: {A: "1", B: "2"}
- apiVersion: apps/v1
  kind: StatefulSet
  metadata: {name: web, namespace: shop}
  spec:
    serviceName: pods
    replicas: 2
    minReadySeconds: 5
    template:
      metadata: {labels: {app: web, tier: front}}
      spec:
        terminationGracePeriodSeconds: 45
        securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time, value: "60"}]}
        initContainers:
        - {name: wait, image: busybox}
        - {name: log, image: fluent-bit, restartPolicy: Always}
        containers:
        - {name: proxy, image: envoy, ports: [{containerPort: 15001}]}
        - name: main
          image: shop/web@sha256:0
          command: [sh, -c, "exec gunicorn app"]
          args: [--x]
          ports: [{name: http, containerPort: 8080}]
          envFrom: [{prefix: P_, configMapRef: {name: env}}]
          env: [{name: C, valueFrom: {configMapKeyRef: {name: env, key: B}}}]
          lifecycle: {preStop: {exec: {command: [sh, -c, "sleep 15 && nginx -s quit"]}}}
          readinessProbe: {periodSeconds: 5, httpGet: {path: /}}
          startupProbe: {failureThreshold: 30, periodSeconds: 2, initialDelaySeconds: 4}
"""


def context(text: str) -> tuple[Context, dict[str, FileReport]]:
    """What the reader sees of one manifest."""
    reports: dict[str, FileReport] = {}
    files = Files({}, reports, {"k8s.yaml": text})
    return Context("kubernetes", [SourceFile("k8s.yaml", text)], (), reports, files, {}, files.text), reports


def extract(text: str):
    """The workloads of a manifest."""
    return read(context(text)[0])


def complete(text: str):
    """The workloads of a manifest as components, with the platform's timers."""
    return with_platform((), tuple(extract(text).workloads), Registry(), lambda span, message: None)


def test_workloads_have_names_ports_settings():
    proxy, main, log = extract(SHOP).workloads
    assert (proxy.name, proxy.names, proxy.ports) == ("web/proxy", (), {15001: 15001})
    assert (log.key, log.name, log.names) == ("k8s:shop/StatefulSet/web#log", "web/log", ())
    assert (main.key, main.name, main.scope, str(main.span)) == (
        "k8s:shop/StatefulSet/web#main", "web", "k8s:shop", "k8s.yaml:22:20",
    )  # fmt: skip
    assert main.names == (
        "web", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local", "old.legacy", "old.legacy.svc",
        "old.legacy.svc.cluster.local", "pods", "pods.shop", "pods.shop.svc", "pods.shop.svc.cluster.local",
        "web-0.pods", "web-0.pods.shop.svc.cluster.local", "web-0.pods.shop.svc",
        "web-1.pods", "web-1.pods.shop.svc.cluster.local", "web-1.pods.shop.svc",
    )  # fmt: skip
    assert main.ports == {8080: 8080, 80: 8080, 9000: 9000}
    assert [word.text for word in main.command] == ["gunicorn", "app"]
    assert {name: word.text for name, word in main.env.items()} == {"P_A": "1", "P_B": "2", "C": "2"}
    assert settings(main.settings) == [
        "terminationGracePeriodSeconds = 45 @ 30:40-42",
        "lifecycle.preStop = 15s @ 44:58-85",
        "image of a hook = shop/web@sha256:0 @ 38:18-35",
        "readinessProbe.periodSeconds = 5 @ 45:43-44",
        "startupProbe.failureThreshold = 30 @ 46:44-46",
        "startupProbe.periodSeconds = 2 @ 46:63-64",
        "startupProbe.initialDelaySeconds = 4 @ 46:87-88",
        "minReadySeconds = 5 @ 26:22-23",
    ]
    assert settings(main.sysctls) == ["net.ipv4.tcp_keepalive_time = 60 @ 31:80-84"]


def test_timers_of_a_workload():
    _, main, _ = complete(SHOP)
    assert facts(main.facts) == [
        "lifecycle.termination_grace = 45s (terminationGracePeriodSeconds, written @ 30:40)",
        "lifecycle.pre_stop = 15s (lifecycle.preStop, written @ 44:58)",
        "lifecycle.health_interval = 5s (readinessProbe.periodSeconds, written @ 45:43)",
        "lifecycle.health_timeout = 1s (readinessProbe.timeoutSeconds, default @ 22:20)",
        "lifecycle.health_fail_count = 3 (readinessProbe.failureThreshold, default @ 22:20)",
        "lifecycle.health_ok_count = 1 (readinessProbe.successThreshold, default @ 22:20)",
        "lifecycle.slow_start = 5s (minReadySeconds, written @ 26:22)",
        "lifecycle.startup = 64s (startupProbe, written @ 46:44)",
    ]


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: IMAGE, lifecycle: {preStop: HOOK}}]}\n"


@pytest.mark.parametrize(
    ("hook", "value"),
    [
        ("{sleep: {seconds: 3}}", "3s"),
        ("{exec: {command: [sleep, '20']}}", "20s"),
        ("{exec: {command: [sh, -c, 'sleep 5; kill 1; sleep 2m']}}", "125s"),
        ("{exec: {command: [sh, -c, 'while x; do sleep 1; done']}}", "unknown"),
        ("{exec: {command: [sh, -c, 'sleep $WAIT']}}", "unknown"),
        ("{exec: {command: [nginx, -s, quit]}}", "unknown"),
        ("{httpGet: {path: /stop}}", "unknown"),
        ("{}", "unknown"),
        ("text", "off"),
    ],
)
def test_hooks(hook, value):
    (found,) = complete(POD.replace("HOOK", hook))
    assert found.facts["lifecycle.pre_stop"][0].value == value


def test_a_hook_without_a_shell():
    (found,) = complete(
        POD.replace("HOOK", "{exec: {command: [sleep, '5']}}").replace("IMAGE", "gcr.io/distroless/base")
    )
    assert [(i.kind, str(i.span), [str(span) for span, _ in i.others]) for i in found.issues] == [
        ("setting-without-effect", "k8s.yaml:4:108", ["k8s.yaml:4:38"])
    ]


CRON = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: sweep}
spec:
  schedule: "*/10 2 * * *"
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 60
  jobTemplate:
    spec:
      activeDeadlineSeconds: 900
      template: {spec: {containers: [{name: sweep}]}}
"""


def test_schedules():
    (found,) = complete(CRON)
    assert facts(found.facts) == [
        "lifecycle.termination_grace = 30s (terminationGracePeriodSeconds, default @ 3:18)",
        "lifecycle.pre_stop = off (lifecycle.preStop, default @ 3:18)",
        "schedule.duration = 900s (activeDeadlineSeconds, written @ 10:30)",
        "schedule.concurrency = Forbid (concurrencyPolicy, written @ 6:22)",
        "schedule.deadline = 60s (startingDeadlineSeconds, written @ 7:28)",
        "schedule.period = 600s (schedule, written @ 5:13)",
    ]


PROXY = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data:
  config.conf: |
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    kind: KubeProxyConfiguration
    mode: MODE
    ipvs: {tcpTimeout: 10m}
    conntrack: {tcpEstablishedTimeout: 1h}
---
"""


@pytest.mark.parametrize(
    ("mode", "product", "timers"),
    [
        ("ipvs", "ipvs-keepalived", ["flow.idle_tcp = 600s (tcp, written @ 9:24)"]),
        ("iptables", "kubernetes", ["flow.idle_tcp = 1h (conntrack.tcpEstablishedTimeout, written @ 10:40)"]),
    ],
)
def test_kube_proxy_is_a_box_in_front_of_services(mode, product, timers):
    found = extract(PROXY.replace("MODE", mode) + SHOP)
    (box,) = found.components
    done = Registry().complete(box, lambda span, message: None)
    assert (box.key, box.name, box.product, box.kind) == (
        f"{product}:k8s.yaml#kube-proxy",
        "kube-proxy",
        product,
        "box",
    )
    assert facts(done.facts, "flow.idle_tcp") == timers
    assert [timer for timer in done.facts if timer.startswith(("lifecycle.termination", "lifecycle.pre"))] == []
    assert [w.via for w in found.workloads] == [(), (box.key,), ()]


def test_without_a_proxy_configuration_there_is_no_box():
    assert extract(SHOP).components == []


DOCUMENTS = [*yaml.safe_load(SHOP)["items"], *yaml.safe_load_all(CRON), *yaml.safe_load_all(PROXY + POD)]
KUSTOMIZATION = yaml.safe_load(
    "{resources: [a.yaml, ../x], patches: [{path: a.yaml, target: {kind: Pod, name: .*}}, {patch: '[{op: add}]'}],"
    " namespace: n, namePrefix: p-, labels: [{pairs: {a: b}, includeSelectors: true}], commonLabels: {x: z},"
    " images: [{name: i, newTag: t}], replicas: [{name: r, count: 1}], components: [c],"
    " configMapGenerator: [{name: m, files: [a=b], literals: [x=y]}], patchesStrategicMerge: [{a: b}]}"
)


@limits(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_wrong_types_anywhere_are_read_without_a_word(data):
    at = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    path = data.draw(st.sampled_from(list(walk(DOCUMENTS[at]))))
    changed = [*DOCUMENTS[:at], mutated(DOCUMENTS[at], path, data.draw(ANYTHING)), *DOCUMENTS[at + 1 :]]
    for found in complete(yaml.safe_dump_all(changed)):
        assert isinstance(found.span, Span)


@limits(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_kustomizations_of_any_shape_are_read(data):
    path = data.draw(st.sampled_from(list(walk(KUSTOMIZATION))))
    texts = {
        "kustomization.yaml": yaml.safe_dump(mutated(KUSTOMIZATION, path, data.draw(ANYTHING))),
        "a.yaml": SHOP,
        "c/kustomization.yaml": "kind: Component\n",
    }
    reports: dict[str, FileReport] = {}
    files = Files({}, reports, texts)
    ctx = Context("kubernetes", [SourceFile("a.yaml", SHOP)], (), reports, files, {}, files.text)
    for workload in read(ctx).workloads:
        assert workload.scope.startswith("k8s:")


def test_environment_from_secrets():
    text = """
apiVersion: v1
kind: Secret
metadata: {name: logins, namespace: shop}
stringData:
  DATABASE_URL: postgresql://me:hunter2@db/shop?connect_timeout=3
data:
  REDIS_URL: cmVkaXM6Ly86aHVudGVyMkBjYWNoZS8wP3NvY2tldF90aW1lb3V0PTU=
  KEY: //79
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
        - name: web
          image: shop
          envFrom: [{secretRef: {name: logins}}]
          env: [{name: ALSO, valueFrom: {secretKeyRef: {name: logins, key: DATABASE_URL}}}]
"""
    (web,) = extract(text).workloads
    assert {name: (word.text, str(word.span)) for name, word in web.env.items()} == {
        "REDIS_URL": ("redis://:hunter2@cache/0?socket_timeout=5", "k8s.yaml:8:14"),
        "DATABASE_URL": ("postgresql://me:hunter2@db/shop?connect_timeout=3", "k8s.yaml:6:17"),
        "ALSO": ("postgresql://me:hunter2@db/shop?connect_timeout=3", "k8s.yaml:6:17"),
    }


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (
            'command: [sh, -c, "sysctl -w net.ipv4.tcp_keepalive_time=120 net/ipv4/tcp_keepalive_intvl=30; echo a.b=1"]',
            ["net.ipv4.tcp_keepalive_time = 120 @ 6:115-202", "net.ipv4.tcp_keepalive_intvl = 30 @ 6:115-202"],
        ),
        ("command: [sysctl, -w], args: [net.ipv4.tcp_retries2=5]", ["net.ipv4.tcp_retries2 = 5 @ 6:127-150"]),
        ('command: [sh, -c, "echo net.ipv4.tcp_keepalive_time=120"]', []),
    ],
)
def test_an_init_container_may_write_the_kernels_settings(container: str, expected: list[str]) -> None:
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n"
        "    spec: {containers: [{name: web, image: web}], initContainers: [{name: tune, image: busybox, "
        f"{container}}}]}}\n"
    )
    found = next(w for w in extract(text).workloads if w.name == "web")
    assert [line for line in settings(found.sysctls) if "tcp" in line] == expected
