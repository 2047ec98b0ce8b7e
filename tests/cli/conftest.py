"""A small repository with one error, and a way to run a command in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tochain.cli.app import app

NGINX = """\
events {}
http {
    upstream app { server app:8000; keepalive 16; }
    server {
        listen 80;
        server_name vm;
        keepalive_timeout 10s;
        location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }
    }
}
"""
DECLARED = """\
version: 1
components:
  lb: {product: black-box, timers: {connect.idle_keep: 300s}}
  vm: {product: nginx, version: "1.28.3", config: nginx.conf}
paths:
  - {path: lb -> vm, protocol: http}
"""
Run = Callable[..., Result]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository, as the current folder, with a cache of its own."""
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "nginx.conf").write_text(NGINX)
    (folder / "tochain.yaml").write_text(DECLARED)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_COLOR", "1")
    return folder


@pytest.fixture
def run(repo: Path) -> Run:
    """Runs a command line in the repository; `stdin` is what it reads."""

    def go(*words: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app, list(words), input=stdin)

    return go
