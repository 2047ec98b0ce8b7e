"""The formats that CI systems read: GitHub, GitLab, JUnit, markdown."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Failure, JUnitXml
from markdown_it import MarkdownIt

from tochain.model.coverage import FileReport, Problem
from tochain.model.finding import Finding
from tochain.model.result import Result
from tochain.model.span import Pos, Span
from tochain.report import FORMATS
from tochain.report.github import _data, _property
from tochain.report.markdown import code, escape, fenced
from tochain.report.view import View

GITHUB = """\
::warning file=tochain.yaml,line=6,col=3,title=tochain%3A session-outlives-server,endLine=6,endColumn=5::\
pool keeps sessions for ever, db ends them after 8h%0A\
db has wait_timeout 8h by default (mysql, any version, \
https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html): session ended after 8h idle
::error file=vm/nginx.conf,line=2,col=21,title=tochain%3A idle-reuse-race,endLine=2,endColumn=24::\
proxy reuses idle connections for up to 300s, vm closes them after 10s%0A\
vm/nginx.conf:2:21: already closed after 10s idle%0A\
tochain.yaml:5:33: may be reused after 300s idle%0A\
fix (unsafe): vm: keepalive_timeout 301s
::notice file=vm/b.conf,line=4,col=5,title=tochain%3A not understood,endLine=4,endColumn=21::\
unknown directive "keepalive_timout"; nearest: keepalive_timeout
::error file=vm/broken.conf,line=3,col=7,title=tochain%3A not understood,endLine=3,endColumn=8::\
expected ';' or '{', found the end of the file
read 4 files: 1 understood, 1 partly (1 problem), 1 not recognised, 1 failed; 4 components, 3 hops
1 error, 1 warning; 2 undecided; 1 suppressed
"""


def test_github(result: Result, view: View) -> None:
    assert FORMATS["github"](result, view) == GITHUB


def test_github_commands_cannot_be_smuggled_in(race: Finding) -> None:
    evil = "100%,:\r\n::set-output name=x::y"
    close = race.labels[0]
    span = Span(f"a{evil}.conf", Pos(1, 1), Pos(1, 1))
    told = replace(race, message=evil, labels=(replace(close, span=span, text=evil),), fixes=())
    shown = FORMATS["github"](Result(findings=(told,), crashes=(evil,)), View()).splitlines()
    assert shown[:2] == [
        "::error file=a100%25%2C%3A %3A%3Aset-output name=x%3A%3Ay.conf,line=1,col=1,title=tochain%3A idle-reuse-race::"
        "100%25,: ::set-output name=x::y%0Aa100%25,: ::set-output name=x::y.conf:1:1: 100%25,: ::set-output name=x::y",
        "::error title=tochain%3A internal error::100%25,: ::set-output name=x::y",
    ]
    assert len(shown) == 4


def unescape(text: str, names: dict[str, str]) -> str:
    for written, char in names.items():
        text = text.replace(written, char)
    return text.replace("%25", "%")


@given(st.text())
def test_github_values_read_back(text: str) -> None:
    ends = {"%0D": "\r", "%0A": "\n"}
    assert unescape(_data(text), ends) == text
    if text.isprintable():
        assert unescape(_property(text), ends | {"%3A": ":", "%2C": ","}) == text
    assert not set("\r\n:,") & set(_property(text))


# What GitLab's documentation asks of a report: these keys, one of five severities, a path from the repository's root.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/|\\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer", "minimum": 1},
                        },
                        "additionalProperties": False,
                    },
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
}


def test_gitlab(result: Result, view: View) -> None:
    issues = json.loads(FORMATS["gitlab"](result, view))
    jsonschema.Draft202012Validator(GITLAB).validate(issues)
    assert [(i["check_name"], i["severity"], i["location"], i["description"]) for i in issues] == [
        (
            "session-outlives-server",
            "minor",
            {"path": "tochain.yaml", "lines": {"begin": 6, "end": 6}},
            "pool keeps sessions for ever, db ends them after 8h",
        ),
        (
            "idle-reuse-race",
            "major",
            {"path": "vm/nginx.conf", "lines": {"begin": 2, "end": 2}},
            "proxy reuses idle connections for up to 300s, vm closes them after 10s; "
            "tochain.yaml:5: may be reused after 300s idle",
        ),
        (
            "file-not-read",
            "major",
            {"path": "vm/broken.conf", "lines": {"begin": 3, "end": 3}},
            "expected ';' or '{', found the end of the file",
        ),
    ]


def test_gitlab_fingerprints_are_stable_and_unique(race: Finding) -> None:
    def prints(*findings: Finding) -> list[str]:
        return [issue["fingerprint"] for issue in json.loads(FORMATS["gitlab"](Result(findings=findings), View()))]

    close = race.labels[0]
    moved = replace(race, labels=(replace(close, span=Span("vm/nginx.conf", Pos(9, 1), Pos(9, 4))),))
    assert prints(race) == prints(moved)
    assert len(set(prints(race, moved))) == 2
    assert prints(race, moved)[0] == prints(race)[0]


JUNIT = """\
<?xml version="1.0" encoding="utf-8"?>
<testsuites name="tochain" tests="4" failures="1" errors="2">
  <testsuite name="a&lt;&quot;.conf" tests="2" failures="1" errors="0">
    <testcase classname="a&lt;&quot;.conf" name="idle-reuse-race 2:21" line="2">
      <failure type="error" message="&lt;b&gt;&amp;&quot;c&quot;">error[idle-reuse-race]: &lt;b&gt;&amp;&quot;c&quot;
  --&gt; a&lt;&quot;.conf:2:21
   = already closed after 10s idle
   = more: tochain explain idle-reuse-race</failure>
    </testcase>
    <testcase classname="a&lt;&quot;.conf" name="idle-reuse-race 2:21" line="2">
      <system-out>note[idle-reuse-race]: ]]&gt;␀\ufffd
  --&gt; a&lt;&quot;.conf:2:21
   = already closed after 10s idle
   = more: tochain explain idle-reuse-race</system-out>
    </testcase>
  </testsuite>
  <testsuite name="b.conf" tests="1" failures="0" errors="1">
    <testcase classname="b.conf" name="file could not be read">
      <error type="file could not be read" message="could not be read">could not be read</error>
    </testcase>
  </testsuite>
  <testsuite name="tochain" tests="1" failures="0" errors="1">
    <testcase classname="tochain" name="internal error">
      <error type="internal error" message="a rule broke">a rule broke</error>
    </testcase>
  </testsuite>
