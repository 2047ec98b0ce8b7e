from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.make import RULE, changed, rule
from tochain.engine.logic import Texts, exactly
from tochain.engine.nodes import Ref
from tochain.engine.rulefile import RuleFile
from tochain.engine.schema import Parameter, load_rules, read_value, rules_dir
from tochain.model.errors import RuleError

ROOT = Path(__file__).parent.parent.parent


def test_a_rule() -> None:
    found = rule()
    assert (found.id, found.family, found.severity, found.scope, found.status) == (
        "a-rule", "idle-reuse", "error", "hop", "stable",
    )  # fmt: skip
    assert found.needs == (Ref("client", "connect.idle_keep"), Ref("server", "accept.idle_close"))
    assert found.params == {"margin": Parameter("time", exactly(1_000_000), "1s", "something")}
    assert found.data["summary"] == "something" and found.data["family"] == "idle-reuse"
    assert "examples" not in found.data
    assert found.examples == {}
    found.check()


def test_judging_reads_neither_examples_nor_what_a_finding_says() -> None:
    broken = RULE.replace("examples: {}", "examples: [").replace('"kept {value}"', '"kept {valu}"')
    found = rule(broken)
    assert found.require is not None
    with pytest.raises(RuleError, match=r"text: no name 'valu'"):
        assert found.detail


# (line replaced, by what, place and message)
WRONG = [
    ("id: a-rule", "id: b-rule", "1:5: id: 'b-rule' must be lower-case words with - and the file's name, 'a-rule'"),
    ("severity: error", "severity: eror", "4:11: severity: 'eror' is not known; did you mean 'error'?"),
    ("scope: hop", "scope: hops", "6:8: scope: 'hops' is not known; did you mean 'hop'?"),
    ("scope: hop\n", "", "1:1: scope is missing"),
    ("scope: hop", "scope: setting", "6:8: the scope setting and the key issue belong together"),
    ("status: stable", "status: new", "2:9: status: 'new' is not known; allowed: preview, stable, deprecated"),
    (
        "when: not off(client.connect.idle_keep)",
        "when: not off(client.connect.idle_kep)",
        "7:15: when: no timer 'connect.idle_kep'; nearest: client.connect.idle_keep",
    ),
    ("<= server", "<= 5", "8:16: require: not an expression"),
    (
        "+ margin <= server",
        "+ margn <= server",
        "8:37: require: no name 'margn' in the scope hop; did you mean 'margin'?",
    ),
    (
        "margin: {default: 1s, help: something}",
        "margin: {default: 1s}",
        "10:11: parameter margin: default and help are needed",
    ),
    (
        "margin: {default: 1s, help: something}",
        "margin: {default: 1s, hlp: x}",
        "10:25: unknown key 'hlp'; did you mean 'help'?",
    ),
    ("message:", "masage:", "11:1: unknown key 'masage'; did you mean 'message'?"),
    ('{margin}"', '{margn}"', "11:84: message: no name 'margn'"),
    (
        '{of: server.accept.idle_close, text: "closed {value}"}',
        "{of: server.accept.idle_close}",
        "14:5: labels: text is missing",
    ),
    (
        "of: server.accept.idle_close",
        "of: server.accept.idle_close + 1s",
        "14:10: of: expected a timer, or min, max or earliest of timers",
    ),
    ("primary: true", "primary: yes", "13:67: primary: 'yes' is not known; allowed: true, false"),
    (", primary: true", "", "12:1: labels: one must be primary"),
    (
        "from: client, to: server",
        "from: clint, to: server",
        "18:42: from: 'clint' is not known; did you mean 'client'?",
    ),
    ("at: 0s", "at: 0", "16:10: at: expected a time, this is a count"),
    ("{set: server.accept.idle_close", "{set: 1s", "22:11: set: expected one timer"),
    ("safety: safe", "safety: sure", "22:84: safety: 'sure' is not known; did you mean 'safe'?"),
    ("why: because\n", "", "1:1: why is missing"),
    ("sources: [https://example.com/]", "sources: []", "1:1: sources is missing"),
    ("sources: [https://example.com/]", "sources: https://example.com/", "24:10: sources: expected a list"),
    ("seen:", "seen: [a\nseen:", "20:"),
    ("status: stable", "status: stable\nstatus: stable", "3:1: duplicate key 'status', first at 2:1"),
    ("require: ", "requires: ", "1:1: exactly one of require, predicate and issue is needed"),
    ("require: ", "predicate: x\nrequire: ", "8:1: exactly one of require, predicate and issue is needed"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG, ids=[row[2][:60] for row in WRONG])
def test_wrong_files(old: str, new: str, message: str) -> None:
    assert old in RULE
    with pytest.raises(RuleError) as caught:
        rule(RULE.replace(old, new)).check()
    assert str(caught.value).startswith(f"rules/idle-reuse/a-rule.yaml:{message}")


def test_a_folder_that_is_no_family() -> None:
    with pytest.raises(RuleError, match="the folder 'mine' is no family; say family: with one of idle-reuse"):
        rule(path="ops/mine/a-rule.yaml")
    assert rule("family: retry\n" + RULE, "ops/mine/a-rule.yaml").family == "retry"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2s", ("time", exactly(2_000_000))),
        ("10", ("count", exactly(10))),
        ("all", ("word", Texts(frozenset({"all"})))),
        ("never", ("word", Texts(frozenset({"never"})))),
    ],
)
def test_values_of_parameters(text: str, expected: object) -> None:
    assert read_value(text) == expected


