"""Links to hops: every reason two ends are joined, what is not joined, boxes, declared paths, pairs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tochain.graph.build import build
from tochain.model.component import Address, Component, Kind, Link, Workload
from tochain.model.fact import Fact, Facts
from tochain.model.hop import DeclaredPath, Graph
from tochain.model.limit import Finite, Limit, seconds
from tochain.model.span import Pos, Span

HERE = Span("a.conf", Pos(1, 1), Pos(1, 2))


def at(path: str, line: int = 1) -> Span:
    return Span(path, Pos(line, 1), Pos(line, 9))


def link(host: str = "", port: int | None = None, line: int = 1, **more: object) -> Link:
    target = {name: more.pop(name) for name in ("socket", "ref") if name in more}
    return Link(Address(host, port, **target), at("a.conf", line), **more)  # type: ignore[arg-type]


def part(
    name: str,
    *links: Link,
    product: str = "nginx",
    scope: str = "dir:",
    kind: Kind = "proxy",
    port: int | None = None,
    **more: object,
) -> Component:
    listens = (Address(port=port),) if port else ()
    given = {"listens": listens, "span": at(f"{name}.conf"), **more}
    return Component(f"{product}:{name}", name, product, kind=kind, scope=scope, links=links, **given)  # type: ignore[arg-type]


def joined(graph: Graph) -> list[tuple[str, str, str]]:
    return [(hop.client.name, hop.server.name, hop.why) for hop in graph.hops]


def opened(graph: Graph) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(end.client.name, end.target, end.reason, end.candidates) for end in graph.open_ends]


@pytest.mark.parametrize(
    ("components", "why"),
    [
        ((part("a", link(ref="gunicorn:b")), part("b", product="gunicorn")), "referred to directly"),
        ((part("a", link("b", 80)), part("b", port=80)), "b is its name"),
        ((part("a", link("b", 80)), part("b")), "b is its name"),
        ((part("a", link("B", 80)), part("b", port=80)), "b is its name"),
        ((part("a", link("localhost", 8000)), part("b", port=8000, product="gunicorn")), "listens on port 8000 of the same host"),
        ((part("a", link("127.0.0.1", 8000)), part("b", port=8000, product="gunicorn")), "listens on port 8000 of the same host"),
        ((part("a", link(socket="/run/b.sock")), part("b", listens=(Address(socket="/run/b.sock"),))), "listens on /run/b.sock"),
        ((part("a", link("x.org", 443), scope="dir:x"), part("b", port=443, names=("x.org",), scope="dir:y")), "serves x.org"),
        ((part("a", link("app", 8000)), part("b", port=8000, product="gunicorn")), "the only one that listens on port 8000 beside it"),
    ],
)  # fmt: skip
def test_why_two_ends_are_joined(components: tuple[Component, ...], why: str) -> None:
    """Each way a link finds its other side, with its reason."""
    graph = build(components)
    assert (joined(graph), graph.open_ends) == ([("a", "b", why)], ())


@pytest.mark.parametrize(
    ("components", "reason", "candidates"),
    [
        ((part("a", link("b", 80)),), "b is not a name that was read", ()),
        ((part("a", link("b", 80, unknown="${UPSTREAM} is a variable")),), "${UPSTREAM} is a variable", ()),
        ((part("a", link("localhost", 8000)),), "nothing here listens on port 8000", ()),
        ((part("a", link("localhost")),), "no port is given", ()),
        ((part("a", link(socket="/run/x")),), "nothing listens on /run/x", ()),
        ((part("a", link("x.org", 443)),), "x.org is served by nothing that was read", ()),
        ((part("a", link(ref="gone")),), "gone was not found", ()),
        (
            (part("a", link("localhost", 80)), part("b", port=80, product="x"), part("c", port=80, product="y")),
            "several fit", ("b (b.conf:1:1)", "c (c.conf:1:1)"),
        ),
        (
            (part("a", link("app", 80)), part("b", port=80, product="x"), part("c", port=80, product="y")),
            "app is not a name that was read", ("b", "c"),
        ),
    ],
)  # fmt: skip
def test_why_an_end_stays_open(components: tuple[Component, ...], reason: str, candidates: tuple[str, ...]) -> None:
    """What is missing, or between whom it cannot be told."""
    graph = build(components)
    assert graph.hops == ()
    (end,) = graph.open_ends
    assert (end.client.name, end.reason, end.candidates) == ("a", reason, candidates)


def test_two_folders_that_call_the_same_name_are_not_joined() -> None:
    """web:8000 of one project is not web:8000 of the other, whichever is looked for."""
    components = tuple(
        part(
            name,
            *links,
            scope=f"compose:{folder}/compose.yaml",
            workload=f"compose:{folder}#{name}",
            port=port,
            product=product,
        )
        for folder in ("shop", "blog")
        for name, links, port, product in (("proxy", (link("web", 8000),), 80, "nginx"), ("web", (), 8000, "gunicorn"))
    )
    components = tuple(replace(c, key=f"{c.scope}:{c.key}") for c in components)
    workloads = tuple(
        Workload(f"compose:{folder}#{name}", name, f"compose:{folder}/compose.yaml", HERE, platform="docker-compose")
        for folder in ("shop", "blog")
        for name in ("proxy", "web")
    )
    graph = build(components, workloads)
    assert [(hop.client.scope, hop.server.scope) for hop in graph.hops] == [
        ("compose:shop/compose.yaml", "compose:shop/compose.yaml"),
        ("compose:blog/compose.yaml", "compose:blog/compose.yaml"),
    ]


def test_containers_do_not_share_a_loopback() -> None:
    """localhost of one service is not the other's."""
    scope = "compose:compose.yaml"
    one = part("a", link("localhost", 8000), scope=scope, workload="w#a")
    two = part("b", port=8000, scope=scope, workload="w#b", product="gunicorn")
    workloads = tuple(Workload(f"w#{name}", name, scope, HERE, platform="docker-compose") for name in "ab")
    assert opened(build((one, two), workloads)) == [("a", "localhost:8000", "nothing here listens on port 8000", ())]


