"""IPVS: virtual servers from keepalived.conf, scripts and dumps; the table's timeouts; with places."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings
from tochain.formats.template import NOTE

KEEPALIVED = """\
! two services
global_defs {
  lvs_timeouts tcp 1800 tcpfin 60
}
virtual_server_group vips {
  10.0.0.5 80
  fwmark 3
}
virtual_server 10.0.0.1 5432 {
  delay_loop 6
  lb_kind DR
  persistence_timeout
  real_server 10.0.0.11 5432 {
    TCP_CHECK {
      connect_timeout 3
      retry 2
    }
  }
  real_server 10.0.0.12 5432 {
    TCP_CHECK {
      connect_timeout 4
    }
  }
}
virtual_server group vips {
  lvs_method NAT
  real_server 10.0.0.13 0 {
    weight 1
  }
}
"""

SCRIPT = """\
#!/bin/sh
# ipvsadm --set 1 2 3
sudo /sbin/ipvsadm --set 3600 120 300 || exit 1
ipvsadm -A -t 10.0.0.1:80 -s rr -p 600
ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m; ipvsadm -a -t 10.0.0.1:80 \\
  -r $REAL:8080 -m
"""


def test_virtual_servers_of_keepalived() -> None:
    found, reports = read("ipvs-keepalived", {"lb/keepalived.conf": KEEPALIVED})
    assert [
        (c.key, c.name, c.kind, c.protocol, c.scope, [str(a) for a in c.listens], set(c.traits)) for c in found
    ] == [
        (
            "ipvs-keepalived:lb/keepalived.conf#10.0.0.1:5432",
            "10.0.0.1:5432",
            "box",
            "tcp",
            "dir:lb",
            ["10.0.0.1:5432"],
            {"dsr"},
        ),
        ("ipvs-keepalived:lb/keepalived.conf#vips", "vips", "box", "tcp", "dir:lb", ["10.0.0.5:80"], set()),
    ]
    assert settings(found[0].settings) == [
        "tcp = 1800 @ 3:16-24",
        "tcpfin = 60 @ 3:25-34",
        "delay_loop = 6 @ 10:3-15",
        "persistence_timeout = 360 @ 12:3-22",
        "check = TCP_CHECK @ 14:5-14",
        "connect_timeout = 3 @ 15:7-24",
        "connect_timeout = 4 @ 21:7-24",
        "retry = 2 @ 16:7-14",
    ]
    assert [links(c) for c in found] == [
        [
            "10.0.0.11:5432  virtual server 10.0.0.1:5432 @ 13:3",
            "10.0.0.12:5432  virtual server 10.0.0.1:5432 @ 19:3",
        ],
        ["10.0.0.13:80  virtual server vips @ 27:3"],
    ]
    assert reports["lb/keepalived.conf"].status == "understood"


def test_timers_of_a_virtual_server() -> None:
    found, _ = read("ipvs-keepalived", {"keepalived.conf": KEEPALIVED})
    assert facts(found[0].facts) == [
        "flow.idle_tcp = 1800s (tcp, written @ 3:16)",
        "flow.idle_halfclosed = 60s (tcpfin, written @ 3:25)",
        "flow.idle_udp = 300s (udp, default @ 9:1)",
        "flow.idle_other = 360s (persistence_timeout, written @ 12:3)",
        "lifecycle.health_interval = 6s (delay_loop, written @ 10:3)",
        "lifecycle.health_timeout = 3s (connect_timeout, written @ 15:7)",
        "lifecycle.health_timeout = 4s (connect_timeout, written @ 21:7)",
        "lifecycle.health_fail_count = 3 (retry, written @ 16:7)",
        "lifecycle.deregistration_delay = off (inhibit_on_failure, default @ 9:1)",
        "flow.on_expiry = rst ((forgotten flow), fixed @ 9:1)",
        "flow.counts = any ((refreshing), fixed @ 9:1)",
    ]


def test_commands_in_a_script() -> None:
    [box], _ = read("ipvs-keepalived", {"lvs.sh": SCRIPT})
    assert settings(box.settings) == [
        "tcp = 3600 @ 3:26-30",
        "tcpfin = 120 @ 3:31-34",
        "udp = 300 @ 3:35-38",
        "persistence_timeout = 600 @ 4:36-39",
    ]
    assert links(box) == [
        "10.0.0.2:8080  virtual server 10.0.0.1:80 @ 5:30",
        "the address is filled in from $REAL:8080  virtual server 10.0.0.1:80 @ 6:6",
    ]


def test_a_dump_and_the_timeouts_of_a_unit_beside_it() -> None:
    found, _ = read(
        "ipvs-keepalived",
        {
            "ipvsadm.rules": "-A -t 10.0.0.1:443 -s wlc\n-a -t 10.0.0.1:443 -r 10.0.0.2:443 -g -w 1\n",
            "ipvs.service": "[Service]\nExecStartPost=/sbin/ipvsadm --set 7200 0 0\n",
        },
    )
    assert [(c.key, facts(c.facts, "flow.idle_tcp", "flow.idle_halfclosed"), set(c.traits)) for c in found] == [
        (
            "ipvs-keepalived:ipvsadm.rules#10.0.0.1:443",
            [
                "flow.idle_tcp = 2h (tcp, written @ 2:35)",
                "flow.idle_halfclosed = 120s (tcpfin, written @ 2:40)",
            ],
            {"dsr"},
        )
    ]


def test_timeouts_alone_are_the_table_of_a_host() -> None:
    [box], _ = read("ipvs-keepalived", {"up.sh": "ipvsadm --set 900 120 300\n"})
    assert (box.key, box.name, box.kind, facts(box.facts, "flow.idle_tcp")) == (
        "ipvs-keepalived:up.sh#table",
        "ipvs-keepalived",
        "box",
        ["flow.idle_tcp = 900s (tcp, written @ 1:15)"],
    )


def test_a_template_says_what_is_not_known() -> None:
    text = "virtual_server {{ vip }} 80 {\n  real_server {{ real }} 80 {\n  }\n"
    [box], reports = read("ipvs-keepalived", {"keepalived.conf.j2": text})
    assert links(box) == ["the address is filled in from {{ real }}:80  virtual server {{ vip }}:80 @ 2:3"]
    assert [(p.message, str(p.span)) for p in reports["keepalived.conf.j2"].problems] == [
        (NOTE, "keepalived.conf.j2:1:16"),
        ("this block is never closed", "keepalived.conf.j2:1:29"),
    ]
