"""What a program gets from where it runs: flags and environment, grace periods and probes, the kernel's keepalive."""

from __future__ import annotations

import pytest

from tochain.check import sample
from tochain.model.component import Component
from tochain.model.fact import Fact


def parts(**files: str) -> list[Component]:
    given = {path.replace("__", "/").replace("_", "."): text for path, text in files.items()}
    return list(sample(given).graph.components)


def one(product: str, timer: str, **files: str) -> tuple[str, str, str]:
    """Value, origin and file of the only timer of that name of the only component of that product."""
    (fact,) = [fact for part in parts(**files) if part.product == product for fact in part.facts.get(timer, ())]
    return fact.value, fact.origin, fact.span.path


SERVICE = """\
services:
  web:
    image: gunicorn
    command: gunicorn -k gthread {flags} app:app
    environment: {{{env}}}
"""


@pytest.mark.parametrize(
    ("flags", "env", "value", "origin"),
    [
        ("--keep-alive 9", "", "9s", "written"),
        ("--keep-alive=9", "", "9s", "written"),
        ("", "GUNICORN_CMD_ARGS: '--keep-alive 8'", "8s", "written"),
        ("--keep-alive 9", "GUNICORN_CMD_ARGS: '--keep-alive 8'", "9s", "written"),
        ("", "", "2s", "default"),
    ],
)
def test_flags_and_environment_of_a_service(flags: str, env: str, value: str, origin: str) -> None:
    """The command line before the environment before the default."""
    text = SERVICE.format(flags=flags, env=env)
    assert one("gunicorn", "accept.idle_close", compose_yaml=text) == (value, origin, "compose.yaml")


def test_a_flag_has_its_place() -> None:
    """The word on the command line, not the line."""
    text = SERVICE.format(flags="--keep-alive 9", env="")
    (fact,) = [
        f for part in parts(compose_yaml=text) if part.product == "gunicorn" for f in part.facts["accept.idle_close"]
    ]
    assert isinstance(fact, Fact)
    line = text.splitlines()[fact.span.start.line - 1]
    assert "9" in line[fact.span.start.column - 1 : fact.span.end.column - 1]


POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 45
      containers:
      - name: web
        image: %s
        command: ["%s", "app:app"]
"""


@pytest.mark.parametrize(
    ("image", "program", "product"), [("gunicorn", "gunicorn", "gunicorn"), ("corp/own", "own", "server")]
)
def test_the_grace_period_belongs_to_whatever_runs(image: str, program: str, product: str) -> None:
    """A program that is known, and one that nobody knows."""
    found = one(product, "lifecycle.termination_grace", web_yaml=POD % (image, program))
    assert found == ("45s", "written", "web.yaml")


NGINX = "events {}\nhttp { server { listen 80 so_keepalive=on; server_name vm; } }\n"


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("sysctl_d__60_keep_conf", "5m", "written"),
        (None, "2h", "default"),
    ],
)
def test_keepalive_takes_its_time_from_the_kernel(path: str | None, value: str, where: str) -> None:
    """Switched on by the program, timed by the host's sysctl, else by the kernel's own default."""
    from tochain.check import sample as run

    files = {"nginx.conf": NGINX}
    if path:
        files["sysctl.d/60-keep.conf"] = "net.ipv4.tcp_keepalive_time = 300\n"
    (vm,) = [c for c in run(files).graph.components if c.product == "nginx"]
    (fact,) = vm.facts["accept.tcp_keepalive_time"]
    assert (fact.value, fact.origin) == (value, where) or (fact.value, fact.origin) == ("300s", where)


def test_a_sysctl_alone_switches_nothing_on() -> None:
    """The kernel's time counts only where a socket asks for keepalive."""
    files = {"nginx_conf": NGINX.replace(" so_keepalive=on", ""), "sysctl_conf": "net.ipv4.tcp_keepalive_time = 300\n"}
    assert one("nginx", "accept.tcp_keepalive_time", **files)[0] == "off"


def test_a_container_does_not_see_its_hosts_sysctl() -> None:
    """It has a network of its own, and its own sysctls."""
    compose = "services:\n  web:\n    image: nginx:1.28.3\n{more}"
    for more, value in (("", "2h"), ("    sysctls: {net.ipv4.tcp_keepalive_time: 120}\n", "120s")):
        found = one(
            "nginx",
            "kernel.tcp_keepalive_time",
            compose_yaml=compose.replace("{more}", more),
            sysctl_conf="net.ipv4.tcp_keepalive_time = 300\n",
        )
        assert found[0] == value
