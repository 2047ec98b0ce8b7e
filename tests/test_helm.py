"""Charts rendered by a helm program: documents under their templates' paths, and what goes wrong with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tochain.helm import aligned, rendered
from tochain.model.errors import UsageError

TEMPLATE = """\
{{- if .Values.web }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.name" . }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: {{ .Values.grace }}
{{- end }}
"""
DOCUMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: release-shop
  labels:
    a: b
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 7
"""


def program(folder: Path, body: str) -> None:
    """A helm that says what it is told to."""
    folder.mkdir()
    (folder / "helm").write_text(f"#!/bin/sh\n{body}\n")
    (folder / "helm").chmod(0o755)


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chart with a part of its own, and only our own programs to run besides the system's."""
    for name in ("charts/shop", "charts/shop/charts/part"):
        (tmp_path / name / "templates").mkdir(parents=True)
        (tmp_path / name / "Chart.yaml").write_text("name: x\n")
    (tmp_path / "charts/shop/templates/web.yaml").write_text(TEMPLATE)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path


def test_keys_keep_their_lines():
    assert aligned(DOCUMENT, TEMPLATE).splitlines() == [
        "", "apiVersion: apps/v1", "kind: Deployment", "metadata:", "  name: release-shop", "  labels:", "    a: b",
        "spec:", "  template:", "    spec:", "      terminationGracePeriodSeconds: 7",
    ]  # fmt: skip


def test_documents_stand_under_their_templates(chart: Path):
    out = f"---\n# Source: shop/templates/web.yaml\n{DOCUMENT}---\n# Source: ../outside.yaml\nx: y\n"
    (chart / "out").write_text(out)
    program(chart / "bin", f'test "$1" = template && test "$3" = "{chart}/charts/shop" && cat "{chart}/out"')
    found = rendered([chart], chart)
    assert list(found) == ["charts/shop/templates/web.yaml"]
    assert found["charts/shop/templates/web.yaml"].splitlines()[10] == "      terminationGracePeriodSeconds: 7"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("echo 'Error: no values' >&2; exit 1", "cannot be rendered: Error: no values"),
        ("exit 3", "cannot be rendered: status 3"),
        ("sleep 9", "was not rendered within 0.2 s"),
    ],
)
def test_a_chart_that_cannot_be_rendered(chart: Path, monkeypatch: pytest.MonkeyPatch, body: str, message: str):
    program(chart / "bin", body)
    if "sleep" in body:
        monkeypatch.setattr("tochain.helm.SECONDS", 0.2)
    with pytest.raises(UsageError) as error:
        rendered([chart], chart)
    assert message in str(error.value)


def test_without_helm(chart: Path):
    with pytest.raises(UsageError, match="--helm: there is no helm program on the PATH"):
        rendered([chart], chart)
