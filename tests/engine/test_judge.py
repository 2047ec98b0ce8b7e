from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.make import RULE, changed, component, fact, graph, hop, rule, span
from tochain.engine import judge as judging
from tochain.engine.evaluate import Env
from tochain.engine.judge import Judgement, Overrides, judge
from tochain.engine.nodes import Ref
from tochain.engine.predicates import PREDICATES, Predicate
from tochain.model.errors import RuleError
from tochain.model.finding import Finding, Fix, HopRef, Label, Step, Undecided
from tochain.model.hop import OpenEnd, Pair
from tochain.model.issue import Issue
from tochain.model.limit import NEVER, OFF, UNKNOWN, Finite, OneOf, Word

KEEP, CLOSE = "connect.idle_keep", "accept.idle_close"


def ends(keep: object = "300s", close: object = "10s", **more: object):
    client = component("proxy", *([fact(KEEP, keep, span("p.conf", 3))] if keep else []))
    server = component("vm", *([fact(CLOSE, close, span("v.conf", 7))] if close else []))
    return client, server


def run(*hops, rules=None, **overrides) -> Judgement:
    return judge(graph(*hops), rules or [rule()], Overrides(**overrides) if overrides else None)


def test_a_whole_finding() -> None:
    judged = run(hop(*ends()))
    keep = Label("proxy", KEEP, "idle_keep", "300s", 300.0, "written", span("p.conf", 3), "kept 300s", primary=True)
    close = Label("vm", CLOSE, "idle_close", "10s", 10.0, "written", span("v.conf", 7), "closed 10s")
    assert judged == Judgement(
        findings=(
            Finding(
                rule="a-rule",
                family="idle-reuse",
                severity="error",
                message="proxy 300s vm 10s 1s",
                hop=HopRef("proxy", "vm"),
                path=("proxy", "vm"),
                labels=(keep, close),
                seen=("lost requests at proxy",),
                fixes=(
                    Fix("proxy", "idle_keep", "9s", "vm closes", "unsafe", span("p.conf", 3)),
                    Fix("vm", "idle_close", "301s", "proxy keeps", "safe", span("v.conf", 7)),
                ),
                steps=(
                    Step(0, "vm", "proxy", "answer"),
                    Step(10_000_000, "vm", "proxy", "FIN", close),
                    Step(300_000_000, "proxy", "vm", "request", keep),
                ),
                fingerprint=judged.findings[0].fingerprint,
            ),
        )
    )


def test_the_fingerprint_knows_values_and_not_lines() -> None:
    first = run(hop(*ends())).findings[0]
    moved = run(hop(component("proxy", fact(KEEP, "300s", span("q.conf", 9))), ends()[1])).findings[0]
    other = run(hop(*ends(close="11s"))).findings[0]
    assert len(first.fingerprint) == 12
    assert first.fingerprint == moved.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("keep", "close", "found", "needs"),
    [
        ("9s", "10s", 0, None),
        ("9500ms", "10s", 1, None),
        (NEVER, "10s", 1, None),
        (OFF, "500ms", 0, None),
        ("300s", NEVER, 0, None),
        ("300s", UNKNOWN, 0, ("vm accept.idle_close",)),
        ("300s", None, 0, ("vm accept.idle_close",)),
        (None, "10s", 0, ("proxy connect.idle_keep",)),
        (None, None, 0, None),
        ("60s", OneOf((Finite(65_000_000), Finite(75_000_000))), 0, None),
        ("70s", OneOf((Finite(65_000_000), Finite(75_000_000))), 0, ("vm accept.idle_close",)),
        ("90s", OneOf((Finite(65_000_000), Finite(75_000_000))), 1, None),
    ],
)
def test_verdicts(keep: object, close: object, found: int, needs: tuple[str, ...] | None) -> None:
    judged = run(hop(*ends(keep, close)))
    assert len(judged.findings) == found
    assert judged.undecided == ((Undecided("a-rule", HopRef("proxy", "vm"), needs),) if needs else ())


