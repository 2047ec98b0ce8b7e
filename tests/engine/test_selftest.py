"""The checks of rules must themselves notice what they are for."""

from __future__ import annotations

import pytest

from tests.engine.make import RULE, changed, component, fact, graph, hop, rule, span
from tochain.engine.grid import check_grid, directions
from tochain.engine.mutate import mutants
from tochain.engine.nodes import Ref
from tochain.engine.selftest import Sample, check_rule, check_rules, unfired
from tochain.engine.wire import backwards, happens

KEEP, CLOSE = "connect.idle_keep", "accept.idle_close"
FIND = '[{at: "k:1:1-6", with: "c:1:1-6"}]'


def read(files: dict[str, str]) -> Sample:
    """A file k says how long the client keeps, a file c when the server closes; "?" is a problem."""
    client = component("a", *([fact(KEEP, files["k"], span("k"))] if "k" in files else []))
    server = component("b", *([fact(CLOSE, files["c"], span("c"))] if "c" in files else []))
    return Sample(graph(hop(client, server)), problems=("cannot read",) if "?" in files else ())


EXAMPLES = f"""\
examples:
  bad:
    - {{name: kept too long, files: {{k: 300s, c: 10s}}, find: {FIND}, fixed: {{k: 9s}}}}
    - {{name: less than the margin, files: {{k: 9500ms, c: 10s}}, find: {FIND}}}
  good:
    - {{name: a second shorter, files: {{k: 9s, c: 10s}}}}
    - {{name: nothing kept, files: {{k: off, c: 500ms}}}}
  undecided:
    - {{name: not known, files: {{k: 300s}}, needs: [b accept.idle_close]}}
"""
GOOD = RULE.replace("examples: {}\n", EXAMPLES)


def failures(text: str) -> list[str]:
    found = rule(text)
    return [str(failure) for failure in check_rule(found, [found], read)]


def test_a_rule_that_is_right() -> None:
    assert failures(GOOD) == []
    assert check_rules([rule(GOOD)], read) == []


EXPECTED = "[{'at': 'k:1:1-6', 'with': ['c:1:1-6']}]"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("summary: something", "summary: ''", "schema: rules/idle-reuse/a-rule.yaml:1:1: summary is missing"),
        (
            "{k: 300s, c: 10s}",
            "{k: 9s, c: 10s}",
            f"bad, example 'kept too long': expected {EXPECTED}, found []",
        ),
        (
            "{k: 9s, c: 10s}}",
            "{k: 90s, c: 10s}}",
            f"good, example 'a second shorter': expected [], found {EXPECTED}",
        ),
        ("fixed: {k: 9s}", "fixed: {k: 11s}", "fixed, example 'kept too long': a-rule is found in the mended files"),
        (
            "needs: [b accept.idle_close]",
            "needs: [a connect.idle_keep]",
            "undecided, example 'not known': needs: expected ['a connect.idle_keep'], found ['b accept.idle_close']",
        ),
        (
            "files: {k: 300s}, needs: [b accept.idle_close]",
            "files: {k: 300s}",
            "schema, example 'not known': needs is missing",
        ),
        (
            "nothing kept, files: {k: off, c: 500ms}",
            "nothing kept, files: {k: 5s}",
            "good, example 'nothing kept': is undecided, it would need ['b accept.idle_close']",
        ),
        ("{k: off, c: 500ms}", "{k: off, c: 500ms, '?': x}", "good, example 'nothing kept': cannot read"),
        ("name: nothing kept", "nam: nothing kept", "good: an example has name and files"),
        (
            "find: [",
            "fnd: [",
            "schema, example 'kept too long': unknown key 'fnd'; allowed: also, files, find, fixed, name, needs",
        ),
        ("  good:\n", "  goods:\n", "schema: at least one good example is needed"),
        (
            "at: client.connect.idle_keep, from",
            "at: 1s, from",
            "double entry, example 'kept too long': the wire story runs backwards by 9000000 microseconds",
        ),
        (
            "    - {name: nothing kept, files: {k: off, c: 500ms}}\n",
            "",
            "mutation: no example tells the rule from one without when",
        ),
        (
            "    - {name: less than the margin, files: {k: 9500ms, c: 10s}, find: " + FIND + "}\n",
            "",
            "mutation: no example tells the rule from one with margin 0",
        ),
    ],
)
def test_what_is_noticed(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = failures(GOOD.replace(old, new))
    assert any(failure.startswith("a-rule: ") and failure.endswith(expected) for failure in found), found


def test_other_rules_must_be_silent_too() -> None:
    other = rule(GOOD.replace("id: a-rule", "id: b-rule"), "rules/idle-reuse/b-rule.yaml")
    found = rule(GOOD)
    messages = [str(failure) for failure in check_rule(found, [found, other], read)]
    assert "a-rule: bad, example 'kept too long': other rules: expected [], found ['b-rule']" in messages
    also = rule(GOOD.replace("find: [{", "also: [b-rule], find: [{"))
    assert [str(f) for f in check_rule(also, [also, other], read) if f.check != "fixed"] == []


def test_timers_that_help_and_hinder_have_no_direction() -> None:
    twisted = changed(
        require="client.connect.idle_keep > 10s or client.connect.idle_keep < 1s and has(server.accept.idle_close)"
    )
    assert directions(twisted.require) == {Ref("client", KEEP): 0, Ref("server", CLOSE): 0}  # type: ignore[arg-type]


def test_directions() -> None:
    require = rule().require
    assert require is not None
    assert directions(require) == {Ref("client", KEEP): -1, Ref("server", CLOSE): 1}
    turned = changed(require="not (client.connect.idle_keep >= server.accept.idle_close - 1s)").require
    assert turned is not None
    assert directions(turned) == {Ref("client", KEEP): -1, Ref("server", CLOSE): 1}


def test_a_story_against_the_inequality_is_noticed_on_the_grid() -> None:
    against = rule(RULE.replace("at: client.connect.idle_keep, from", "at: 0s, from"))
    assert any(
        message.startswith("double entry: the rule is violated but its wire story runs backwards at ")
        for message in check_grid(against)
    )
    assert check_grid(rule()) == []


def test_mutants() -> None:
    assert [what for what, _ in mutants(rule())] == [
        "with comparison 1 of require turned around",
        "without when",
        "with margin 0",
    ]
    several = changed(
        require="not (1s < client.connect.idle_keep) or has(client.connect.max_age) and 2s >= server.accept.idle_close"
    )
    assert [what for what, _ in mutants(several)][:2] == [
        "with comparison 1 of require turned around",
        "with comparison 2 of require turned around",
    ]


def test_unfired() -> None:
    assert unfired([rule(), changed(status="deprecated")], []) == ["a-rule"]


@pytest.mark.parametrize(
    ("times", "back"),
    [([0, 10, 300], 0), ([0, 10, 9], 1), ([0, None, 5], 0), ([], 0), ([5, None, 3, 4], 2)],
)
def test_backwards(times: list[int | None], back: int) -> None:
    assert backwards(times) == back


def test_happens() -> None:
    never = 10**24
    assert happens([0, 5]) and not happens([0, None]) and not happens([0, never])
