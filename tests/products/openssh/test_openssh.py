"""OpenSSH: the first value wins, hosts inherit from `Host *`."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, links, read
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
