"""Values of a chart in the arguments and environment of its workloads."""

from __future__ import annotations

import pytest

from tochain.check import check_files

APP = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, annotations: {{kubernetes.io/ingress.class: gce}}}}
spec:
  defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80, targetPort: 8000}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: web
          command: ["gunicorn", "-k", "gevent", "-b", ":8000", "--keep-alive", {keep}, "web.app"]
          ports: [{{containerPort: 8000}}]
"""


@pytest.mark.parametrize(
    ("keep", "values", "expected"),
    [
        ('"{{ .Values.web.keepalive }}"', "web:\n  keepalive: 2\n", [("2s", "chart/values.yaml", 2)]),
        ('"{{- .Values.keepalive | default 5 | quote -}}"', "keepalive: 90\n", [("90s", "chart/values.yaml", 1)]),
        ('"{{ .Values.keepalive }}"', "other: 2\n", []),
        ('"{{ .Values.keepalive }}"', "keepalive: [2]\n", []),
        ('"{{ include \\"keepalive\\" . }}"', "keepalive: 2\n", []),
        ('"{{ .Values.keepalive }}"', "keepalive: 650\n", []),
    ],
    ids=["nested", "piped", "missing", "no scalar", "computed", "long enough"],
)
def test_values(keep: str, values: str, expected: list[tuple[str, str, int]]) -> None:
    """A plain value is the chart's own, at its place in values.yaml; anything else stays unknown."""
    files = {
        "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
        "chart/values.yaml": values,
        "chart/templates/web.yaml": APP.format(keep=keep),
    }
    found = [f for f in check_files(files).findings if f.rule == "idle-reuse-race"]
    ends = [label for finding in found for label in finding.labels if label.timer == "accept.idle_close"]
    assert [(label.value, label.span.path, label.span.start.line) for label in ends] == expected