def test_anything_is_at_most_never() -> None:
    assert run(hop(*ends(None, NEVER)), rules=[changed(when=None)]) == Judgement()


def test_a_version_not_known_makes_a_finding_less_sure() -> None:
    client, _ = ends()
    server = component("vm", fact(CLOSE, OneOf((Finite(1), Finite(2))), origin="default", because="changed in 2.0"))
    found = run(hop(client, server)).findings[0]
    assert found.confidence == "medium"
    assert found.notes == ("idle_close of vm is 1us or 2us; which of them is not known (changed in 2.0)",)
    assert (found.steps[1].at, found.steps[1].latest) == (1, 2)
    assert [fix.setting for fix in found.fixes] == ["idle_close"]


def test_assumed_values_are_said_and_not_mended() -> None:
    client = component("proxy", fact(KEEP, "300s", origin="assumed"))
    found = run(hop(client, ends()[1])).findings[0]
    assert (found.confidence, found.notes) == ("medium", ("connect.idle_keep of proxy is assumed in tochain.yaml",))
    assert [fix.component for fix in found.fixes] == ["vm"]


UNLESS = "unless environment variable X is set"


def test_what_holds_unless_a_variable_is_set_is_found_with_less_certainty() -> None:
    server = component("vm", fact(CLOSE, "10s", span("v.js", 7), origin="assumed", because=UNLESS))
    found = run(hop(ends()[0], server)).findings[0]
    assert (found.confidence, found.notes) == ("medium", (f"idle_close of vm is 10s, {UNLESS}",))
    assert [(fix.setting, fix.span) for fix in found.fixes] == [
        ("idle_keep", span("p.conf", 3)),
        ("idle_close", span("v.js", 7)),
    ]


def test_what_holds_unless_a_variable_is_set_decides_nothing_where_all_is_well() -> None:
    server = component("vm", fact(CLOSE, "400s", origin="assumed", because=UNLESS))
    judged = run(hop(ends()[0], server))
    assert judged == Judgement(undecided=(Undecided("a-rule", HopRef("proxy", "vm"), ("vm accept.idle_close",)),))


def test_what_tochain_yaml_assumes_is_certain_enough() -> None:
    server = component("vm", fact(CLOSE, "400s", origin="assumed"))
    assert run(hop(ends()[0], server)) == Judgement()


@pytest.mark.parametrize(
    ("origin", "setting", "fixes"),
    [("written", "k", 2), ("default", "k", 2), ("fixed", "k", 1), ("declared", KEEP, 1), ("declared", "k", 2)],
)
def test_only_what_somebody_can_set_is_mended(origin, setting: str, fixes: int) -> None:
    client = component("proxy", fact(KEEP, "300s", origin=origin, setting=setting))
    found = run(hop(client, ends()[1])).findings[0]
    assert len(found.fixes) == fixes
    assert all(fix.span is None for fix in found.fixes if fix.component == "proxy" and origin == "default")


def test_the_primary_place_is_where_something_is_written() -> None:
    client = component("proxy", fact(KEEP, "300s", origin="declared"))
    found = run(hop(client, ends()[1])).findings[0]
    assert [(label.component, label.primary) for label in found.labels] == [("vm", True), ("proxy", False)]


def test_what_a_setting_follows_has_a_label_of_its_own() -> None:
    """The setting that is really written is named beside the one that takes its value; the fingerprint stays."""
    client, server = ends()
    plain = run(hop(client, server)).findings[0]
    (own,) = server.facts[CLOSE]
    followed = replace(own, origin="inherited", follows="connection_timeout")
    (found,) = run(hop(client, replace(server, facts={CLOSE: (followed,)}))).findings
    assert [(label.setting, label.span, label.primary) for label in found.labels] == [
        ("idle_keep", span("p.conf", 3), True),
        ("idle_close", span("v.conf", 7), False),
        ("connection_timeout", span("v.conf", 7), False),
    ]
    assert found.labels[2].text == "idle_close is not set and follows connection_timeout"
    assert found.fingerprint == plain.fingerprint


