from dataclasses import replace

from tochain.model.component import Component
from tochain.model.fact import Fact
from tochain.model.finding import HopRef
from tochain.model.hop import Hop
from tochain.model.limit import seconds
from tochain.model.span import Pos, Span
from tochain.report.explain import concerns, explain_finding, explain_hop, explain_rule
from tochain.report.view import View

RULE = {
    "id": "idle-reuse-race",
    "family": "idle-reuse",
    "severity": "error",
    "scope": "hop",
    "since": "0.1.0",
    "summary": "pool reuses connections longer than the peer keeps them open",
    "when": "client.connect.idle_pool_size > 0",
    "require": "client.connect.idle_keep + margin <= server.accept.idle_close",
    "params": {"margin": {"default": "1s", "help": "one clock tick plus one round trip"}},
    "labels": [{"of": "client.connect.idle_keep"}, {"of": "server.accept.idle_close"}],
    "wire": [
        {"at": "0s", "from": "server", "to": "client", "send": "200 OK, connection kept"},
        {"at": "server.accept.idle_close", "from": "server", "to": "client", "send": "FIN"},
    ],
    "seen": ["sporadic 502/503 at the client"],
    "why": "The side that reuses a connection has to give up first;\notherwise the request and the FIN cross.\n",
    "fix": [
        {
            "set": "client.connect.idle_keep",
            "to": "server.accept.idle_close - margin",
            "because": "more new connections",
        }
    ],
    "sources": ["https://nginx.org/r/keepalive_timeout"],
}
FEEDS = [
    {"timer": "accept.idle_close", "product": "nginx", "setting": "keepalive_timeout", "default": "75s"},
    {"timer": "accept.idle_close", "product": "gunicorn", "setting": "keepalive", "default": "2s"},
]


def test_a_rule() -> None:
    assert (
        explain_rule(RULE, View(), feeds=FEEDS)
        == """\
idle-reuse-race  error · idle-reuse · hop · since 0.1.0
pool reuses connections longer than the peer keeps them open

On the wire
                        0s  server  ──▶ client   200 OK, connection kept
  server.accept.idle_close  server  ──▶ client   FIN

Why
  The side that reuses a connection has to give up first;
  otherwise the request and the FIN cross.

Seen as
  - sporadic 502/503 at the client

Judged by
  when     client.connect.idle_pool_size > 0
  require  client.connect.idle_keep + margin <= server.accept.idle_close

Who is affected
  accept.idle_close  nginx     keepalive_timeout  75s
  accept.idle_close  gunicorn  keepalive          2s

How to mend it
  set client.connect.idle_keep to server.accept.idle_close - margin (unsafe: more new connections)

Parameters
  margin  1s  one clock tick plus one round trip

Sources
  https://nginx.org/r/keepalive_timeout
"""
    )


def test_a_rule_with_the_numbers_of_an_example(race) -> None:
    rule = {"id": "x", "severity": "note", "summary": "s", "mend": "Ask the other side."}
    assert (
        explain_rule(rule, View(), example=race)
        == """\
x  note
s

On the wire
        0s     vm  ──▶ proxy   200 OK, connection kept
       10s     vm  ──▶ proxy   FIN                       vm/nginx.conf:2  keepalive_timeout 10s
      300s  proxy  ──▶ vm      next request              tochain.yaml:5   connect.idle_keep 300s
  300050ms     vm  ──▶ proxy   RST

How to mend it
  Ask the other side.
"""
    )


STORY = """\
error[idle-reuse-race]: proxy reuses idle connections for up to 300s, vm closes them after 10s
  --> vm/nginx.conf:2:21
   |
 2 |   keepalive_timeout 10s;
   |                     ^^^ already closed after 10s idle
  ::: tochain.yaml:5:33
 5 |     timers: {connect.idle_keep: 300s}
   |                                 ---- may be reused after 300s idle
   = on the path: app -> proxy -> vm
   = seen as: sporadic 502/503 at the client; nothing in the server's access log
   = fix (unsafe): vm: keepalive_timeout 301s (300s + 1s margin)
   = more: tochain explain idle-reuse-race, or --finding 0123456789ab

On the wire
        0s     vm  ──▶ proxy   200 OK, connection kept
       10s     vm  ──▶ proxy   FIN                       vm/nginx.conf:2  keepalive_timeout 10s
      300s  proxy  ──▶ vm      next request              tochain.yaml:5   connect.idle_keep 300s
  300050ms     vm  ──▶ proxy   RST
"""


