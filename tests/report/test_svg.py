from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

from tochain.model.component import Component
from tochain.model.fact import Fact
from tochain.model.finding import Step
from tochain.model.hop import Graph, Hop, OpenEnd
from tochain.model.limit import seconds
from tochain.model.span import Pos, Span
from tochain.report.graph import FORMATS
from tochain.report.layout import columns
from tochain.report.svg import STYLE, explain_svg, graph_svg, story_svg
from tochain.report.view import View

SPAN = Span("tochain.yaml", Pos(1, 1), Pos(1, 2))


def component(name: str, **facts: int) -> Component:
    made = {}
    for timer, amount in facts.items():
        full = timer.replace("__", ".")
        made[full] = (Fact(full, seconds(amount), "x", "declared", SPAN),)
    return Component(f"x#{name}", name, "black-box", SPAN, facts=made)


APP, PROXY, VM = component("app"), component("proxy", connect__idle_keep=300), component("vm", accept__idle_close=10)
NAT = component("nat", flow__idle_tcp=350)
HOPS = (
    Hop(APP, PROXY, {}, {}),
    Hop(PROXY, VM, PROXY.facts, VM.facts, boxes=(NAT,), protocol="http", why="declared"),
)
GRAPH = Graph((VM, APP, PROXY, NAT), HOPS, open_ends=(OpenEnd(VM, "a<b", "nobody listens", SPAN),))

BODY = """\
  <path class="hop" d="M162 61C206 61 206 43 252 43"/>
  <path class="hop" d="M465 61C510 61 510 43 555 43"/>
  <g><rect class="box" x="28" y="28" width="134" height="48" rx="4"/>
    <text class="name" x="40" y="47">app (black-box)</text>
    <text x="40" y="65">→ proxy</text>
  </g>
  <g><rect class="box" x="252" y="28" width="214" height="84" rx="4"/>
    <text class="name" x="264" y="47">proxy (black-box)</text>
    <text x="264" y="65">→ vm: http, idle_keep 300s</text>
    <text class="soft" x="264" y="83">via nat: idle_tcp 350s</text>
    <text class="soft" x="264" y="101">why: declared</text>
  </g>
  <g><rect class="box" x="555" y="28" width="177" height="66" rx="4"/>
    <text class="name" x="567" y="47">vm (black-box)</text>
    <text x="567" y="65">idle_close 10s</text>
    <text class="bad" x="567" y="83">? a&lt;b: nobody listens</text>
  </g>
"""


def test_the_graph() -> None:
    shown = graph_svg(GRAPH, View(), why=True)
    assert shown.endswith(f"</defs>\n{BODY}</svg>\n")
    root = ElementTree.fromstring(shown)
    assert root.attrib["role"] == "img"
    assert [child.text for child in root][:2] == ["hop graph", "4 components, 2 hops"]
    assert FORMATS["svg"](GRAPH, View(), True) == shown


STORY = f"""\
<svg xmlns="http://www.w3.org/2000/svg" role="img" width="518" height="138" viewBox="0 0 518 138" aria-label="r">
  <title>r</title>
  <desc>proxy reuses idle connections for up to 300s, vm closes them after 10s</desc>
{STYLE}
  <g transform="translate(0 0)">
  <path class="hop open" style="marker-end: none" d="M100 34V110"/><text class="name" \
x="100" y="28" text-anchor="middle">proxy</text>
  <path class="hop open" style="marker-end: none" d="M184 34V110"/><text class="name" \
x="184" y="28" text-anchor="middle">vm</text>
  <text x="72" y="78" text-anchor="end">1. 10s</text>
  <text x="142" y="69" text-anchor="middle">FIN</text>
  <path class="hop" d="M184 74H100"/>
  <text class="soft" x="212" y="78">vm/nginx.conf:2  keepalive_timeout 10s</text>
  </g>
</svg>
"""


def test_the_story(race) -> None:
    """The client stands left of the server, as in the page; one step has no course, so there is nothing to scale."""
    told = replace(race, rule="r", steps=race.steps[1:2])
    shown = story_svg(told)
    assert shown == STORY
    ElementTree.fromstring(shown)


