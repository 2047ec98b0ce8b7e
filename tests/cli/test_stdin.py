"""Dumps on stdin: known by what they hold, named on request, beside other paths."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tochain.cli.given import name_for

NGINX_T = """\
nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
nginx: configuration file /etc/nginx/nginx.conf test is successful
# configuration file /etc/nginx/nginx.conf:
events {}
http {
    keepalive_timeout 20s;
    include /etc/nginx/conf.d/*.conf;
}

# configuration file /etc/nginx/conf.d/a.conf:
server {
    listen 80;
    server_name web;
}
"""
HTTP = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
ENVOY = json.dumps({
    "configs": [
        {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "static_clusters": [{"cluster": {"name": "app"}}]},
        {"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump", "static_listeners": [{"listener": {
            "name": "in", "address": {"socket_address": {"address": "0.0.0.0", "port_value": 10000}},
            "filter_chains": [{"filters": [{
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": {
                    "@type": HTTP,
                    "common_http_protocol_options": {"idle_timeout": "7s"},
                    "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
                        {"match": {"prefix": "/"}, "route": {"cluster": "app", "timeout": "9s"}}]}]},
                },
            }]}],
        }}]},
    ],
})  # fmt: skip
KUBECTL = """\
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop}
  spec:
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec:
        terminationGracePeriodSeconds: 40
        containers:
        - name: web
          image: gunicorn
          command: ["gunicorn", "-k", "gthread", "--keep-alive", "3", "app:app"]
"""
PLAN = json.dumps({
    "format_version": "1.2", "terraform_version": "1.9.0",
    "planned_values": {"root_module": {"resources": [{
        "address": "aws_lb.web", "mode": "managed", "type": "aws_lb", "name": "web",
        "values": {"name": "web", "load_balancer_type": "application", "idle_timeout": 55},
    }]}},
})  # fmt: skip
STATE = PLAN.replace("planned_values", "values")
HELM = """\
---
# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: gunicorn
        command: ["gunicorn", "-k", "gthread", "--keep-alive", "3", "app:app"]
"""


@pytest.mark.parametrize(
    ("text", "name", "component", "timer", "value"),
    [
        (NGINX_T, "stdin.conf", "web", "accept.idle_close", "20s"),
        (ENVOY, "stdin.json", "in", "accept.idle_close", "7s"),
        (KUBECTL, "stdin.yaml", "web", "accept.idle_close", "3s"),
        (PLAN, "stdin.json", "aws_lb.web", "accept.idle_close", "55s"),
        (STATE, "stdin.json", "aws_lb.web", "accept.idle_close", "55s"),
        (HELM, "stdin.yaml", "web", "accept.idle_close", "3s"),
    ],
    ids=["nginx -T", "config_dump", "kubectl", "plan", "state", "helm"],
)
def test_a_dump_is_known_by_what_it_holds(run, text: str, name: str, component: str, timer: str, value: str) -> None:
    """The file name it goes by, and a timer that only its reader can know."""
    assert name_for(text) == name
    done = run("facts", "-", "--format", "json", stdin=text)
    assert done.exit_code == 0, done.output
    parts = json.loads(done.stdout)["components"]
    found = [
        fact for part in parts if part["component"] == component for fact in part["facts"] if fact["timer"] == timer
    ]
    assert [fact["value"] for fact in found] == [value]
    assert found[0]["at"].startswith(name)


def test_a_dump_is_checked_beside_other_paths(run, repo: Path) -> None:
    """tochain.yaml binds the dump by its name; the places of findings are in it."""
    text = (repo / "nginx.conf").read_text()
    (repo / "nginx.conf").unlink()
    done = run("check", "-", ".", "--stdin-name", "nginx.conf", "--json", stdin=text)
    data = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [(f["rule"], f["labels"][0]["file"]) for f in data["findings"]] == [("idle-reuse-race", "nginx.conf")]
    assert [file["path"] for file in data["files"]] == ["nginx.conf", "tochain.yaml"]


def test_the_text_counts_before_the_file_of_that_name(run, repo: Path) -> None:
    """What an editor pipes in is newer than what is on disk."""
    text = (repo / "nginx.conf").read_text().replace("10s", "301s")
    done = run("check", ".", "-", "--stdin-name", "nginx.conf", stdin=text)
    assert done.exit_code == 0


def test_the_line_of_a_dump_is_quoted(run, repo: Path) -> None:
    """Frames quote stdin as they quote files."""
    done = run("check", "-", ".", "--stdin-name", "nginx.conf", stdin=(repo / "nginx.conf").read_text())
    assert " 7 |         keepalive_timeout 10s;\n" in done.output


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (["-", "-"], "", "tochain: stdin can be read once: - was given twice"),
        (["-"], b"\x00\x01\x02\xff" * 40, "tochain: stdin: "),
    ],
)
def test_what_cannot_be_read_from_stdin(run, words: list[str], stdin: str | bytes, said: str) -> None:
    """One sentence, exit status 2."""
    done = run("check", *words, stdin=stdin)
    assert (done.exit_code, done.stderr.startswith(said)) == (2, True)
