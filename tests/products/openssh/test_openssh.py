"""OpenSSH: the first value wins, hosts inherit from `Host *`."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, links, read, workload
from tochain.model.version import parse_versions
from tochain.products.registry import Registry

CLIENT = """\
Host bastion
  HostName bastion.example.org
  Port 2222
  ServerAliveInterval 30
Host *.internal
  ConnectTimeout 3
Host *
  serveraliveinterval = 60
  TCPKeepAlive no
"""


def test_client():
    (found,), _ = read("openssh", {".ssh/config": CLIENT})
    assert (found.name, found.kind, links(found)) == (
        "ssh",
        "client",
        ["bastion.example.org:2222 ssh host bastion @ 1:1"],
    )
    assert facts(found.links[0].facts, "connect.ping_interval", "connect.tcp_keepalive_time", "connect.connect") == [
        "connect.ping_interval = 30s (ServerAliveInterval, written @ 4:3)",
        "connect.tcp_keepalive_time = off (TCPKeepAlive, written @ 9:3)",
        "connect.connect = never (ConnectTimeout, default @ 1:1)",
    ]
    assert facts(found.facts, "connect.ping_interval") == [
        "connect.ping_interval = 60s (ServerAliveInterval, written @ 8:3)"
    ]


def test_server():
    text = "Port 2200\nClientAliveInterval 15\nClientAliveInterval 99\nUnusedConnectionTimeout 5m\n"
    text += "Match User x\n  ClientAliveInterval 1\n"
    (found,), _ = read("openssh", {"etc/ssh/sshd_config": text})
    assert ([str(a) for a in found.listens], found.protocol) == (["*:2200"], "ssh")
    assert facts(found.facts, "accept.ping_interval", "accept.header_read", "accept.idle_close") == [
        "accept.ping_interval = 15s (ClientAliveInterval, written @ 2:1)",
        "accept.header_read = 120s (LoginGraceTime, default @ 1:1)",
        "accept.idle_close = 300s (UnusedConnectionTimeout, written @ 4:1)",
    ]
    old = Registry().complete(replace(found, versions=parse_versions("8.9"), facts={}), lambda s, m: None)
    new = Registry().complete(replace(found, versions=parse_versions("9.6"), facts={}), lambda s, m: None)
    assert ("accept.stream_idle" in old.facts, "accept.stream_idle" in new.facts) == (False, True)


def test_what_a_command_starts():
    command = "autossh -M 0 -N -o ServerAliveInterval=30 -oConnectTimeout=5 -o Foo=1 -p 2222 -L 3306:db:3306 me@jump.example.org"
    (found,), _ = read("openssh", {}, workload("tunnel", "", command))
    assert (found.name, found.kind, found.product, links(found)) == (
        "tunnel",
        "client",
        "openssh",
        ["jump.example.org:2222 ssh  @ 1:1"],
    )
    assert facts(found.links[0].facts, "connect.ping_interval", "connect.connect") == [
        "connect.ping_interval = 30s (ServerAliveInterval, written @ 1:1)",
        "connect.connect = 5s (ConnectTimeout, written @ 1:1)",
    ]
    (bare,), _ = read("openssh", {}, workload("x", "", "ssh -M host echo"))
    assert links(bare) == ["host:22 ssh  @ 1:1"]
    assert read("openssh", {}, workload("x", "", "sshd -D"), workload("y"))[0] == []


def test_drop_ins_come_first_where_they_are_included():
    main = "Include /etc/ssh/sshd_config.d/*.conf\nClientAliveInterval 300\nTCPKeepAlive no\n"
    texts = {"etc/ssh/sshd_config": main, "etc/ssh/sshd_config.d/10-a.conf": "ClientAliveInterval 120\n"}
    (found,), _ = read("openssh", texts)
    assert facts(found.facts, "accept.ping_interval", "accept.tcp_keepalive_time") == [
        "accept.ping_interval = 120s (ClientAliveInterval, written @ 1:1)",
        "accept.tcp_keepalive_time = off (TCPKeepAlive, written @ 3:1)",
    ]
    texts["etc/ssh/sshd_config"] = "ClientAliveInterval 300\n"
    (found,), _ = read("openssh", texts)
    assert facts(found.facts, "accept.ping_interval") == [
        "accept.ping_interval = 300s (ClientAliveInterval, written @ 1:1)"
    ]
    (found,), _ = read("openssh", {"sshd_config.d/x.conf": "ClientAliveInterval 60\n"})
    assert (found.kind, [str(a) for a in found.listens]) == ("server", ["*:22"])
