"""activemq.xml: connectors with the options of their URIs."""

from __future__ import annotations

from tests.products.texts import facts, read

XML = """\
<beans><broker><transportConnectors>
  <transportConnector name="openwire" uri="tcp://0.0.0.0:61616?maximumConnections=9&amp;wireFormat.maxInactivityDuration=60000"/>
  <transportConnector name="stomp" uri="stomp://0.0.0.0:61613?transport.defaultHeartBeat=5000,0"/>
</transportConnectors></broker></beans>
"""


def test_connectors():
    found = {c.protocol: c for c in read("activemq", {"conf/activemq.xml": XML})[0]}
    openwire, stomp = found["openwire"], found["stomp"]
    assert [str(a) for c in (openwire, stomp) for a in c.listens] == ["*:61616", "*:61613"]
    assert facts(openwire.facts, "accept.stream_idle") == [
        "accept.stream_idle = 60s (wireFormat.maxInactivityDuration, written @ 2:39)"
    ]
    assert (stomp.variant, [s.text for s in stomp.settings["transport.defaultHeartBeat"]]) == ("stomp", ["5000,0"])