</testsuites>
"""


def test_junit(race: Finding) -> None:
    span = race.labels[0].span._replace(path='a<".conf')
    labels = (replace(race.labels[0], span=span),)
    error = replace(race, message='<b>&"c"', labels=labels, path=(), seen=(), fixes=(), fingerprint="")
    note = replace(error, severity="note", message="]]>\x00\uffff")
    result = Result(files=(FileReport("b.conf", "nginx", "failed"),), findings=(error, note), crashes=("a rule broke",))
    shown = FORMATS["junit"](result, View())
    assert shown == JUNIT
    ElementTree.fromstring(shown)


def test_junit_of_a_whole_run(result: Result, view: View) -> None:
    root = ElementTree.fromstring(FORMATS["junit"](result, view))
    assert root.attrib == {"name": "tochain", "tests": "5", "failures": "2", "errors": "1"}
    assert [
        (suite.get("name"), case.get("name"), [child.tag for child in case]) for suite in root for case in suite
    ] == [
        ("notes.txt", "no finding", []),
        ("tochain.yaml", "session-outlives-server 6:3", ["failure"]),
        ("vm/b.conf", "no finding", []),
        ("vm/broken.conf", "file could not be read", ["error"]),
        ("vm/nginx.conf", "idle-reuse-race 2:21", ["failure"]),
    ]


def test_a_consumer_reads_it(result: Result, view: View) -> None:
    """junitparser, which other tools read such files with."""
    suites = list(JUnitXml.fromstring(FORMATS["junit"](result, view).encode()))
    assert [(suite.name, suite.tests, suite.failures, suite.errors) for suite in suites] == [
        ("notes.txt", 1, 0, 0), ("tochain.yaml", 1, 1, 0), ("vm/b.conf", 1, 0, 0), ("vm/broken.conf", 1, 0, 1), ("vm/nginx.conf", 1, 1, 0),
    ]  # fmt: skip
    (failure,) = next(iter(suites[-1])).result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == (
        "error",
        "proxy reuses idle connections for up to 300s, vm closes them after 10s",
    )


@given(st.text())
def test_junit_is_xml_whatever_is_in_it(text: str) -> None:
    problem = Problem(text, Span(text, Pos(1, 1), Pos(1, 2)), "failed")
    files = (FileReport(text, "nginx", "failed", [problem]),)
    ElementTree.fromstring(FORMATS["junit"](Result(files=files, crashes=(text,)), View()))


MARKDOWN = """\
## tochain