def test_inner_scopes_become_one_finding() -> None:
    server = component(
        "vm",
        fact(CLOSE, "10s", span("v.conf", 4), scope="location /a"),
        fact(CLOSE, "400s", span("v.conf", 5), scope="location /b"),
        fact(CLOSE, "5s", span("v.conf", 6), scope="location /c"),
    )
    found = run(hop(ends()[0], server)).findings
    assert [(f.labels[1].value, f.count, f.notes) for f in found] == [("10s", 2, ("also idle_close 5s (v.conf:6:1)",))]


def test_timers_of_different_inner_scopes_are_not_mixed() -> None:
    hint = "accept.idle_hint"
    server = component(
        "vm",
        fact(CLOSE, "10s", scope="a"), fact(CLOSE, "20s", scope="b"),
        fact(hint, "9s", scope="a"), fact(hint, "19s", scope="b"),
    )  # fmt: skip
    strict = changed(
        when="has(client.connect.idle_keep)", require="server.accept.idle_hint <= server.accept.idle_close"
    )
    assert run(hop(ends()[0], server), rules=[strict]).findings == ()


def test_one_cause_is_one_finding() -> None:
    client, server = ends()
    places = [hop(client, server, label=f"location /{n}") for n in range(3)]
    found = run(*places).findings
    assert [(f.count, f.notes) for f in found] == [(3, ("and at 2 more places",))]


def test_other_hops_are_named() -> None:
    server = ends()[1]
    at = span("shared.conf", 3)
    hops = [hop(component(f"app{n}", fact(KEEP, "300s", at)), server) for n in range(3)]
    found = run(*hops).findings
    assert [(str(f.hop), f.count, f.notes) for f in found] == [
        ("app0->vm", 3, ("and at 2 more places: app1->vm, app2->vm",))
    ]


def test_many_values_are_judged_by_the_extremes() -> None:
    clients = [fact(KEEP, Finite(n), span(line=n + 1)) for n in range(1, 20)]
    servers = [fact(CLOSE, Finite(n + 5), span(line=n + 1)) for n in range(1, 20)]
    bare = changed(when=None, require="client.connect.idle_keep <= server.accept.idle_close")
    found = run(hop(component("c", *clients), component("s", *servers)), rules=[bare]).findings
    assert [(f.labels[0].value, f.labels[1].value, f.count) for f in found] == [("19us", "6us", 1)]


def test_softening() -> None:
    soft = changed(
        soften='[{when: client.connect.stale_retry == "all", severity: note, because: "{client} retries"},'
        " {when: client.connect.idle_keep > 100s, because: long}]"
    )
    client = component("proxy", fact(KEEP, "300s"), fact("connect.stale_retry", "all"))
    judged = run(hop(client, ends()[1]), rules=[soft]).findings[0]
    assert (judged.severity, judged.notes) == ("note", ("proxy retries", "long"))
    forced = run(hop(client, ends()[1]), rules=[soft], severity={"a-rule": "error"}).findings[0]
    assert (forced.severity, forced.notes) == ("error", ("proxy retries", "long"))


def test_parameters_from_the_configuration() -> None:
    assert run(hop(*ends("9s")), params={"a-rule": {"margin": "2s"}}).findings[0].message == "proxy 9s vm 10s 2s"
    with pytest.raises(RuleError, match="has no parameter"):
        run(hop(*ends()), params={"a-rule": {"nothing": "2s"}})


@pytest.mark.parametrize(
    ("known", "seen"),
    [
        (
            {"stale": {"get": "200", "post": "502", "source": "x"}},
            ("lost requests at proxy", "the client sees: GET 200, POST 502"),
        ),
        ({"stale": "a reset"}, ("lost requests at proxy", "the client sees: a reset")),
        ({}, ("lost requests at proxy",)),
    ],
)
def test_behaviour_of_the_product(known: dict[str, object], seen: tuple[str, ...]) -> None:
    with_behaviour = changed(behaviour="client.stale")
    assert run(hop(*ends()), rules=[with_behaviour], behaviour=lambda product: known).findings[0].seen == seen


