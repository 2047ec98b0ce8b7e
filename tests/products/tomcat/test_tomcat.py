"""server.xml: a component for each Connector, the fall-back of its keep-alive, AJP apart."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, read, settings
from tochain.check import check_files

XML = """\
<Server port="8005">
  <Service name="Catalina">
    <Connector port="8080" protocol="HTTP/1.1"
               connectionTimeout="20000" maxKeepAliveRequests="-1" connectionUploadTimeout="5000"/>
    <Connector port="8443" keepAliveTimeout="65000" SSLEnabled="true"/>
    <Connector port="8009" protocol="AJP/1.3" address="127.0.0.1"/>
    <Connector port="${port.extra}" connectionTimeout="${late}"/>
  </Service>
</Server>
"""


def test_connectors():
    plain, tls, late, ajp = read("tomcat", {"shop/conf/server.xml": XML})[0]
    found = (plain, tls, late, ajp)
    assert [
        (c.name, c.scope, c.variant, c.protocol, [str(a) for a in c.listens], c.span.start.line) for c in found
    ] == [
        ("tomcat", "dir:shop", None, "http", ["*:8080"], 3),
        ("tomcat", "dir:shop", None, "http", ["*:8443"], 5),
        ("tomcat", "dir:shop", None, "http", [], 7),
        ("tomcat", "dir:shop", "ajp", "ajp", ["127.0.0.1:8009"], 6),
    ]
    assert settings(plain.settings) == ["connectionTimeout = 20000 @ 4:16-41", "maxKeepAliveRequests = -1 @ 4:42-67"]
    assert facts(plain.facts, "accept.idle_close", "accept.max_requests", "accept.header_read", "accept.body_read") == [
        "accept.idle_close = 20s (keepAliveTimeout, inherited @ 4:16)",
        "accept.max_requests = never (maxKeepAliveRequests, written @ 4:42)",
        "accept.header_read = 20s (connectionTimeout, written @ 4:16)",
        "accept.body_read = 20s (connectionTimeout, written @ 4:16)",
    ]
    assert facts(tls.facts, "accept.idle_close", "accept.header_read") == [
        "accept.idle_close = 65s (keepAliveTimeout, written @ 5:28)",
        "accept.header_read = 60s (connectionTimeout, default @ 5:5)",
    ]
    assert facts(late.facts, "accept.idle_close") == [
        "accept.idle_close = unknown (keepAliveTimeout, inherited @ 7:37)"
    ]
    assert facts(ajp.facts, "accept.idle_close") == ["accept.idle_close = never (AJP keepAliveTimeout, default @ 6:5)"]


def test_other_files():
    assert read("tomcat", {"tomee.xml": "<tomee><Connector/></tomee>"}) == ([], {})
    _, reports = read("tomcat", {"server.xml": "<Server><Connector port='1'></Server>"})
    assert reports["server.xml"].status == "failed"


HTTP2 = """\
<Server port="8005"><Service name="Catalina">
  <Connector port="8443" keepAliveTimeout="120000">
    <UpgradeProtocol className="org.apache.coyote.http2.Http2Protocol" {more}/>
  </Connector>
</Service></Server>
"""
CHAIN = """\
version: 1
components:
  edge: {{product: black-box, timers: {{connect.idle_keep: 60s}}}}
  app: {{product: tomcat, config: server.xml}}
paths: [{{path: edge -> app, protocol: {protocol}}}]
"""


@pytest.mark.parametrize(
    ("more", "protocol", "found"),
    [
        ("", "http2", ["20s"]),
        ("", "grpc", ["20s"]),
        ("", "http", []),
        ('keepAliveTimeout="90000"', "http2", []),
        ('keepAliveTimeout="30000"', "http2", ["30s"]),
        ('keepAliveTimeout="${keep}"', "http2", []),
    ],
)
def test_http2_has_a_time_of_its_own(more: str, protocol: str, found: list[str]) -> None:
    """It counts where HTTP/2 is spoken, and there alone."""
    files = {"server.xml": HTTP2.format(more=more), "tochain.yaml": CHAIN.format(protocol=protocol)}
    findings = [f for f in check_files(files).findings if f.rule == "idle-reuse-race"]
    assert [label.value for f in findings for label in f.labels if label.component == "app"] == found