**1 error, 1 warning; 2 undecided; 1 suppressed**

read 4 files: 1 understood, 1 partly (1 problem), 1 not recognised, 1 failed; 4 components, 3 hops

| | place | rule | message |
|---|---|---|---|
| warning | `tochain.yaml:6:3` | `session-outlives-server` | pool keeps sessions for ever, db ends them after 8h |
| error | `vm/nginx.conf:2:21` | `idle-reuse-race` | \
proxy reuses idle connections for up to 300s, vm closes them after 10s |

<details><summary>Places and fixes</summary>

```text
warning[session-outlives-server]: pool keeps sessions for ever, db ends them after 8h
  --> tochain.yaml:6:3
   |
 6 |   db: {product: mysql}
   |   ^^ session ended after 8h idle
   = note: db has wait_timeout 8h by default (mysql, any version, \
https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html)
   = note: the version of db is not known
   = confidence: medium
   = note: 2 more places like this
   = more: tochain explain session-outlives-server, or --finding fedcba987654

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
```

</details>

<details><summary>Not understood</summary>

```text
vm/b.conf:4:5: unknown directive "keepalive_timout"; nearest: keepalive_timeout
vm/broken.conf:3:7: expected ';' or '{', found the end of the file
```

</details>
"""


def test_markdown(result: Result, view: View) -> None:
    assert FORMATS["markdown"](result, view) == MARKDOWN


def test_markdown_with_nothing_to_say() -> None:
    assert FORMATS["markdown"](Result(), View()) == (
        "## tochain\n\n**0 errors, 0 warnings**\n\nread 0 files; 0 components, 0 hops\n"
    )


def test_markdown_with_undecided(result: Result) -> None:
    asked = FORMATS["markdown"](replace(result, files=(), findings=()), View(undecided=True))
    assert asked.endswith(
        "<details><summary>Undecided</summary>\n\n```text\n"
        "undecided[deadline-outer-first]: app->proxy needs app connect.request_total (2 times)\n```\n\n</details>\n"
    )


def test_a_comment_does_not_get_too_long(race: Finding, view: View) -> None:
    shown = FORMATS["markdown"](Result(findings=(race,) * 500), replace(view, lines=lambda path: None))
    assert "\n\n... and " in shown
    assert len(shown.split("<details>")[1]) < 51_000


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", "a\\|b"),
        ("<script>", "\\<script\\>"),
        ("[x](y) *b* `c`", "\\[x\\](y) \\*b\\* \\`c\\`"),
        ("@everyone #12", "@&#8203;everyone \\#&#8203;12"),
        ("&amp; a\nb", "\\&amp; a b"),
    ],
)
def test_escaping_for_markdown(text: str, written: str) -> None:
    assert escape(text) == written


@given(st.text(alphabet="`|a <>[]()*_\\#@&!~-\n"))
def test_markdown_shows_hostile_text_as_it_is(text: str) -> None:
    flat = " ".join(text.split())
    html = MarkdownIt("gfm-like", {"linkify": False}).render(
        f"| h | c |\n|---|---|\n| x {escape(text)} | {code(text)} |\n"
    )
    cells = html.split("<tbody>")[1].split("<td>")[1:]
    assert len(cells) == 2
    assert "<" not in cells[0].split("</td>")[0]
    if flat:
        assert html.count("<code>") == 1


@given(st.text(alphabet="`a\n ~"))
def test_a_fence_is_not_closed_from_within(text: str) -> None:
    html = MarkdownIt().render(fenced(text))
    assert html.count("<pre>") == html.count("</pre>") == 1
    assert html.startswith("<pre>")
    assert html.endswith("</pre>\n")
