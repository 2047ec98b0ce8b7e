"""Jetty's start.ini: what is commented out has its default."""

from __future__ import annotations

from tests.products.texts import facts, read, workload


def test_file():
    text = "--module=http\njetty.http.port=8081\njetty.http.idleTimeout=45000\n# jetty.server.stopTimeout=1000\n"
    (found,), _ = read("jetty", {"base/start.ini": text})
    assert [str(a) for a in found.listens] == ["*:8081"]
    assert facts(found.facts, "accept.idle_close", "accept.drain") == [
        "accept.idle_close = 45s (jetty.http.idleTimeout, written @ 3:1)",
        "accept.drain = 5s (jetty.server.stopTimeout, default @ 1:1)",
    ]


XML = """\
<?xml version="1.0"?>
<Configure id="Server" class="org.eclipse.jetty.server.Server">
  <Call name="addConnector"><Arg><New class="org.eclipse.jetty.server.ServerConnector">
    <Arg><New class="org.eclipse.jetty.server.HttpConfiguration"><Set name="idleTimeout">20000</Set></New></Arg>
    <Set name="port"><Property name="jetty.http.port" default="8090"/></Set>
    <Set name="idleTimeout"><Property name="jetty.http.idleTimeout" default="30000"/></Set>
  </New></Arg></Call>
  <Set name="stopTimeout">7000</Set>
</Configure>
"""


def test_xml():
    (found,), _ = read("jetty", {"etc/jetty.xml": XML, "jetty-web.xml": "<web-app/>"})
    assert [str(a) for a in found.listens] == ["*:8090"]
    assert facts(found.facts, "accept.idle_close", "accept.stream_idle", "accept.drain") == [
        "accept.idle_close = 30s (jetty.http.idleTimeout, written @ 6:5)",
        "accept.stream_idle = 20s (HttpConfiguration.setIdleTimeout, written @ 4:66)",
        "accept.drain = 7s (jetty.server.stopTimeout, written @ 8:3)",
    ]


def test_properties_on_the_command():
    own = workload("app", "jetty:11.0.15", "java -jar start.jar jetty.http.idleTimeout=61000 jetty.http.port=8082")
    (found,), _ = read("jetty", {}, own)
    assert (found.name, str(found.versions), [str(a) for a in found.listens]) == ("app", "11.0.15", ["*:8082"])
    assert facts(found.facts, "accept.idle_close") == [
        "accept.idle_close = 61s (jetty.http.idleTimeout, written @ 1:1)"
    ]
    (found,), _ = read(
        "jetty", {"start.ini": "jetty.http.idleTimeout=1000\njetty.http.port=80\n", "jetty.xml": XML}, own
    )
    assert ([str(a) for a in found.listens], facts(found.facts, "accept.idle_close", "accept.drain")) == (
        ["*:8082"],
        [
            "accept.idle_close = 61s (jetty.http.idleTimeout, written @ 1:1)",
            "accept.drain = 7s (jetty.server.stopTimeout, written @ 8:3)",
        ],
    )
    assert read("jetty", {}, workload("other", "node:20", "node app.js"))[0] == []
