"""System properties of a start, for the clients its code makes."""

from __future__ import annotations

from tests.products.test_code import read
from tests.products.texts import facts, links, workload
from tochain.model.component import Component, Word
from tochain.model.span import Pos, Span

CODE = {
    "app/A.java": """\
import java.net.http.*;
class A {
  HttpClient c = HttpClient.newHttpClient();
  HttpRequest r = HttpRequest.newBuilder(URI.create("http://stock:8080/")).build();
}
""",
    "app/B.java": """\
import java.net.*;
class B {
  void b() {
    URL url = new URL("http://old:8081/x");
    HttpURLConnection c = (HttpURLConnection) url.openConnection();
    c.setReadTimeout(700);
  }
}
""",
}


def by_product(found: list[Component]) -> dict[str, Component]:
    """Components by product."""
    return {component.product: component for component in found}


def test_system_properties_of_command_and_environment():
    at = Span("compose.yaml", Pos(4, 3), Pos(4, 9))
    env = {"JAVA_TOOL_OPTIONS": Word("-Dsun.net.client.defaultConnectTimeout=900 -Dhttp.keepAlive=false", at)}
    started = workload(
        "app", command="java -Djdk.httpclient.keepalive.timeout=10 -Dsun.net.client.defaultReadTimeout=5000 -jar a.jar",
        env=env, root="app",
    )  # fmt: skip
    found = by_product(read(CODE, started))
    new, old = found["java-net-http"], found["java-httpurlconnection"]
    assert [links(new), links(old)] == [
        ["stock:8080 http HttpRequest.newBuilder @ 4:19"],
        ["old:8081 http URL @ 4:15"],
    ]
    assert facts(new.links[0].facts, "connect.idle_keep") == [
        "connect.idle_keep = 10s (jdk.httpclient.keepalive.timeout, written @ 1:1)"
    ]
    assert facts(old.links[0].facts, "connect.connect", "connect.read_stall", "connect.idle_keep") == [
        "connect.connect = 900ms (setConnectTimeout, written @ 4:3)",
        "connect.read_stall = 700ms (setReadTimeout, written @ 6:5)",
        "connect.idle_keep = off (http.keepAlive.time.server, default @ 5:47)",
    ]


def test_properties_set_in_code():
    text = CODE["app/A.java"].replace(
        "class A {", 'class A {\n  static { System.setProperty("jdk.httpclient.keepalive.timeout", "7"); }'
    )
    (found,) = read({"app/A.java": text})
    assert facts(found.links[0].facts, "connect.idle_keep") == [
        "connect.idle_keep = 7s (jdk.httpclient.keepalive.timeout, written @ 3:12)"
    ]


def test_a_security_property_on_the_command_is_without_effect():
    started = workload("app", command="java -Dnetworkaddress.cache.ttl=5 -jar a.jar", root="app")
    found = by_product(read({"app/A.java": CODE["app/A.java"]}, started))["java-net-http"]
    assert [(issue.kind, issue.setting, issue.value) for issue in found.issues] == [
        ("setting-without-effect", "networkaddress.cache.ttl", "5")
    ]
    assert facts(found.facts, "connect.dns_ttl") == ["connect.dns_ttl = 30s (sun.net.inetaddr.ttl, default @ 4:19)"]
