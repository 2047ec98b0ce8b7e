from dataclasses import replace

from tochain.model.component import Component
from tochain.model.fact import Fact
from tochain.model.finding import HopRef
from tochain.model.hop import Hop
from tochain.model.limit import NEVER, Limit, seconds
from tochain.model.span import Pos, Span
from tochain.report.path import explain_path
from tochain.report.view import View


def component(name: str, product: str) -> Component:
    return Component(f"{product}#{name}", name, product, Span("tochain.yaml", Pos(1, 1), Pos(1, 2)))


def facts(timer: str, limit: Limit, path: str, line: int, setting: str = "timeout") -> dict[str, tuple[Fact, ...]]:
    return {timer: (Fact(timer, limit, setting, "written", Span(path, Pos(line, 21), Pos(line, 24))),)}


APP, PROXY, VM, DB = (
    component("app", "client"),
    component("proxy", "haproxy"),
    component("vm", "nginx"),
    component("db", "mysql"),
)
CLOSE = facts("accept.idle_close", seconds(10), "vm/nginx.conf", 2, "keepalive_timeout")
HOPS = (
    Hop(APP, PROXY, facts("connect.request_total", seconds(30), "app.py", 7), {}),
    Hop(PROXY, VM, facts("connect.read_stall", seconds(60), "haproxy.cfg", 9, "timeout server"), CLOSE),
    Hop(VM, DB, facts("connect.read_stall", NEVER, "vm/nginx.conf", 12), {}),
)


def test_a_chain_with_its_budget(race, view: View) -> None:
    told = replace(race, hop=HopRef("proxy", "vm"), path=(), seen=(), fixes=())
    assert (
        explain_path(HOPS, [told], view)
        == """\
app -> proxy -> vm -> db

     component  timer                  value  setting            origin   from
     app        connect.request_total  30s    timeout            written  app.py:7:21
     proxy      connect.read_stall     60s    timeout server     written  haproxy.cfg:9:21
  !  vm         accept.idle_close      10s    keepalive_timeout  written  vm/nginx.conf:2:21
     vm         connect.read_stall     never  timeout            written  vm/nginx.conf:12:21

Who gives up when, if the innermost never answers
   at  gives up  limit                             no limit of its own by then  from
  30s  app       request_total: the whole request  proxy, vm                    app.py:7:21
  60s  proxy     read_stall: no byte for so long   vm                           haproxy.cfg:9:21

error[idle-reuse-race]: proxy reuses idle connections for up to 300s, vm closes them after 10s
  --> vm/nginx.conf:2:21
   |
 2 |   keepalive_timeout 10s;
   |                     ^^^ already closed after 10s idle
  ::: tochain.yaml:5:33
 5 |     timers: {connect.idle_keep: 300s}
   |                                 ---- may be reused after 300s idle
   = more: tochain explain idle-reuse-race, or --finding 0123456789ab
"""
    )


def test_a_chain_without_timers() -> None:
    assert explain_path([Hop(APP, PROXY, {}, {})], [], View()) == "app -> proxy\n\n  no timer is known on it\n"
