"""activemq.xml: connectors with the options of their URIs."""

from __future__ import annotations

import pytest

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
    assert facts(stomp.facts, "session.heartbeat") == [
        "session.heartbeat = 5s (transport.defaultHeartBeat, written @ 3:36)"
    ]
    assert (stomp.variant, [s.text for s in stomp.settings["transport.defaultHeartBeat"]]) == ("stomp", ["5000,0"])


@pytest.mark.parametrize(
    ("text", "value"), [("10000,4000", "4s"), ("0,0", "off"), ("0,3000", "3s"), ("x", "unknown"), ("7000", "7s")]
)
def test_pairs_of_heart_beats(text, value):
    (found,) = read("activemq", {"activemq.xml": XML.replace("5000,0", text).replace('"openwire" uri', '"x" urn')})[0]
    assert [fact.value for fact in found.facts["session.heartbeat"]] == [value]
