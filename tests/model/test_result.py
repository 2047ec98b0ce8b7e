import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.model.coverage import FileReport, Problem
from tochain.model.finding import FAMILIES, Finding, Fix, HopRef, Label, Step, Undecided
from tochain.model.result import Result
from tochain.model.span import Pos, Span

TEXT = st.text(max_size=8)
POS = st.builds(Pos, st.integers(1, 99), st.integers(1, 99))
SPAN = st.builds(Span, TEXT, POS, POS)
ORIGIN = st.sampled_from(["written", "inherited", "default", "fixed", "declared", "assumed"])
HOP = st.builds(HopRef, TEXT, TEXT, st.none() | TEXT)
SECONDS = st.none() | st.floats(0, 1e9)
LABEL = st.builds(Label, TEXT, TEXT, TEXT, TEXT, SECONDS, ORIGIN, SPAN, TEXT, st.none() | TEXT, TEXT, st.booleans())
FIX = st.builds(Fix, TEXT, TEXT, TEXT, TEXT, st.sampled_from(["safe", "unsafe"]), st.none() | SPAN)
STEP = st.builds(Step, st.none() | st.integers(0, 10**30), TEXT, TEXT, TEXT, st.none() | LABEL)
SOME = {"max_size": 2}
TUPLES = st.lists(TEXT, **SOME).map(tuple)
FINDING = st.builds(
    Finding,
    rule=TEXT,
    family=st.sampled_from(FAMILIES),
    severity=st.sampled_from(["error", "warning", "note"]),
    message=TEXT,
    hop=HOP,
    path=TUPLES,
    labels=st.lists(LABEL, min_size=1, **SOME).map(tuple),
    seen=TUPLES,
    fixes=st.lists(FIX, **SOME).map(tuple),
    steps=st.lists(STEP, **SOME).map(tuple),
    notes=TUPLES,
    confidence=st.sampled_from(["high", "medium"]),
    count=st.integers(1, 9),
    fingerprint=TEXT,
    extra=st.dictionaries(TEXT, TEXT, **SOME),
)
STATUS = st.sampled_from(["understood", "partly", "unrecognised", "failed"])
PROBLEM = st.builds(Problem, TEXT, SPAN, st.sampled_from(["partly", "failed"]))
FILE = st.builds(FileReport, TEXT, st.none() | TEXT, STATUS, st.lists(PROBLEM, **SOME))
RESULT = st.builds(
    Result,
    files=st.lists(FILE, **SOME).map(tuple),
    findings=st.lists(FINDING, **SOME).map(tuple),
    undecided=st.lists(st.builds(Undecided, TEXT, HOP, TUPLES), **SOME).map(tuple),
    suppressed=st.integers(0, 9),
    components=st.integers(0, 9),
    hops=st.integers(0, 9),
    crashes=TUPLES,
)


@given(RESULT)
def test_the_json_form_loses_nothing(result: Result) -> None:
    assert Result.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema 2; expected 1"):
        Result.from_json({"schema": 2})


def finding(rule: str, severity: str, path: str = "a.conf", line: int = 1, column: int = 1) -> Finding:
    span = Span(path, Pos(line, column), Pos(line, column + 1))
    label = Label("vm", "accept.idle_close", "keepalive_timeout", "10s", 10.0, "written", span, "closed", primary=True)
    return Finding(rule, "idle-reuse", severity, "m", HopRef("a", "b"), (), (label,))  # type: ignore[arg-type]


def test_findings_are_ordered_by_file_line_column_rule() -> None:
    wanted = [
        finding("b", "note", "a.conf", 2, 9),
        finding("b", "note", "a.conf", 10, 1),
        finding("a", "note", "a.conf", 10, 2),
        finding("b", "note", "a.conf", 10, 2),
        finding("a", "note", "b.conf", 1, 1),
    ]
    assert list(Result(findings=tuple(reversed(wanted))).findings) == wanted


@pytest.mark.parametrize(
    ("severities", "files", "crashes", "fail_on", "code"),
    [
        ([], [], (), "warning", 0),
        (["note"], [], (), "warning", 0),
        (["note"], [], (), "note", 1),
        (["warning"], [], (), "warning", 1),
        (["warning"], [], (), "error", 0),
        (["error"], [], (), "error", 1),
        ([], ["unrecognised", "partly"], (), "note", 0),
        ([], ["failed"], (), "warning", 2),
        ([], [], ("a rule broke",), "warning", 2),
        (["error"], ["failed"], (), "warning", 3),
        (["note"], ["failed"], (), "warning", 2),
    ],
)
def test_the_exit_status_is_two_bits(severities, files, crashes, fail_on, code) -> None:
    result = Result(
        files=tuple(FileReport(f"{at}.conf", status=status) for at, status in enumerate(files)),
        findings=tuple(finding("r", severity) for severity in severities),
        crashes=crashes,
    )
    assert result.exit_code(fail_on) == code
