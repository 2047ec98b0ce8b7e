from dataclasses import replace

from tochain.model.coverage import FileReport, Problem
from tochain.model.finding import Fix
from tochain.model.result import Result
from tochain.model.span import Pos, Span
from tochain.report import FORMATS
from tochain.report.style import COLOUR
from tochain.report.text import finding_lines
from tochain.report.view import View

WHOLE = """\
warning[session-outlives-server]: pool keeps sessions for ever, db ends them after 8h
  --> tochain.yaml:6:3
   |
 6 |   db: {product: mysql}
   |   ^^ session ended after 8h idle
   = note: db has wait_timeout 8h by default (mysql, any version, https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html)
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

vm/b.conf:4:5: unknown directive "keepalive_timout"; nearest: keepalive_timeout
vm/broken.conf:3:7: expected ';' or '{', found the end of the file

read 4 files: 1 understood, 1 partly (1 problem), 1 not recognised, 1 failed; 4 components, 3 hops
1 error, 1 warning; 2 undecided (--undecided); 1 suppressed
"""


def test_the_whole_run(result: Result, view: View) -> None:
    assert FORMATS["text"](result, view) == WHOLE


def test_undecided_is_shown_when_asked_for(result: Result, view: View) -> None:
    asked = FORMATS["text"](result, replace(view, undecided=True))
    extra = "undecided[deadline-outer-first]: app->proxy needs app connect.request_total (2 times)\n\n"
    at = WHOLE.index("read 4 files")
    assert asked == (WHOLE[:at] + extra + WHOLE[at:]).replace(" (--undecided)", "")


def test_nothing_found() -> None:
    result = Result(files=(FileReport("nginx.conf", "nginx"),), components=1)
    assert FORMATS["text"](result, View()) == ("read 1 file: 1 understood; 1 component, 0 hops\n0 errors, 0 warnings\n")


def test_nothing_read() -> None:
    assert FORMATS["text"](Result(), View()) == "read 0 files; 0 components, 0 hops\n0 errors, 0 warnings\n"


def test_a_crash_is_told_apart_from_findings() -> None:
    result = Result(crashes=("rule idle-reuse-race on proxy->vm: division by zero",))
    assert (
        FORMATS["text"](result, View())
        == """\
internal error: rule idle-reuse-race on proxy->vm: division by zero
This is a fault of tochain, not of your files; please report it. Everything else was checked.

read 0 files; 0 components, 0 hops
0 errors, 0 warnings; 1 internal error
"""
    )


def test_many_problems_of_one_file_are_cut_short() -> None:
    spans = [Span("a.conf", Pos(line, 1), Pos(line, 2)) for line in range(1, 14)]
    file = FileReport("a.conf", "nginx", "partly", [Problem(f"strange {span.start.line}", span) for span in spans])
    shown = FORMATS["text"](Result(files=(file,)), View()).splitlines()
    assert shown == [
        *(f"a.conf:{line}:1: strange {line}" for line in range(1, 11)),
        "a.conf: 3 more problems (--output-format json has all)",
        "",
        "read 1 file: 1 partly (13 problems); 0 components, 0 hops",
        "0 errors, 0 warnings",
    ]


def test_each_origin_without_a_line_of_its_own_is_a_note(race, view: View) -> None:
    close, keep = race.labels
    others = (
        replace(keep, origin="fixed", setting="idle timeout", source="https://example.com/nat", because=""),
        replace(keep, origin="assumed", component="browser"),
        replace(keep, origin="default", setting="keepalive_timeout", value="60s or 75s", because="nginx, any version"),
    )
    told = replace(race, labels=(close, *others), path=(), seen=(), fixes=(), fingerprint="")
    assert finding_lines(told, view)[1:] == [
        "  --> vm/nginx.conf:2:21",
        "   |",
        " 2 |   keepalive_timeout 10s;",
        "   |                     ^^^ already closed after 10s idle",
        "   = note: proxy has idle timeout 300s, which nobody can change (https://example.com/nat)",
        "   = note: browser is assumed to have connect.idle_keep 300s",
        "   = note: proxy has keepalive_timeout 60s or 75s by default (nginx, any version)",
        "   = more: tochain explain idle-reuse-race",
    ]


def test_text_of_the_configuration_cannot_command_the_terminal(race) -> None:
    evil = "\x1b]0;owned\x07\r"
    close, _ = race.labels
    span = Span(f"a{evil}.conf", Pos(1, 1), Pos(1, 2))
    told = replace(
        race,
        message=evil,
        path=(evil, evil, evil),
        labels=(replace(close, span=span, text=evil, because=evil),),
        seen=(evil,),
        fixes=(Fix(evil, evil, evil, evil),),
        notes=(evil,),
    )
    files = (FileReport(span.path, "nginx", "failed", [Problem(evil, span, "failed")]),)
    result = Result(files=files, findings=(told,), crashes=(evil,))
    for name in ("text", "concise"):
        shown = FORMATS[name](result, View())
        assert not {char for char in shown if ord(char) < 0x20} - {"\n"}


def test_colour(race, view: View) -> None:
    shown = finding_lines(
        replace(race, labels=race.labels[:1], path=(), seen=(), fixes=()), replace(view, style=COLOUR)
    )
    assert shown == [
        "\x1b[1;31merror[idle-reuse-race]\x1b[0m\x1b[1m: proxy reuses idle connections for up to 300s, "
        "vm closes them after 10s\x1b[0m",
        "  \x1b[1;34m-->\x1b[0m vm/nginx.conf:2:21",
        "   \x1b[1;34m|\x1b[0m",
        " \x1b[1;34m2 |\x1b[0m   keepalive_timeout 10s;",
        "   \x1b[1;34m|\x1b[0m                     \x1b[1;31m^^^ already closed after 10s idle\x1b[0m",
        "   \x1b[1;34m=\x1b[0m more: tochain explain idle-reuse-race, or --finding 0123456789ab",
    ]


def test_concise(result: Result, view: View) -> None:
    assert (
        FORMATS["concise"](result, view)
        == """\
tochain.yaml:6:3: warning[session-outlives-server] pool keeps sessions for ever, db ends them after 8h
vm/nginx.conf:2:21: error[idle-reuse-race] proxy reuses idle connections for up to 300s, vm closes them after 10s
vm/b.conf:4:5: unknown directive "keepalive_timout"; nearest: keepalive_timeout
vm/broken.conf:3:7: expected ';' or '{', found the end of the file
read 4 files: 1 understood, 1 partly (1 problem), 1 not recognised, 1 failed; 4 components, 3 hops
1 error, 1 warning; 2 undecided (--undecided); 1 suppressed
"""
    )
