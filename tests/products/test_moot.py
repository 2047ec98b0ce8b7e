"""Settings that change nothing because another one switches off what they belong to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tochain.check import check_files
from tochain.model.component import Component
from tochain.model.errors import FactsError
from tochain.model.fact import Setting
from tochain.model.limit import Unknown
from tochain.model.span import Pos, Span
from tochain.products.facts import load_file
from tochain.products.registry import Registry

AT = Span("a.conf", Pos(1, 1), Pos(1, 5))


def issues(product: str, **settings: Setting | str) -> list[str]:
    """What is said of settings without effect, `_` in a name for a blank."""
    given = {
        name.replace("_", " "): (value if isinstance(value, Setting) else Setting(name, value, AT),)
        for name, value in settings.items()
    }
    bare = Component("c", "c", product, AT, settings=given)
    found = Registry().complete(bare, lambda span, message: None).issues
    return [issue.text for issue in found if issue.kind == "setting-without-effect"]


@pytest.mark.parametrize(
    ("product", "settings", "said"),
    [
        ("apache-httpd", {"KeepAliveTimeout": "75", "KeepAlive": "Off"}, ["KeepAliveTimeout has no effect beside KeepAlive Off"]),
        ("apache-httpd", {"KeepAliveTimeout": "75", "KeepAlive": "On"}, []),
        ("apache-httpd", {"KeepAliveTimeout": "75"}, []),
        ("apache-httpd", {"KeepAlive": "Off"}, []),
        ("node-http-agent", {"keepAliveMsecs": "3000"}, ["keepAliveMsecs has no effect without keepAlive true"]),
        ("node-http-agent", {"keepAliveMsecs": "3000", "keepAlive": "false"}, ["keepAliveMsecs has no effect without keepAlive true"]),
        ("node-http-agent", {"keepAliveMsecs": "3000", "keepAlive": "true"}, []),
        ("node-http-agent", {"keepAliveMsecs": "3000", "keepAlive": Setting("keepAlive", "x", AT, limit=Unknown("a variable"))}, []),
        ("haproxy", {"pool-purge-delay": "20s", "http-reuse": "never"}, ["pool-purge-delay has no effect beside http-reuse never"]),
        ("haproxy", {"pool-purge-delay": "20s", "http-reuse": "safe"}, []),
        ("haproxy", {"pool-purge-delay": Setting("pool-purge-delay", "20s", AT, "inherited"), "http-reuse": "never"}, []),
    ],
)  # fmt: skip
def test_moot(product: str, settings: dict[str, Setting | str], said: list[str]) -> None:
    """Beside a value, or without one; what is taken over from outside may count elsewhere."""
    assert issues(product, **settings) == said


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("web", ["server.undertow.no-request-timeout has no effect: the server is tomcat"]),
        ("jetty", ["server.undertow.no-request-timeout has no effect: the server is jetty"]),
        ("undertow", []),
        ("data-jpa", []),
    ],
)
def test_servers_of_spring_boot(build: str, expected: list[str]) -> None:
    """Properties of a server that the dependencies do not bring."""
    files = {
        "build.gradle": f"implementation 'org.springframework.boot:spring-boot-starter-{build}'\n",
        "src/main/resources/application.yml": "server: {undertow: {no-request-timeout: 75s}}\n",
    }
    found = [f.message for f in check_files(files).findings if f.rule == "setting-without-effect"]
    assert [message.partition(": ")[2] for message in found] == expected


@pytest.mark.parametrize(("kind", "found"), [("nlb", 1), ("external", 1), ("classic", 0)])
def test_annotation_of_classic_balancers(kind: str, found: int) -> None:
    """A network balancer does not read it."""
    service = f"""\
apiVersion: v1
kind: Service
metadata:
  name: tcp
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-type: {kind}
    service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout: "3600"
spec: {{type: LoadBalancer, ports: [{{port: 5432}}]}}
"""
    rules = [f.rule for f in check_files({"s.yaml": service}).findings if f.family == "setting"]
    assert rules == ["setting-without-effect"] * found


@pytest.mark.parametrize("moot", ["{when: {a: b}}", "{if: a}", "[a]", "{unless: {a: ''}}"])
def test_mistakes(tmp_path: Path, moot: str) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(
        f"product: x\nkind: server\nsettings:\n- {{setting: s, source: t, moot: {moot}}}\n", encoding="utf-8"
    )
    with pytest.raises(FactsError, match="moot"):
        load_file(path)