@pytest.mark.parametrize(
    ("protocol", "strict", "found"), [("http", "false", 1), ("", "false", 1), ("mysql", "false", 0), ("", "true", 0)]
)
def test_protocols(protocol: str, strict: str, found: int) -> None:
    spoken = changed(protocols="[http]", protocols_strict=strict)
    assert len(run(hop(*ends(), protocol=protocol), rules=[spoken]).findings) == found


def test_flows_are_asked_for_each_box() -> None:
    flow = changed(
        scope="flow", when=None, require="client.connect.idle_keep < box.flow.idle_tcp",
        message='"{box}"', labels="[{of: box.flow.idle_tcp, text: x, primary: true}]",
    )  # fmt: skip
    flow = rule("\n".join(line for line in flow.file.text.splitlines() if not line.startswith("  - {of: ")) + "\n")
    boxes = [component(f"nat{n}", fact("flow.idle_tcp", f"{n}00s", span(line=n)), kind="box") for n in (1, 3, 5)]
    found = run(hop(*ends(), *boxes), rules=[flow]).findings
    assert [(f.message, f.hop) for f in found] == [
        ("nat1", HopRef("proxy", "vm", "nat1")), ("nat3", HopRef("proxy", "vm", "nat3")),
    ]  # fmt: skip


PAIR = (
    RULE.replace("scope: hop", "scope: pair")
    .replace("server.accept", "inner.client.accept")
    .replace("client.connect", "outer.client.connect")
    .replace("{client}", "{outer.client}").replace("{server}", "{inner.server}")
    .replace("from: server, to: client", "from: inner.server, to: outer.client")
    .replace("from: client, to: server", "from: outer.client, to: inner.server")
).replace("inner.outer", "inner")  # fmt: skip


def test_pairs() -> None:
    outer = component("app", fact(KEEP, "300s"))
    middle = component("gw", fact(CLOSE, "10s", span(line=9)))
    pair = Pair(hop(outer, middle), hop(middle, component("db")))
    judged = judge(graph(pair.outer, pair.inner, pairs=(pair,)), [rule(PAIR)])
    assert [(str(f.hop), f.path, f.message) for f in judged.findings] == [
        ("app->gw", ("app", "gw", "db"), "app 300s db 10s 1s")
    ]


COMPONENT = """\
id: a-rule
since: "1"
severity: warning
summary: s
scope: component
require: self.connect.read_stall < never
message: "{self}"
labels: [{of: self.connect.read_stall, text: none, primary: true}]
seen: [x]
why: w
sources: [s]
examples: {}
"""


def test_components_are_callers_only_where_something_says_so() -> None:
    stall = fact("connect.read_stall", NEVER)
    both = component("both", stall)
    lib = component("lib", stall, kind="client")
    used = component("used", stall)
    judged = judge(graph(hop(used, both), hop(lib, both)), [rule(COMPONENT)])
    assert [(f.message, f.count) for f in judged.findings] == [("lib", 2)]
    alone = graph(hop(component("x"), both))
    assert judge(alone, [rule(COMPONENT)]).findings == ()


def test_links_that_lead_nowhere_count_as_calls() -> None:
    from dataclasses import replace

    from tochain.model.component import Address, Link

    link = Link(
        Address("somewhere"), span("c.conf", 5), facts={"connect.read_stall": (fact("connect.read_stall", NEVER),)}
    )
    caller = component("caller", links=(link,))
    lost = replace(
        graph(), components=(caller,), open_ends=(OpenEnd(caller, "somewhere", "nobody", span("c.conf", 5)),)
    )
    assert [f.hop for f in judge(lost, [rule(COMPONENT)]).findings] == [HopRef("caller")]