def test_a_finding(race, view: View) -> None:
    assert (
        explain_finding(race, view, RULE)
        == STORY
        + """
Why
  The side that reuses a connection has to give up first;
  otherwise the request and the FIN cross.

Sources
  https://nginx.org/r/keepalive_timeout
"""
    )
    assert explain_finding(race, view) == STORY


def place(path: str, line: int, column: int) -> Span:
    return Span(path, Pos(line, column), Pos(line, column + 3))


PROXY = Component("black-box:tochain.yaml#proxy", "proxy", "black-box", place("tochain.yaml", 3, 3))
VM = Component("nginx:vm/nginx.conf#vm", "vm", "nginx", place("vm/nginx.conf", 1, 1))
NAT = Component("aws-nat-gateway:tochain.yaml#nat", "nat", "aws-nat-gateway", place("tochain.yaml", 9, 3), kind="box")
KEEP = Fact("connect.idle_keep", seconds(300), "connect.idle_keep", "declared", place("tochain.yaml", 5, 33))
CLOSE = Fact("accept.idle_close", seconds(10), "keepalive_timeout", "written", place("vm/nginx.conf", 2, 21))
OTHER = Fact("connect.read_stall", seconds(60), "proxy_read_timeout", "default", place("vm/nginx.conf", 1, 1), "docs")
FLOW = Fact(
    "flow.idle_tcp", seconds(350), "idle timeout", "fixed", place("tochain.yaml", 9, 3), "https://example.com/nat"
)
HOP = Hop(
    PROXY,
    VM,
    {"connect.idle_keep": (KEEP,)},
    {"accept.idle_close": (CLOSE,), "connect.read_stall": (OTHER,)},
    protocol="http",
    label="location /api",
    why="declared path",
    span=place("tochain.yaml", 12, 5),
)


def test_a_hop(race, session, view: View) -> None:
    hop = replace(HOP, boxes=(replace(NAT, facts={"flow.idle_tcp": (FLOW,)}),))
    assert (
        explain_hop(hop, [session, race], view)
        == """\
proxy -> vm  http, location /api
joined because: declared path (tochain.yaml:12:5)

client proxy (black-box)  tochain.yaml:3:3
  timer              value  setting            origin    from
  connect.idle_keep  300s   connect.idle_keep  declared  tochain.yaml:5:33

box nat (aws-nat-gateway)  tochain.yaml:9:3
  timer          value  setting       origin  from
  flow.idle_tcp  350s   idle timeout  fixed   https://example.com/nat

server vm (nginx)  vm/nginx.conf:1:1
  timer              value  setting            origin   from
  accept.idle_close  10s    keepalive_timeout  written  vm/nginx.conf:2:21

"""
        + STORY
    )


def test_a_quiet_hop(view: View) -> None:
    hop = Hop(PROXY, VM, {}, {})
    assert (
        explain_hop(hop, [], view)
        == """\
proxy -> vm

client proxy (black-box)  tochain.yaml:3:3
  no timer is known of it

server vm (nginx)  vm/nginx.conf:1:1
  no timer is known of it

nothing was found on this hop
"""
    )


def test_which_findings_concern_a_hop(race) -> None:
    hops = [
        HopRef("proxy", "vm"),
        HopRef("vm"),
        HopRef("proxy"),
        HopRef("nat"),
        HopRef("vm", "proxy"),
        HopRef("app", "vm"),
    ]
    hop = replace(HOP, boxes=(NAT,))
    assert [concerns(replace(race, hop=ref), hop) for ref in hops] == [True, True, True, True, False, False]


def test_what_was_seen_on_running_programs_is_said() -> None:
    feeds = [{**FEEDS[1], "observed": "closes after 2.0 s: observed with gunicorn 27.0.1"}]
    text = explain_rule(RULE, View(), feeds=feeds, seen=["GET 502: observed with nginx 1.31.3"])
    assert (
        """
Seen on running programs
  GET 502: observed with nginx 1.31.3
  gunicorn keepalive: closes after 2.0 s: observed with gunicorn 27.0.1
"""
        in text
    )
