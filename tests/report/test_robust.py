"""Every format, whatever a result holds: no exception, UTF-8, nothing a terminal would obey, always the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tochain.model.coverage import FileReport, Problem
from tochain.model.finding import FAMILIES, Finding, Fix, HopRef, Label, Step, Undecided
from tochain.model.result import Result
from tochain.model.span import Pos, SourceFile, Span
from tochain.report import FORMATS
from tochain.report.explain import explain_finding
from tochain.report.style import COLOUR
from tochain.report.view import View

TEXT = st.text(max_size=12) | st.sampled_from(
    ["\x1b[31m", "\ud800", "a\r\nb", "\u202e", "::error::", "``` |", "<x>", "%0A"]
)
POS = st.builds(Pos, st.integers(1, 9), st.integers(1, 40))
SPAN = st.builds(Span, TEXT, POS, POS)
ORIGIN = st.sampled_from(["written", "inherited", "default", "fixed", "declared", "assumed"])
HOP = st.builds(HopRef, TEXT, TEXT, st.none() | TEXT)
LABEL = st.builds(
    Label,
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    st.none() | st.floats(0, 9),
    ORIGIN,
    SPAN,
    TEXT,
    st.none() | TEXT,
    TEXT,
    st.booleans(),
)
FINDING = st.builds(
    Finding,
    rule=TEXT,
    family=st.sampled_from(FAMILIES),
    severity=st.sampled_from(["error", "warning", "note"]),
    message=TEXT,
    hop=HOP,
    path=st.lists(TEXT, max_size=3).map(tuple),
    labels=st.lists(LABEL, min_size=1, max_size=3).map(tuple),
    seen=st.lists(TEXT, max_size=2).map(tuple),
    fixes=st.lists(st.builds(Fix, TEXT, TEXT, TEXT, TEXT), max_size=1).map(tuple),
    steps=st.lists(
        st.builds(Step, st.none() | st.integers(0, 10**12), TEXT, TEXT, TEXT, st.none() | LABEL), max_size=2
    ).map(tuple),
    notes=st.lists(TEXT, max_size=1).map(tuple),
)
PROBLEM = st.builds(Problem, TEXT, SPAN, st.sampled_from(["partly", "failed"]))
STATUS = st.sampled_from(["understood", "partly", "unrecognised", "failed"])
RESULT = st.builds(
    Result,
    files=st.lists(st.builds(FileReport, TEXT, st.none(), STATUS, st.lists(PROBLEM, max_size=2)), max_size=2).map(
        tuple
    ),
    findings=st.lists(FINDING, max_size=2).map(tuple),
    undecided=st.lists(st.builds(Undecided, TEXT, HOP, st.just(("a",))), max_size=2).map(tuple),
    crashes=st.lists(TEXT, max_size=1).map(tuple),
)


def harmless(text: str) -> bool:
    text.encode("utf-8")
    return not any((ord(char) < 0x20 and char != "\n") or 0x7F <= ord(char) < 0xA0 or char == "\u202e" for char in text)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40)
@given(result=RESULT, source=TEXT)
def test_every_format_bears_everything(name: str, result: Result, source: str) -> None:
    view = View(lines=lambda path: SourceFile(path, source), undecided=True)
    shown = FORMATS[name](result, view)
    assert harmless(shown)
    assert shown.endswith("\n")
    assert FORMATS[name](result, view) == shown


@given(FINDING, TEXT)
def test_an_explanation_bears_everything(finding: Finding, source: str) -> None:
    assert harmless(explain_finding(finding, View(lines=lambda path: SourceFile(path, source))))


@given(RESULT)
def test_colour_is_the_only_escape_sequence(result: Result) -> None:
    plain = FORMATS["text"](result, View())
    coloured = FORMATS["text"](result, View(style=COLOUR))
    for code in ("1;31", "1;33", "1;36", "1;34", "1", "2", "32", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain
