"""web.config and applicationHost.config."""

from __future__ import annotations

from tests.products.texts import facts, read, settings

WEB = """\
<configuration>
  <system.webServer>
    <aspNetCore processPath="dotnet" requestTimeout="00:20:00" shutdownTimeLimit="30" />
  </system.webServer>
</configuration>
"""
HOST = """\
<configuration><system.applicationHost>
  <applicationPools><applicationPoolDefaults>
    <processModel idleTimeout="00:00:00" pingInterval="00:00:10"/>
  </applicationPoolDefaults></applicationPools>
  <sites><siteDefaults><limits connectionTimeout="00:03:20"/></siteDefaults></sites>
</system.applicationHost></configuration>
"""


def test_files():
    web, host = read("iis", {"web.config": WEB, "applicationHost.config": HOST})[0]
    assert settings(web.settings) == [
        "aspNetCore.requestTimeout = 00:20:00 @ 3:38-63", "aspNetCore.shutdownTimeLimit = 30 @ 3:64-86",
    ]  # fmt: skip
    assert facts(web.facts, "connect.response_header", "accept.idle_close") == [
        "connect.response_header = 1200s (aspNetCore.requestTimeout, written @ 3:38)",
        "accept.idle_close = 120s (limits.connectionTimeout, default @ 3:38)",
    ]
    assert facts(host.facts, "accept.idle_close", "lifecycle.health_interval") == [
        "accept.idle_close = 200s (limits.connectionTimeout, written @ 5:32)",
        "lifecycle.health_interval = 10s (processModel.pingInterval, written @ 3:42)",
    ]
    assert read("iis", {"web.config": "<configuration><a b='c'/></configuration>"}) == ([], {})
