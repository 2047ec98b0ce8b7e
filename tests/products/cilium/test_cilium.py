"""Cilium: the agent's connection tracking as a box in front of services."""

from __future__ import annotations

from tests.products.texts import facts, read, settings
from tochain.check import sample

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data:
  bpf-ct-timeout-regular-tcp: 30m0s
  http-request-timeout: "5"
  other: [1]
"""
APP = """\
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec: {containers: [{name: db, image: postgres}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: web, env: [{name: DATABASE_URL, value: "postgresql://db:5432/x"}]}]}
"""


def test_the_box():
    (box,), _ = read("cilium", {"k8s.yaml": CONFIG})
    assert (box.key, box.name, box.kind, box.scope) == ("cilium:k8s.yaml", "cilium", "box", "k8s:kube-system")
    assert settings(box.settings) == ["bpf-ct-timeout-regular-tcp = 30m0s @ 5:31-36"]
    assert facts(box.facts, "flow.idle_tcp", "flow.on_expiry") == [
        "flow.idle_tcp = 1800s (bpf-ct-timeout-regular-tcp, written @ 5:31)",
        "flow.on_expiry = drop ((forgotten flow), fixed @ 3:18)",
    ]


def test_it_stands_in_front_of_services_where_a_file_sets_it():
    for text, boxes in ((CONFIG + APP, ("cilium",)), (CONFIG.replace("bpf-ct", "x") + APP, ())):
        graph = sample({"k8s.yaml": text}).graph
        hops = [hop for hop in graph.hops if hop.server.name == "db"]
        assert {tuple(box.name for box in hop.boxes) for hop in hops} == {boxes}