def test_a_service_port_leads_to_the_port_inside() -> None:
    """A workload is reached by its name and the port others use."""
    scope = "k8s:shop"
    web = part("web", port=8000, scope=scope, workload="k#web", product="gunicorn")
    sick = part("metrics", port=9000, scope=scope, workload="k#web", product="prometheus")
    caller = part("a", link("web", 80), scope=scope, workload="k#a")
    workloads = (
        Workload("k#web", "web", scope, HERE, names=("web.shop",), ports={80: 8000}, platform="kubernetes"),
        Workload("k#a", "a", scope, HERE, platform="kubernetes"),
    )
    assert joined(build((caller, sick, web), workloads)) == [("a", "web", "web is web in k8s shop")]


BOX = part("nat", kind="box", product="aws-nat-gateway")


def test_a_box_lies_on_the_hop() -> None:
    """A link through a box ends behind it; the box keeps nothing of its own."""
    lb = part("nlb", link(ref="gunicorn:b"), kind="box", product="aws-nlb")
    graph = build((part("a", link(ref="aws-nlb:nlb")), lb, part("b", product="gunicorn")))
    assert [(hop.client.name, [box.name for box in hop.boxes], hop.server.name) for hop in graph.hops] == [
        ("a", ["nlb"], "b")
    ]


def test_in_front_of_a_box_stands_somebody() -> None:
    """Nobody described the caller, and still the hop is judged."""
    lb = part("nlb", link(ref="gunicorn:b"), kind="box", product="aws-nlb")
    graph = build((lb, part("b", product="gunicorn")))
    (hop,) = graph.hops
    assert [component.name for component in graph.components] == ["nlb", "b", "client"]
    assert (hop.client.name, hop.client.product, [box.name for box in hop.boxes], hop.server.name) == (
        "client",
        "client",
        ["nlb"],
        "b",
    )


def test_boxes_in_a_circle_end() -> None:
    """Two boxes that lead to each other lead nowhere."""
    one = part("one", link(ref="x:two"), kind="box", product="x")
    two = part("two", link(ref="x:one"), kind="box", product="x")
    assert build((part("a", link(ref="x:one")), one, two)).hops == ()


