import json
from dataclasses import replace
from itertools import pairwise

from tochain.model.component import Component
from tochain.model.fact import Fact
from tochain.model.hop import Graph, Hop, OpenEnd
from tochain.model.limit import Finite, seconds
from tochain.model.span import Pos, Span
from tochain.model.version import parse_versions
from tochain.report.graph import FORMATS
from tochain.report.view import View


def place(path: str, line: int, column: int) -> Span:
    return Span(path, Pos(line, column), Pos(line, column + 3))


def component(name: str, product: str, version: str = "", line: int = 1) -> Component:
    return Component(
        f"{product}#{name}", name, product, place("tochain.yaml", line, 3), versions=parse_versions(version)
    )


APP, PROXY, VM, DB = (
    component("app", "client", line=3),
    component("proxy", "black-box", line=4),
    component("vm", "nginx", "1.22.1", line=5),
    component("mysql", "mysql", line=6),
)
NAT = replace(
    component("nat", "aws-nat-gateway", line=7),
    kind="box",
    facts={
        "flow.idle_tcp": (Fact("flow.idle_tcp", seconds(350), "idle", "fixed", place("tochain.yaml", 7, 3), "docs"),)
    },
)
KEEP = Fact("connect.idle_keep", seconds(300), "connect.idle_keep", "declared", place("tochain.yaml", 4, 33))
TRIES = Fact("connect.attempts", Finite(3), "tries", "declared", place("tochain.yaml", 4, 50))
CLOSE = Fact("accept.idle_close", seconds(10), "keepalive_timeout", "written", place("vm/nginx.conf", 2, 21))
HOPS = (
    Hop(APP, PROXY, {}, {}, why="declared path", span=place("tochain.yaml", 12, 5), declared=True),
    Hop(
        PROXY,
        VM,
        {"connect.attempts": (TRIES,), "connect.idle_keep": (KEEP,)},
        {"accept.idle_close": (CLOSE,)},
        boxes=(NAT,),
        protocol="http",
        label="location /api",
        why="declared path",
        span=place("tochain.yaml", 12, 5),
        declared=True,
    ),
    Hop(VM, DB, {}, {}, why="the name mysql", span=place("vm/nginx.conf", 9, 5)),
    Hop(APP, VM, {}, {}, protocol="http"),
)
ENDS = (
    OpenEnd(
        VM, "http://u:secret1@cache:6379", "nothing listens there", place("vm/nginx.conf", 20, 5), ("redis", "redis2")
    ),
    OpenEnd(APP, "$backend", "a variable", place("app.conf", 3, 5)),
)
GRAPH = Graph((VM, DB, PROXY, NAT, APP), HOPS, paths=(("app", "proxy", "vm"),), open_ends=ENDS)


def test_the_tree() -> None:
    assert (
        FORMATS["text"](GRAPH, View(), False)
        == """\
app (client)
├─▶ proxy (black-box)
│   └─▶ vm (nginx 1.22.1)  http, location /api
│         proxy: idle_keep 300s, attempts 3
│         nat: idle_tcp 350s
│         vm: idle_close 10s
│       └─▶ mysql
└─▶ vm (nginx 1.22.1)  http  (its hops are above)

open ends: nothing was found at the other side
  app.conf:3:5: app -> $backend: a variable
    in tochain.yaml: paths: [app -> NAME]
  vm/nginx.conf:20:5: vm -> http://u:*******@cache:6379: nothing listens there
    could be: redis, redis2
    in tochain.yaml: paths: [vm -> redis]

5 components, 4 hops, 2 open ends
"""
    )


def test_why() -> None:
    assert (
        FORMATS["text"](replace(GRAPH, hops=HOPS[:1], open_ends=()), View(), True)
        == """\
app (client)
└─▶ proxy (black-box)
      why: declared path (tochain.yaml:12:5)

mysql

nat (aws-nat-gateway)

vm (nginx 1.22.1)

5 components, 1 hop
"""
    )


def test_a_cycle_is_walked_once() -> None:
    hops = (Hop(PROXY, VM, {}, {}), Hop(VM, PROXY, {}, {}), Hop(DB, DB, {}, {}))
    assert (
        FORMATS["text"](Graph((PROXY, VM, DB), hops), View(), False)
        == """\
mysql
└─▶ mysql  (its hops are above)

proxy (black-box)
└─▶ vm (nginx 1.22.1)
    └─▶ proxy (black-box)  (its hops are above)

3 components, 3 hops
"""
    )