def test_given_parameters() -> None:
    assert rule().values({"margin": "2s"}) == {"margin": exactly(2_000_000)}
    with pytest.raises(RuleError, match="a-rule: parameter margin is a time, such as 1s; got '2'"):
        rule().values({"margin": "2"})
    with pytest.raises(RuleError, match="a-rule has no parameter 'margn'; it has: margin"):
        rule().values({"margn": "2s"})


def test_where_rules_are() -> None:
    assert rules_dir() == ROOT / "rules"


def test_own_rules(tmp_path: Path) -> None:
    (tmp_path / "a-rule.yaml").write_text("family: retry\n" + RULE)
    rules = load_rules([tmp_path])
    assert [r.id for r in rules if r.file.path.startswith(str(tmp_path))] == ["a-rule"]
    (tmp_path / "a-rule.yaml").write_text("family: retry\n" + RULE.replace("why: because\n", ""))
    with pytest.raises(RuleError, match="why is missing"):
        load_rules([tmp_path])


def test_own_rules_must_have_ids_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "idle-reuse-race.yaml").write_text(
        "family: retry\n" + RULE.replace("id: a-rule", "id: idle-reuse-race")
    )
    with pytest.raises(RuleError, match="the id 'idle-reuse-race' is taken by"):
        load_rules([tmp_path])


def test_a_folder_without_rules(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rule files"):
        load_rules([tmp_path])


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a-rule.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RuleError, match="cannot be read"):
        load_rules([tmp_path])


def test_places_of_what_is_not_there() -> None:
    file = RuleFile("x.yaml", RULE, "retry")
    assert str(file.span(("wire", 9, "at"))) == "x.yaml:16:3"
    assert str(RuleFile("x.yaml", "", "retry").span(("id",))) == "x.yaml:1:1"


def test_issue_rules() -> None:
    text = (
        "id: a-rule\nsince: '1'\nseverity: note\nsummary: s\nscope: setting\nissue: odd\nwhy: w\nsources: [s]\n"
        "message: '{self} {setting} {value} {text}'\nexamples: {}\n"
    )
    found = rule(text)
    found.check()
    assert (found.issue, found.require) == ("odd", None)


def test_a_predicate_must_exist() -> None:
    with pytest.raises(RuleError, match="predicate: 'x' is not known"):
        changed(require=None, predicate="x")
