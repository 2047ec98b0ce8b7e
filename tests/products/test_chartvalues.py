"""Values of a chart in the arguments and environment of its workloads."""

from __future__ import annotations

import pytest

from tochain.check import check_files
from tochain.discover import Files
from tochain.model.span import SourceFile
from tochain.products.aws_alb.extract import read
from tochain.products.base import Context

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
        ('"{{ .Values.keepalive | default 5 }}"', "other: 2\n", [("5s", "chart/templates/web.yaml", 26)]),
        ('"{{ default 5 .Values.keepalive | quote }}"', "other: 2\n", [("5s", "chart/templates/web.yaml", 26)]),
        ('"{{ .Values.keepalive | default .Values.other }}"', "other: 2\n", []),
    ],
    ids=[
        "nested",
        "piped",
        "missing",
        "no scalar",
        "computed",
        "long enough",
        "usual",
        "usual first",
        "usual elsewhere",
    ],
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


NOTES = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  {block}
spec:
  ingressClassName: {{{{ .Values.class | quote }}}}
  defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}
"""
VALUES = """\
class: alb
notes:
  alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=33,waf.fail_open.enabled=true
"""


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("annotations:\n    {{- toYaml .Values.notes | nindent 4 }}", [("33s", 3)]),
        ("{{- with .Values.notes }}\n  annotations:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", [("33s", 3)]),
        ("annotations: {{ .Values.notes | toYaml | nindent 4 }}", [("33s", 3)]),
        ("annotations:\n{{ toYaml $.Values.notes | indent 4 }}", [("33s", 3)]),
        ("annotations:\n    {{- toYaml .Values.others | nindent 4 }}", []),
        ("{{- range .Values.notes }}\n  annotations:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", []),
        ("labels:\n    {{- toYaml .Values.notes | nindent 4 }}", []),
    ],
    ids=["block", "with", "piped", "top", "missing", "loop", "elsewhere"],
)
def test_blocks(block: str, expected: list[tuple[str, int]]) -> None:
    """A block of values stands behind the key it is put behind; the places are those of values.yaml."""
    files = {
        "Chart.yaml": "apiVersion: v2\nname: web\n",
        "values.yaml": VALUES,
        "templates/web.yaml": NOTES.format(block=block),
    }
    texts = Files({}, {}, files)
    sources = [SourceFile(path, text) for path, text in files.items() if "Ingress" in text]
    found = read(Context("aws-alb", sources, (), {}, texts, {}, texts.text)).components
    settings = [s for c in found for s in c.settings.get("idle_timeout.timeout_seconds", ())]
    assert [(c.product, len(found)) for c in found] == [("aws-alb", 1)]
    assert [(f"{s.text}s", s.span.start.line) for s in settings if s.span.path == "values.yaml"] == expected