def test_a_long_chain_is_neither_recursive_nor_quadratic() -> None:
    chain = [component(f"c{at:05}", "black-box") for at in range(5000)]
    hops = tuple(Hop(a, b, {}, {}) for a, b in pairwise(chain))
    shown = FORMATS["text"](Graph(tuple(chain), hops), View(), False)
    assert len(shown.splitlines()) == 5002
    assert max(map(len, shown.splitlines())) < 120


def test_an_empty_graph() -> None:
    empty = Graph((), ())
    assert [FORMATS[name](empty, View(), False) for name in ("text", "mermaid", "dot")] == [
        "0 components, 0 hops\n",
        "flowchart LR\n",
        "digraph tochain {\n  rankdir=LR;\n  node [shape=box];\n}\n",
    ]


def test_mermaid() -> None:
    assert (
        FORMATS["mermaid"](GRAPH, View(), False)
        == """\
flowchart LR
  n0["app (client)"]
  n1["mysql"]
  n2["nat (aws-nat-gateway)"]
  n3["proxy (black-box)"]
  n4["vm (nginx 1.22.1)"]
  n0 --> n3
  n0 -->|"http"| n4
  n3 -->|"http<br>location /api<br>proxy: idle_keep 300s, attempts 3<br>nat: idle_tcp 350s<br>vm: idle_close 10s"| n4
  n4 --> n1
  n0 -.-> open0(["#36;backend ?"])
  n4 -.-> open1(["http://u:#42;#42;#42;#42;#42;#42;#42;#64;cache:6379 ?"])
"""
    )


def test_dot() -> None:
    assert (
        FORMATS["dot"](GRAPH, View(), False)
        == r"""digraph tochain {
  rankdir=LR;
  node [shape=box];
  n0 [label="app (client)"];
  n1 [label="mysql"];
  n2 [label="nat (aws-nat-gateway)"];
  n3 [label="proxy (black-box)"];
  n4 [label="vm (nginx 1.22.1)"];
  n0 -> n3;
  n0 -> n4 [label="http"];
  n3 -> n4 [label="http\nlocation /api\nproxy: idle_keep 300s, attempts 3\nnat: idle_tcp 350s\nvm: idle_close 10s"];
  n4 -> n1;
  open0 [label="$backend ?", style=dashed];
  n0 -> open0 [style=dashed];
  open1 [label="http://u:*******@cache:6379 ?", style=dashed];
  n4 -> open1 [style=dashed];
}
"""
    )


def test_names_cannot_break_out_of_a_diagram() -> None:
    evil = component('a"];\n<script>\\', "x\x1b")
    graph = Graph((evil,), ())
    assert FORMATS["mermaid"](graph, View(), False) == (
        'flowchart LR\n  n0["a#34;#93;#59; #60;script#62;#92; (x#9243;)"]\n'
    )
    assert '  n0 [label="a\\"]; <script>\\\\ (x␛)"];\n' in FORMATS["dot"](graph, View(), False)


def test_json() -> None:
    data = json.loads(FORMATS["json"](GRAPH, View(), False))
    assert list(data) == ["schema", "components", "hops", "paths", "open_ends"]
    assert data["components"][4] == {
        "key": "nginx#vm",
        "name": "vm",
        "product": "nginx",
        "version": "1.22.1",
        "kind": "server",
        "at": "tochain.yaml:5:3",
        "listens": [],
    }
    assert data["hops"][2] == {
        "client": "black-box#proxy",
        "server": "nginx#vm",
        "boxes": ["aws-nat-gateway#nat"],
        "protocol": "http",
        "label": "location /api",
        "why": "declared path",
        "at": "tochain.yaml:12:5",
        "declared": True,
        "timers": [
            timer("proxy", KEEP, 300.0, "tochain.yaml:4:33"),
            timer("proxy", TRIES, None, "tochain.yaml:4:50"),
            timer("nat", NAT.facts["flow.idle_tcp"][0], 350.0, "docs"),
            timer("vm", CLOSE, 10.0, "vm/nginx.conf:2:21"),
        ],
    }
    assert data["open_ends"][1] == {
        "client": "nginx#vm",
        "target": "http://u:*******@cache:6379",
        "reason": "nothing listens there",
        "at": "vm/nginx.conf:20:5",
        "candidates": ["redis", "redis2"],
        "add": "vm -> redis",
    }


def timer(component: str, fact: Fact, value: float | None, where: str) -> dict[str, object]:
    return {
        "component": component,
        "timer": fact.timer,
        "value": fact.value,
        "seconds": value,
        "setting": fact.setting,
        "origin": fact.origin,
        "from": where,
    }