def declared(*names: str, protocol: str = "") -> DeclaredPath:
    return DeclaredPath(tuple((name, at("tochain.yaml")) for name in names), protocol, at("tochain.yaml", 9))


def test_a_declared_path_is_hops_with_boxes_between() -> None:
    """app -> nat -> db: one hop, the box on it, the protocol as declared, no open end left."""
    app, db = part("app", link("?", 1), kind="client"), part("db", kind="database", product="mysql")
    graph = build(
        (app, BOX, db), (), (declared("app", "nat", "db", protocol="mysql"),), {c.name: c for c in (app, BOX, db)}
    )
    (hop,) = graph.hops
    assert (hop.client.name, [b.name for b in hop.boxes], hop.server.name) == ("app", ["nat"], "db")
    assert (hop.protocol, hop.why, hop.span, hop.declared) == ("mysql", "declared", at("tochain.yaml", 9), True)
    assert (graph.open_ends, graph.paths, graph.path_of[hop.key]) == ((), (("app", "db"),), ("app", "db"))


def test_what_is_declared_counts_before_what_was_found() -> None:
    """The same two ends once, with the link's own timers."""
    keep: Facts = {"connect.idle_keep": (Fact("connect.idle_keep", seconds(5), "x", "written", HERE),)}
    one, two = part("a", replace(link("b", 80), facts=keep, label="location /")), part("b", port=80)
    graph = build((one, two), (), (declared("a", "b", protocol="http"),), {"a": one, "b": two})
    (hop,) = graph.hops
    assert (hop.why, hop.label, hop.client_facts["connect.idle_keep"]) == (
        "declared",
        "location /",
        keep["connect.idle_keep"],
    )


def test_a_chain_is_pairs_and_paths() -> None:
    """Hops that follow one another, outermost first, and one path through each."""
    graph = build(
        (
            part("a", link("b", 80), kind="client"),
            part("b", link("c", 80), port=80),
            part("c", port=80, product="gunicorn"),
        )
    )
    assert [(str(pair.outer), str(pair.inner)) for pair in graph.pairs] == [("a->b", "b->c")]
    assert set(graph.path_of.values()) == {("a", "b", "c")}


def test_a_hub_stays_linear() -> None:
    """A thousand alike on either side of one proxy: pairs are not multiplied."""
    callers = tuple(part(f"in{n}", link("hub", 80), kind="client", product="client") for n in range(1000))
    hub = part("hub", *(link(f"out{n}", 80, n + 1) for n in range(1000)), port=80)
    servers = tuple(part(f"out{n}", port=80, product="gunicorn") for n in range(1000))
    graph = build((*callers, hub, *servers))
    assert (len(graph.hops), len(graph.pairs)) == (2000, 1)


def test_a_circle_of_services_ends() -> None:
    """a calls b calls a: two hops, each with a path, no endless walk."""
    graph = build((part("a", link("b", 80), port=80), part("b", link("a", 80), port=80)))
    assert sorted(str(hop) for hop in graph.hops) == ["a->b", "b->a"]
    assert sorted(graph.path_of.values()) == [("a", "b"), ("b", "a")]


def facts(**limits: Limit) -> Facts:
    return {f"connect.{k}": (Fact(f"connect.{k}", v, k, "written", HERE),) for k, v in limits.items()}


