"""A run to render: two files, an error over both, a warning with defaults, a broken file, something undecided."""

import pytest

from tochain.model.coverage import FileReport, Problem
from tochain.model.finding import Finding, Fix, HopRef, Label, Step, Undecided
from tochain.model.result import Result
from tochain.model.span import Pos, SourceFile, Span
from tochain.report.view import View

SOURCES = {
    "vm/nginx.conf": "http {\n  keepalive_timeout 10s;\n}\n",
    "tochain.yaml": (
        "version: 1\ncomponents:\n  proxy:\n    product: black-box\n    timers: {connect.idle_keep: 300s}\n"
        "  db: {product: mysql}\n"
    ),
}


def span(path: str, line: int, start: int, end: int) -> Span:
    return Span(path, Pos(line, start), Pos(line, end))


CLOSE = Label(
    "vm",
    "accept.idle_close",
    "keepalive_timeout",
    "10s",
    10.0,
    "written",
    span("vm/nginx.conf", 2, 21, 24),
    "already closed after 10s idle",
    primary=True,
)
KEEP = Label(
    "proxy",
    "connect.idle_keep",
    "",
    "300s",
    300.0,
    "declared",
    span("tochain.yaml", 5, 33, 37),
    "may be reused after 300s idle",
)
RACE = Finding(
    rule="idle-reuse-race",
    family="idle-reuse",
    severity="error",
    message="proxy reuses idle connections for up to 300s, vm closes them after 10s",
    hop=HopRef("proxy", "vm"),
    path=("app", "proxy", "vm"),
    labels=(CLOSE, KEEP),
    seen=("sporadic 502/503 at the client", "nothing in the server's access log"),
    fixes=(Fix("vm", "keepalive_timeout", "301s", "300s + 1s margin", "unsafe", CLOSE.span),),
    steps=(
        Step(0, "vm", "proxy", "200 OK, connection kept"),
        Step(10_000_000, "vm", "proxy", "FIN", CLOSE),
        Step(300_000_000, "proxy", "vm", "next request", KEEP),
        Step(300_050_000, "vm", "proxy", "RST"),
    ),
    fingerprint="0123456789abcdef",
)
WAIT = Label(
    "db",
    "session.idle_session",
    "wait_timeout",
    "8h",
    28800.0,
    "default",
    span("tochain.yaml", 6, 3, 5),
    "session ended after 8h idle",
    source="https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html",
    because="mysql, any version",
    primary=True,
)
SESSION = Finding(
    rule="session-outlives-server",
    family="session",
    severity="warning",
    message="pool keeps sessions for ever, db ends them after 8h",
    hop=HopRef("pool", "db", "nat"),
    path=("pool", "db"),
    labels=(WAIT,),
    notes=("the version of db is not known",),
    confidence="medium",
    count=3,
    fingerprint="fedcba9876543210",
)


@pytest.fixture
def race() -> Finding:
    return RACE


@pytest.fixture
def session() -> Finding:
    return SESSION


@pytest.fixture
def result() -> Result:
    broken = Problem("expected ';' or '{', found the end of the file", span("vm/broken.conf", 3, 7, 8), "failed")
    strange = Problem('unknown directive "keepalive_timout"; nearest: keepalive_timeout', span("vm/b.conf", 4, 5, 21))
    return Result(
        files=(
            FileReport("vm/nginx.conf", "nginx"),
            FileReport("vm/broken.conf", "nginx", "failed", [broken]),
            FileReport("vm/b.conf", "nginx", "partly", [strange]),
            FileReport("notes.txt", None, "unrecognised"),
        ),
        findings=(RACE, SESSION),
        undecided=(
            Undecided("deadline-outer-first", HopRef("app", "proxy"), ("app connect.request_total",)),
            Undecided("deadline-outer-first", HopRef("app", "proxy"), ("app connect.request_total",)),
        ),
        suppressed=1,
        components=4,
        hops=3,
    )


@pytest.fixture
def view() -> View:
    return View(lines=lines)


def lines(path: str) -> SourceFile | None:
    return SourceFile(path, SOURCES[path]) if path in SOURCES else None
