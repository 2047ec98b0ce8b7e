"""WireGuard: each peer's own keepalive, with places."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings

CLIENT = """\
[Interface]
Address = 10.5.0.2/32
PrivateKey = (hidden)

[Peer]  # the office
Endpoint = hub.example.com:51820
AllowedIPs = 10.5.0.0/24
PersistentKeepalive = 120

[Peer]
Endpoint = [2001:db8::7]:51821
"""
HUB = "[Interface]\nListenPort = 51820\n\n[Peer]\nAllowedIPs = 10.5.0.2/32\n"


def test_each_peer_has_its_own_keepalive():
    [found], reports = read("wireguard", {"wg0.conf": CLIENT})
    assert (found.kind, found.protocol, found.listens, links(found)) == (
        "server",
        "wireguard",
        (),
        ["hub.example.com:51820 wireguard peer @ 6:1", "2001:db8::7:51821 wireguard peer @ 11:1"],
    )
    assert [settings(link.settings) for link in found.links] == [["PersistentKeepalive = 120 @ 8:1-26"], []]
    assert [facts({**found.facts, **link.facts}, "connect.heartbeat") for link in found.links] == [
        ["connect.heartbeat = 120s (PersistentKeepalive, written @ 8:1)"],
        ["connect.heartbeat = off (PersistentKeepalive, default @ 1:1)"],
    ]
    assert reports["wg0.conf"].status == "understood"


def test_a_hub_listens_and_calls_nobody():
    [found], _ = read("wireguard", {"hub/wg0.conf": HUB})
    assert ([str(address) for address in found.listens], found.links) == (["*:51820"], ())


def test_other_files_with_sections_are_left_alone():
    assert read("wireguard", {"a.conf": "[Interface]\nName = eth0\n"}) == ([], {})