@pytest.mark.parametrize(
    ("given", "gives_up", "worst"),
    [
        ({"read_stall": seconds(60)}, seconds(60), seconds(60)),
        ({"read_stall": seconds(60), "connect": seconds(5)}, seconds(60), seconds(65)),
        ({"read_stall": seconds(60), "response_header": seconds(10)}, seconds(10), seconds(10)),
        ({"attempt_total": seconds(7), "read_stall": seconds(60)}, seconds(7), seconds(7)),
        ({"attempt_total": seconds(7), "attempts": Finite(3)}, seconds(7), seconds(21)),
        ({"attempt_total": seconds(7), "attempts": Finite(3), "retry_backoff": seconds(1)}, seconds(7), seconds(23)),
        ({"attempt_total": seconds(7), "attempts": Finite(3), "request_total": seconds(15)}, seconds(7), seconds(15)),
        ({"attempt_total": seconds(7), "attempts": Finite(9), "retry_total": seconds(10)}, seconds(7), seconds(17)),
    ],
    ids=str,
)  # fmt: skip
def test_how_long_a_client_may_take(given: dict[str, Limit], gives_up: Limit, worst: Limit) -> None:
    """The first limit that ends the wait, and all tries together."""
    one = part("a", replace(link("b", 80), facts=facts(**given)), kind="client")
    (hop,) = build((one, part("b", port=80))).hops
    assert [hop.client_facts[f"connect.{name}"][0].limit for name in ("gives_up", "worst")] == [gives_up, worst]


def tries(name: str, to: str, count: int) -> Component:
    return part(
        name,
        replace(link(to, 80), facts=facts(attempts=Finite(count), read_stall=seconds(1)), protocol="http"),
        port=80,
    )


def below(graph: Graph) -> dict[str, str]:
    return {
        str(hop): f"{found[0].value}: {found[0].because}"
        for hop in graph.hops
        if (found := hop.client_facts.get("connect.attempts_below"))
    }


def test_tries_multiply_along_a_path() -> None:
    """Two tries of two tries are four; the product is spelled out."""
    graph = build((tries("a", "b", 2), tries("b", "c", 3), tries("c", "d", 1), part("d", port=80)))
    assert below(graph) == {"a->b": "6: 2 (a) x 3 (b)"}


def test_a_circle_of_retries_is_counted_once() -> None:
    """A cycle has an end: its hops count once, whatever leads into it multiplies."""
    graph = build((tries("a", "b", 2), tries("b", "c", 3), tries("c", "b", 2)))
    assert below(graph)["a->b"].startswith("6: ")


PRIVATE = "no file says what runs on 10.0.0.4; the only one in these files that listens on port 80"


@pytest.mark.parametrize(
    ("components", "why"),
    [
        (
            (part("a", link("10.0.0.4", 80), scope="dir:lb"), part("b", port=80, scope="dir:app", product="puma")),
            [PRIVATE],
        ),
        ((part("a", link("10.0.0.4", 80), scope="dir:lb"), part("b", port=81, scope="dir:app", product="puma")), []),
        ((part("a", link("192.0.43.7", 80), scope="dir:lb"), part("b", port=80, scope="dir:app", product="puma")), []),
        (
            (
                part("a", link("10.0.0.4", 80), link("10.0.0.5", 80, label="another list"), scope="dir:lb"),
                part("b", port=80, scope="dir:app", product="puma"),
            ),
            [],
        ),
        (
            (
                part("a", link("10.0.0.4", 80), scope="dir:lb"),
                part("b", port=80, scope="dir:app", product="puma"),
                part("c", port=80, scope="dir:other", product="tomcat"),
            ),
            [],
        ),
        (
            (part("a", link("10.0.0.4", 80), scope="dir:lb"), part("b", port=80, scope="k8s:shop", product="puma")),
            [],
        ),
        (  # who calls the client is hardly whom the client calls
            (
                part("a", link("10.0.0.4", 80), scope="dir:lb", port=80),
                part("b", link("a", 80), port=80, scope="dir:app", product="puma"),
            ),
            [],
        ),
        (
            (
                part("a", link("203.0.113.9", 443, asks="x.example"), scope="tf:dns"),
                part("b", port=443, names=("x.example",), scope="compose:stack/c.yaml"),
                part("c", port=443, names=("y.example",), scope="compose:stack/c.yaml"),
            ),
            ["serves x.example, which is asked for at 203.0.113.9"],
        ),
    ],
)
def test_addresses_no_file_gives_a_name(components: tuple[Component, ...], why: list[str]) -> None:
    graph = build(components)
    assert [hop.why for hop in graph.hops] == why
    assert bool(graph.open_ends) is not bool(why)