def test_below_the_story_it_is_to_scale(race) -> None:
    """The page's own drawing, at its place."""
    root = ElementTree.fromstring(story_svg(race))
    (drawing,) = (e for e in root.iter("{http://www.w3.org/2000/svg}svg") if e is not root)
    assert drawing.get("class") == "timeline"
    assert "role" not in drawing.attrib  # one picture, one description
    parts = [e.get("transform") for e in root if e.tag.endswith("}g")]
    assert parts == ["translate(0 0)", f"translate(0 {2 * 28 + 18 + 4 * 36 + 28})"]


def test_limits_of_a_chain_and_its_stories(race) -> None:
    """Bars for each chain that has limits, then each finding under its message."""
    given_up = {"connect.read_stall": (Fact("connect.read_stall", seconds(60), "x", "declared", SPAN),)}
    shown = explain_svg([[Hop(APP, PROXY, given_up, {})], [Hop(PROXY, VM, {}, {})]], [race])
    texts = [e.text for e in ElementTree.fromstring(shown).iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "Who gives up when: app → proxy"
    assert "read_stall 60s" in texts
    assert f"error: {race.message}" in texts


def test_long_lines_go_on_in_the_next() -> None:
    """A box is no wider than a page; its arrows still leave from their own lines."""
    many = component(
        "x",
        **{f"accept__{name}": 7 for name in ("idle_close", "header_read", "body_read", "request_total", "stream_idle")},
    )
    hop = Hop(many, VM, {}, {}, label="a label, " * 20)
    root = ElementTree.fromstring(graph_svg(Graph((many, VM), (hop,)), View()))
    boxes = [float(e.get("width")) for e in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert max(boxes) < 62 * 7.3 + 24
    assert len(list(root.iter("{http://www.w3.org/2000/svg}text"))) > 7


def test_nothing_to_draw(race) -> None:
    ElementTree.fromstring(graph_svg(Graph((), ()), View()))
    ElementTree.fromstring(story_svg(replace(race, steps=())))


def test_hostile_names_stay_text(race) -> None:
    evil = '</text><script>alert(1)</script>"\x1b\uffff'
    graph = Graph((component(evil),), ())
    told = replace(race, message=evil, rule=evil, steps=(Step(1, evil, evil, evil),))
    for shown in (graph_svg(graph, View()), story_svg(told)):
        assert not list(ElementTree.fromstring(shown).iter("{http://www.w3.org/2000/svg}script"))


def names(graph: Graph) -> list[list[str]]:
    return [[component.name for component in column] for column in columns(graph)]


def test_columns_follow_the_longest_way() -> None:
    a, b, c, d = (component(name) for name in "abcd")
    hops = (Hop(a, b, {}, {}), Hop(b, c, {}, {}), Hop(a, c, {}, {}), Hop(a, d, {}, {}))
    assert names(Graph((d, c, b, a), hops)) == [["a"], ["b", "d"], ["c"]]


def test_cycles_and_loops_are_laid_out_too() -> None:
    a, b, c = (component(name) for name in "abc")
    hops = (Hop(a, b, {}, {}), Hop(b, c, {}, {}), Hop(c, a, {}, {}), Hop(b, b, {}, {}))
    assert names(Graph((a, b, c), hops)) == [["a"], ["b"], ["c"]]


def test_rows_follow_those_who_lead_to_them() -> None:
    a, b, y, z = (component(name) for name in "abyz")
    hops = (Hop(a, z, {}, {}), Hop(b, y, {}, {}))
    assert names(Graph((a, b, y, z), hops)) == [["a", "b"], ["z", "y"]]


def test_a_long_chain() -> None:
    chain = [component(f"c{at:05}") for at in range(5000)]
    hops = tuple(Hop(one, other, {}, {}) for one, other in pairwise(chain))
    assert names(Graph(tuple(chain), hops)) == [[component.name] for component in chain]
