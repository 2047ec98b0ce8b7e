"""Ignore comments: every syntax, both places of a finding, several rules, and the ones that take nothing away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.model.fact import Origin
from tochain.model.finding import Finding, HopRef, Label
from tochain.model.span import Pos, SourceFile, Span
from tochain.suppress import apply

RULE = "idle-reuse-race"


def label(path: str, line: int, origin: Origin = "written", primary: bool = True) -> Label:
    return Label(
        "c", "accept.idle_close", "s", "1s", 1.0, origin, Span(path, Pos(line, 5), Pos(line, 9)), "", primary=primary
    )


def finding(*labels: Label, rule: str = RULE) -> Finding:
    return Finding(rule, "idle-reuse", "error", "m", HopRef("a", "b"), (), labels, fingerprint="f")


def left(findings: list[Finding], **texts: str) -> tuple[list[str], int, list[str]]:
    """The rules that stay, how many went, and the places of unused comments."""
    named = {path.replace("__", "/").replace("_", "."): text for path, text in texts.items()}
    files = Files({}, {}, named)
    kept, taken, unused = apply(findings, files.text, {path: FileReport(path) for path in named})
    return [f.rule for f in kept], taken, [str(f.primary.span) for f in unused]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a_conf", "# ", ""), ("a_yaml", "# ", ""), ("a_yml", "# ", ""), ("a_py", "# ", ""), ("a_rb", "# ", ""), ("a_toml", "# ", ""),
        ("a_tf", "# ", ""), ("a_tf", "// ", ""), ("a_tf", "/* ", " */"), ("a_js", "// ", ""), ("a_js", "/* ", " */"), ("a_ts", "// ", ""),
        ("a_go", "// ", ""), ("a_java", "// ", ""), ("a_kt", "// ", ""), ("a_cs", "// ", ""), ("a_rs", "// ", ""), ("a_ini", "; ", ""),
        ("a_ini", "# ", ""), ("a_cnf", "# ", ""), ("a_service", "# ", ""), ("a_properties", "! ", ""), ("a_properties", "# ", ""),
        ("a_lua", "-- ", ""), ("a_sql", "-- ", ""), ("a_xml", "<!-- ", " -->"), ("a_vcl", "# ", ""), ("a_vcl", "// ", ""),
        ("a_conf_j2", "{# ", " #}"), ("a_yaml_tpl", "{{/* ", " */}}"), ("Dockerfile", "# ", ""), ("Caddyfile", "# ", ""), ("haproxy_cfg", "# ", ""),
        ("a_php", "// ", ""), ("a_sh", "# ", ""), ("www_conf", "; ", ""), ("application_conf", "// ", ""), ("schema_prisma", "// ", ""),
        ("rabbitmq_config", "%% ", ""), ("advanced_config", "% ", ""), ("gateway_q", "/ ", ""), ("web_config", "<!-- ", " -->"),
        ("server_xml", "<!-- ", " -->"), ("a_vcl", "/* ", " */"), ("supervisord_conf", "; ", ""),
    ],
)  # fmt: skip
def test_every_comment_syntax(path: str, before: str, after: str) -> None:
    """A comment on a line of its own speaks of the next line."""
    text = f"first\n{before}tochain: ignore[{RULE}] known{after}\nsome value\n"
    assert left([finding(label(path.replace("_", "."), 3))], **{path: text}) == ([], 1, [])


def test_several_comments_above_one_value() -> None:
    """A comment on lines of its own speaks of the next line that says something."""
    text = "# tochain: ignore[idle-reuse-race] one\n# why\n\n/* tochain: ignore[no-read-limit]\n   two */\nx 1;\ny 2;\n"
    found = [finding(label("a.tf", 6), rule=rule) for rule in (RULE, "no-read-limit", "work-for-nobody")]
    assert left([*found, finding(label("a.tf", 7))], a_tf=text) == (["work-for-nobody", RULE], 2, [])


def test_a_family_may_be_named() -> None:
    """As in tochain.yaml."""
    assert left([finding(label("a.conf", 1))], a_conf="x 1; # tochain: ignore[idle-reuse]\n") == ([], 1, [])


def test_what_is_wrong_with_an_unused_one_is_said() -> None:
    """Only the names that took nothing away; a name nobody knows with the nearest; none at all."""
    text = f"x 1; # tochain: ignore[{RULE}, no-read-limit]\ny 2; # tochain: ignore[idle-reuse-rase]\nz 3; # tochain: ignore\n"
    files = Files({}, {}, {"a.conf": text})
    kept, _, unused = apply(
        [finding(label("a.conf", 1))], files.text, {"a.conf": FileReport("a.conf")}, known={RULE, "no-read-limit"}
    )
    assert (kept, [(f.message, f.primary.text) for f in unused]) == ((), [
        ("ignore comment for no-read-limit takes nothing away", "no finding of no-read-limit here"),
        (
            "ignore comment for idle-reuse-rase takes nothing away",
            "no finding of idle-reuse-rase here; there is no rule 'idle-reuse-rase', did you mean 'idle-reuse-race'?",
        ),
        ("ignore comment names no rule", "write tochain: ignore[rule-id] reason"),
    ])  # fmt: skip
    assert len({f.fingerprint for f in unused}) == 3


@pytest.mark.parametrize(("line", "taken"), [(1, 0), (2, 1), (3, 0)])
def test_behind_a_value_it_speaks_of_its_own_line(line: int, taken: int) -> None:
    """Neither of the line before nor of the one after."""
    text = f"a 1;\nb 2;  # tochain: ignore[{RULE}]\nc 3;\n"
    kept, gone, unused = left([finding(label("n.conf", line))], n_conf=text)
    assert (gone, len(kept), unused) == (taken, 1 - taken, [] if taken else ["n.conf:2:9"])


def test_either_place_of_a_finding() -> None:
    """The comment may stand at the client's value or at the server's."""
    labels = (label("a.conf", 1), label("b.yaml", 2, primary=False))
    assert left([finding(*labels)], a_conf=f"x 1; # tochain: ignore[{RULE}]\n", b_yaml="\ny: 1\n") == ([], 1, [])
    assert left([finding(*labels)], a_conf="x 1;\n", b_yaml=f"\ny: 1 # tochain: ignore[{RULE}] slow link\n") == (
        [],
        1,
        [],
    )


def test_several_rules_in_one_comment_and_several_findings_on_one_line() -> None:
    """Each rule named is taken away, and no other."""
    text = f"x 1; # tochain: ignore[{RULE}, no-read-limit]\n"
    found = [finding(label("a.conf", 1), rule=rule) for rule in (RULE, "no-read-limit", "work-for-nobody")]
    assert left(found, a_conf=text) == (["work-for-nobody"], 2, [])


@pytest.mark.parametrize(
    "text",
    [
        f'x "# tochain: ignore[{RULE}]";\n',
        "x 1; # tochain: ignore[other-rule]\n",
        "x 1; # tochain: ignore[]\n",
        "x 1; # tochain: ignore\n",
        f"x 1; tochain: ignore[{RULE}]\n",
    ],
)
def test_what_is_no_ignore_of_this_rule(text: str) -> None:
    """A string, another rule, no rule, no comment."""
    kept, taken, _ = left([finding(label("a.conf", 1))], a_conf=text)
    assert (kept, taken) == ([RULE], 0)


def test_an_unused_one_is_a_note_at_its_place() -> None:
    """What it names, where it stands; nothing is hidden silently."""
    files = Files({}, {}, {"a.conf": "x 1;\n  # tochain: ignore[nonsense, idle-reuse-race] why\ny 2;\n"})
    _, _, (unused,) = apply([], files.text, {"a.conf": FileReport("a.conf")})
    assert (unused.rule, unused.family, unused.severity) == ("unused-ignore", "setting", "note")
    assert unused.message == "ignore comment for nonsense, idle-reuse-race takes nothing away"
    assert unused.primary.span == Span("a.conf", Pos(2, 5), Pos(2, 47))


def test_a_default_cannot_be_ignored_at_a_line_it_does_not_stand_on() -> None:
    """The place of a default is only where its component becomes known."""
    labels = (label("a.conf", 1), label("b.conf", 1, "default", primary=False))
    text = f"server {{ # tochain: ignore[{RULE}]\n"
    assert left([finding(*labels)], a_conf="x\n", b_conf=text) == ([RULE], 0, ["b.conf:1:12"])


def test_findings_may_be_an_iterator() -> None:
    """Counting does not use them up."""

    def found() -> Iterator[Finding]:
        yield finding(label("a.conf", 1))

    kept, taken, _ = apply(found(), Files({}, {}, {"a.conf": "x\n"}).text, {"a.conf": FileReport("a.conf")})
    assert (len(kept), taken) == (1, 0)


def test_a_whole_run(tmp_path: object) -> None:
    """From texts to the summary: taken away, counted, and the comment counts as used."""
    from tochain.check import check_files

    text = "events {}\nhttp { server { listen 80; keepalive_timeout 10s; # tochain: ignore[idle-reuse-race]\n} }\n"
    declared = (
        "version: 1\ncomponents:\n  lb: {product: black-box, timers: {connect.idle_keep: 300s}}\n"
        "  vm: {product: nginx, version: 1.28.3, config: nginx.conf}\npaths: [lb -> vm]\n"
    )
    result = check_files({"nginx.conf": text, "tochain.yaml": declared})
    assert ([f.rule for f in result.findings], result.suppressed) == ([], 1)
    assert SourceFile("x", text).line(2).endswith("]")


def test_in_tochain_yaml_itself() -> None:
    """A declared timer is a place like any other."""
    from tochain.check import check_files

    text = "events {}\nhttp { server { listen 80; keepalive_timeout 10s; } }\n"
    declared = (
        "version: 1\ncomponents:\n  # tochain: ignore[idle-reuse-race] accepted\n"
        "  lb: {product: black-box, timers: {connect.idle_keep: 300s}}\n"
        "  vm: {product: nginx, version: 1.28.3, config: nginx.conf}\npaths: [lb -> vm]\n"
    )
    result = check_files({"nginx.conf": text, "tochain.yaml": declared})
    assert ([f.rule for f in result.findings], result.suppressed) == ([], 1)


def test_per_path_settings_take_findings_away() -> None:
    """rules.per-path in tochain.yaml: by glob, by rule or family; counted."""
    from tochain.check import check_files

    text = "events {}\nhttp { server { listen 80; keepalive_timeout 10s; } }\n"
    declared = (
        "version: 1\ncomponents:\n  lb: {product: black-box, timers: {connect.idle_keep: 300s}}\n"
        "  vm: {product: nginx, version: 1.28.3, config: old/nginx.conf}\npaths: [lb -> vm]\n"
        "rules:\n  per-path:\n    - {path: %s, ignore: [%s]}\n"
    )
    counts = {
        (path, name): check_files({"old/nginx.conf": text, "tochain.yaml": declared % (path, name)}).suppressed
        for path in ('"old/*"', '"new/*"')
        for name in ("idle-reuse-race", "idle-reuse", "no-read-limit")
    }
    assert counts == {
        ('"old/*"', "idle-reuse-race"): 1, ('"old/*"', "idle-reuse"): 1, ('"old/*"', "no-read-limit"): 0,
        ('"new/*"', "idle-reuse-race"): 0, ('"new/*"', "idle-reuse"): 0, ('"new/*"', "no-read-limit"): 0,
    }  # fmt: skip


LINT = "events {}\nhttp { server { listen 80; keepalive_timeout 10s; # tochain: ignore[idle-reuse-race]\n} }\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, ["unused-ignore"]), ({"select": ("deadline",)}, []), ({"select": ("setting",)}, []), ({"ignore": ("unused-ignore",)}, [])],
    ids=str,
)  # fmt: skip
def test_a_comment_for_a_rule_that_was_not_asked_is_not_called_unused(
    tmp_path: object, options: dict[str, tuple[str, ...]], said: list[str]
) -> None:
    """Only a run that could have used it can tell."""
    from pathlib import Path

    from tochain.check import Options, check

    folder = Path(str(tmp_path))
    (folder / "nginx.conf").write_text(LINT)
    result = check([folder], Options(base=folder, **options))
    assert [f.rule for f in result.findings if f.rule == "unused-ignore"] == said


# One server for each way of writing: its file, and where its idle limit of ten seconds stands, with a hole for a comment.
SERVERS = {
    "nginx": ("nginx.conf", "events {}\nhttp { server { listen 80;\n@@\nkeepalive_timeout 10s; } }\n"),
    "haproxy": (
        "haproxy.cfg",
        "frontend in\n  bind :80\n  mode http\n  timeout client 10s\n@@\n  timeout http-keep-alive 10s\n"
        "  default_backend app\nbackend app\n  server a 10.0.0.1:80\n",
    ),
    "caddy": (
        "Caddyfile",
        "{\n servers {\n  timeouts {\n@@\n   idle 10s\n  }\n }\n}\nhttp://a.example {\n respond ok\n}\n",
    ),
    "apache-httpd": ("httpd.conf", "Listen 80\nKeepAlive On\n@@\nKeepAliveTimeout 10\n"),
    "tomcat": (
        "server.xml",
        '<Server><Service>\n@@\n<Connector port="80" keepAliveTimeout="10000"/>\n</Service></Server>\n',
    ),
    "spring-boot": ("application.properties", "server.port=80\n@@\nserver.tomcat.keep-alive-timeout=10s\n"),
    "nodejs-http": (
        "server.js",
        "const server = require('http').createServer();\n@@\nserver.keepAliveTimeout = 10000;\nserver.listen(80);\n",
    ),
    "go-net-http": (
        "main.go",
        'package main\nimport (\n "net/http"\n "time"\n)\nfunc main() {\n s := &http.Server{Addr: ":80",\n@@\n IdleTimeout: 10 * time.Second}\n'
        " s.ListenAndServe()\n}\n",
    ),
    "aws-alb": (
        "main.tf",
        'resource "aws_lb" "a" {\n  load_balancer_type = "application"\n@@\n  idle_timeout = 10\n}\n',
    ),
    "jetty": ("start.ini", "--module=http\n@@\njetty.http.idleTimeout=10000\n"),
    "gunicorn": ("gunicorn.conf.py", "worker_class = 'gthread'\nbind = ':80'\n@@\nkeepalive = 10\n"),
}
COMMENTS = [
    ("nginx", "# %s"), ("haproxy", "# %s"), ("caddy", "# %s"), ("apache-httpd", "# %s"), ("spring-boot", "# %s"), ("spring-boot", "! %s"),
    ("nodejs-http", "// %s"), ("nodejs-http", "/* %s */"), ("go-net-http", "// %s"), ("aws-alb", "# %s"), ("aws-alb", "// %s"),
    ("aws-alb", "/* %s */"), ("tomcat", "<!-- %s -->"), ("jetty", "# %s"), ("gunicorn", "# %s"),
]  # fmt: skip


@pytest.mark.parametrize(("product", "mark"), COMMENTS, ids=[f"{name} {mark[:2]}" for name, mark in COMMENTS])
def test_in_files_as_products_read_them(product: str, mark: str) -> None:
    """The file is understood with the comment in it, the finding is there without and gone with it."""
    from tochain.check import check_files

    path, text = SERVERS[product]
    declared = (
        "version: 1\ncomponents:\n  lb: {product: black-box, timers: {connect.idle_keep: 300s}}\n"
        f"  vm: {{product: {product}, config: {path}}}\npaths: [{{path: lb -> vm, protocol: http}}]\n"
    )
    for comment, found in (("", ["idle-reuse-race"]), (mark % "tochain: ignore[idle-reuse-race] known", [])):
        result = check_files({path: text.replace("@@", comment), "tochain.yaml": declared})
        assert [f.rule for f in result.findings if f.rule in ("idle-reuse-race", "unused-ignore")] == found
        assert {file.status for file in result.files} == {"understood"}
