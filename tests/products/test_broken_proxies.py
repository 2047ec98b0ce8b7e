"""Readers of proxies and boxes over damaged files: never an exception, every place inside the file."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

from tests.products.apache_httpd.test_apache_httpd import MAIN
from tests.products.citrix_netscaler.test_citrix_netscaler import NS
from tests.products.f5_bigip.test_f5_bigip import BIGIP
from tests.products.haproxy.test_haproxy import CONFIG as HAPROXY
from tests.products.ipvs_keepalived.test_ipvs_keepalived import KEEPALIVED, SCRIPT
from tests.products.squid.test_squid import CONFIG as SQUID
from tests.products.texts import read
from tests.products.varnish.test_varnish import VCL

FILES = [
    ("haproxy", "haproxy.cfg", HAPROXY),
    (
        "apache-httpd",
        "httpd.conf",
        MAIN.replace("IncludeOptional sites-enabled/*.conf", "ProxyPass / balancer://c/ ttl=1"),
    ),
    ("ipvs-keepalived", "keepalived.conf", KEEPALIVED),
    ("ipvs-keepalived", "lvs.sh", SCRIPT),
    ("linux-kernel", "sysctl.conf", "net.ipv4.tcp_keepalive_time = 60\n- net/ipv4/tcp_retries2=5\n"),
    ("varnish", "default.vcl", VCL),
    ("squid", "squid.conf", SQUID),
    ("f5-bigip", "bigip.conf", BIGIP),
    ("citrix-netscaler", "ns.conf", NS),
]


@pytest.mark.parametrize(("product", "name", "text"), FILES, ids=[f"{p}-{n}" for p, n, _ in FILES])
@options(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files(product: str, name: str, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    noise = data.draw(st.text(alphabet=st.sampled_from(' \n"{}<>\\#;$%=:-0a\x00é'), max_size=8))
    damaged = text[:start] + noise + text[end:]
    components, reports = read(product, {name: damaged})
    last = damaged.count("\n") + 1
    places = [component.span for component in components]
    places += [link.span for component in components for link in component.links]
    places += [s.span for c in components for group in c.settings.values() for s in group]
    places += [problem.span for report in reports.values() for problem in report.problems]
    assert all(1 <= span.start.line <= span.end.line <= last for span in places)
    assert len({component.key for component in components}) == len(components)