def test_issues() -> None:
    text = (
        "id: a-rule\nsince: '1'\nseverity: warning\nsummary: s\nscope: setting\nissue: odd\nwhy: w\nsources: [s]\n"
        "message: '{self}: {text}'\nseen: ['{setting} is {value}']\nexamples: {}\n"
    )
    issue = Issue(
        "odd",
        "keepalive",
        "16",
        span("n.conf", 4),
        "does nothing",
        others=((span("n.conf", 9), "because"),),
        fix="do it",
    )
    other = Issue("even", "x", "1", span(), "no")
    sick = component("edge", issues=(issue, other))
    judged = judge(graph(hop(sick, component("b"))), [rule(text)])
    assert [
        (f.message, f.seen, f.notes, [(str(label.span), label.text) for label in f.labels]) for f in judged.findings
    ] == [
        (
            "edge: does nothing", ("keepalive is 16",), ("to mend it: do it",),
            [("n.conf:4:1", "does nothing"), ("n.conf:9:1", "because")],
        )
    ]  # fmt: skip


def test_a_better_explanation_replaces_another() -> None:
    general = rule()
    special = rule("instead_of: [a-rule]\n" + RULE.replace("id: a-rule", "id: b-rule"), "rules/idle-reuse/b-rule.yaml")
    assert [f.rule for f in run(hop(*ends()), rules=[general, special]).findings] == ["b-rule"]
    assert [f.rule for f in run(hop(*ends()), rules=[special, general]).findings] == ["b-rule"]


def test_deprecated_rules_are_silent() -> None:
    assert run(hop(*ends()), rules=[changed(status="deprecated")]).findings == ()


def test_a_rule_that_breaks_costs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(env: Env) -> bool:
        raise ZeroDivisionError("oh")

    monkeypatch.setitem(PREDICATES, "breaks", Predicate("hop", (Ref("client", KEEP),), broken))
    breaking = rule(
        RULE.replace("id: a-rule", "id: b-rule").replace(
            "require: client.connect.idle_keep + margin <= server.accept.idle_close", "predicate: breaks"
        ),
        "rules/idle-reuse/b-rule.yaml",
    )
    judged = run(hop(*ends()), rules=[breaking, rule()])
    assert judged.crashes == ("rule b-rule broke on proxy->vm: ZeroDivisionError: oh",)
    assert [f.rule for f in judged.findings] == ["a-rule"]


def test_predicates(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = Ref("client", KEEP)
    monkeypatch.setitem(
        PREDICATES, "never_kept", Predicate("hop", (keep,), lambda env: None if env.limit(keep) == UNKNOWN else False)
    )
    asking = changed(require=None, predicate="never_kept", when=None)
    assert len(run(hop(*ends()), rules=[asking]).findings) == 1
    assert run(hop(*ends(UNKNOWN)), rules=[asking]).undecided == (
        Undecided("a-rule", HopRef("proxy", "vm"), ("proxy connect.idle_keep",)),
    )


def test_a_telling_that_breaks_is_a_crash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> Finding:
        raise KeyError("label")

    monkeypatch.setattr(judging, "finding_of", broken)
    assert run(hop(*ends())).crashes == ("rule a-rule broke on proxy->vm: KeyError: 'label'",)


def test_the_order_is_that_of_files_and_lines() -> None:
    late = component("z", fact(KEEP, "300s", span("z.conf", 1)))
    early = component("a", fact(KEEP, "300s", span("a.conf", 9)))
    earlier = component("b", fact(KEEP, "300s", span("a.conf", 2)))
    server = ends()[1]
    found = run(hop(late, server), hop(early, server), hop(earlier, server)).findings
    assert [str(f.primary.span) for f in found] == ["a.conf:2:1", "a.conf:9:1", "z.conf:1:1"]


LIMITS = st.sampled_from(
    [None, OFF, NEVER, UNKNOWN, Finite(0), Finite(10**6), Finite(10**9), Word("kernel"), OneOf((OFF, Finite(5)))]
)


@given(LIMITS, LIMITS)
def test_every_pair_of_values_has_exactly_one_outcome(keep: object, close: object) -> None:
    judged = run(hop(*ends(keep, close)))
    assert judged.crashes == ()
    assert len(judged.findings) + len(judged.undecided) <= 1
