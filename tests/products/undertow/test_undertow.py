"""standalone.xml: listeners with their ports and defaults, data sources without their logins."""

from __future__ import annotations

from tests.products.texts import facts, links, read, workload

XML = """\
<server xmlns="urn:jboss:domain:20.0"><profile>
  <subsystem xmlns="urn:jboss:domain:undertow:14.0"><server name="default-server">
    <http-listener name="default" socket-binding="http" no-request-timeout="${env.IDLE:75000}" read-timeout="30000"/>
    <https-listener name="secure" socket-binding="https" tcp-keep-alive="true"/>
  </server></subsystem>
  <subsystem xmlns="urn:jboss:domain:datasources:7.1"><datasources><datasource pool-name="Shop">
    <connection-url>jdbc:mysql://db:3307/shop?connectTimeout=1000</connection-url>
    <security user-name="me" password="hunter2"/>
    <timeout><idle-timeout-minutes>${env.IDLE_MINUTES:5}</idle-timeout-minutes></timeout>
    <validation><background-validation>true</background-validation></validation>
  </datasource></datasources></subsystem></profile>
  <socket-binding-group name="standard-sockets" port-offset="${jboss.socket.binding.port-offset:100}">
    <socket-binding name="http" port="${jboss.http.port:8080}"/><socket-binding name="https" port="8443"/>
  </socket-binding-group>
</server>
"""


def test_standalone():
    own = workload("web", "quay.io/wildfly/wildfly:31.0")
    plain, secure, pools = read("undertow", {"standalone.xml": XML}, own)[0]
    assert (plain.name, plain.variant, str(plain.span), [str(a) for a in plain.listens]) == (
        "web", "wildfly", "standalone.xml:3:5", ["*:8180"],
    )  # fmt: skip
    assert facts(plain.facts, "accept.idle_close", "accept.body_read", "accept.send_stall", "accept.header_read") == [
        "accept.idle_close = 75s (NO_REQUEST_TIMEOUT, written @ 3:57)",
        "accept.body_read = 30s (read-timeout, written @ 3:96)",
        "accept.send_stall = 90s (write-timeout, default @ 3:5)",
        "accept.header_read = never (REQUEST_PARSE_TIMEOUT, default @ 3:5)",
    ]
    assert [str(a) for a in secure.listens] == ["*:8543"]
    assert facts(secure.facts, "accept.idle_close", "accept.tcp_keepalive_time") == [
        "accept.idle_close = 60s (NO_REQUEST_TIMEOUT, default @ 4:5)",
        "accept.tcp_keepalive_time = kernel (tcp-keep-alive, written @ 4:58)",
    ]
    assert (pools.product, pools.workload, links(pools)) == (
        "ironjacamar",
        own.key,
        ["db:3307 mysql data source Shop @ 7:21"],
    )
    assert facts(pools.links[0].facts, "connect.connect") == ["connect.connect = 1s (connectTimeout, written @ 7:47)"]
    timers = ("connect.idle_keep", "connect.pool_wait", "connect.ping_interval", "connect.validate_after_idle")
    assert facts(pools.links[0].facts, *timers) == [
        "connect.idle_keep = 300s (idle-timeout-minutes, written @ 9:15)",
        "connect.pool_wait = 30s (blocking-timeout-millis, default @ 7:21)",
        "connect.ping_interval = 60s (background-validation-millis, default @ 7:21)",
        "connect.validate_after_idle = never (validate-on-match, default @ 7:21)",
    ]
    assert "hunter2" not in repr((plain, pools))


def test_another_files_root():
    assert read("undertow", {"standalone.xml": "<project/>"}) == ([], {})
