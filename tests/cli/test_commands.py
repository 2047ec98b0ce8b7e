"""The other commands on the small repository: exact outputs, and what they say of names nobody knows."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

GRAPH = """\
lb (black-box)
└─▶ vm (nginx 1.28.3)  http
      lb: idle_keep 300s
      vm: idle_close 10s, header_read 60s, body_read 60s, request_total never, stream_idle 60s, tcp_keepalive_time off, max_age 1h

open ends: nothing was found at the other side
  nginx.conf:3:20: vm -> app:8000: app is not a name that was read
    in tochain.yaml: paths: [vm -> NAME]

2 components, 1 hop, 1 open end
"""
INIT = """\
# What the files alone do not say. `tochain check` reads it from here and from folders above.
version: 1

components: {}

# Found by themselves (tochain graph --why says how); paths adds what is missing:
#   lb -> vm
paths: []

# nginx.conf:3: vm connects to app:8000: app is not a name that was read. What is it?
#   components: {app: {product: ?}}
#   paths: [vm -> app]
"""


def test_graph(run) -> None:
    """Ends, timers on the hop, open ends with what to add, a count."""
    done = run("graph")
    assert (done.exit_code, done.output) == (0, GRAPH)


def test_graph_says_why(run) -> None:
    """Why the ends were joined, and where that is written."""
    assert "      why: declared (tochain.yaml:6:12)\n" in run("graph", "--why").output


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("mermaid", "flowchart LR\n"),
        ("dot", "digraph tochain {\n"),
        ("json", '{\n  "schema": 1,'),
        ("svg", "<svg xmlns="),
    ],
)
def test_graph_in_other_forms(run, repo: Path, form: str, start: str) -> None:
    """Each form to the terminal and to a file, the same bytes."""
    done = run("graph", "--format", form)
    assert (done.exit_code, done.stdout.startswith(start)) == (0, True)
    assert run("graph", "--format", form, "--output-file", "out").exit_code == 0
    assert (repo / "out").read_text() == done.stdout


def test_the_graph_as_a_picture(run) -> None:
    """Well-formed, with both components and the timers of the hop."""
    words = " ".join(
        "".join(e.itertext()) for e in ElementTree.fromstring(run("graph", "--format", "svg").stdout).iter()
    )
    for said in ("lb (black-box)", "vm (nginx 1.28.3)", "→ vm: http, idle_keep 300s", "idle_close 10s"):
        assert said in words


def test_a_finding_as_a_picture(run) -> None:
    """explain --format svg draws the story of the finding, those of the hop, or whole chains with the stories on them."""
    found = json.loads(run("check", "--json").stdout)["findings"][0]["fingerprint"]
    for words in (["--finding", found[:6]], ["--hop", "lb->vm"], ["."], []):
        shown = run("explain", *words, "--format", "svg").stdout
        texts = [element.text for element in ElementTree.fromstring(shown).iter() if element.tag.endswith("text")]
        assert {"300s", "FIN", "next request", "2. 10s"} <= set(texts)


def test_explain_a_hop(run) -> None:
    """Both ends with every timer and its place, then the finding with its ladder."""
    out = run("explain", "--hop", "lb -> vm").output
    assert out.startswith(
        "lb -> vm  http\njoined because: declared (tochain.yaml:6:12)\n\nclient lb (black-box)  tochain.yaml:3:3\n"
    )
    assert "  connect.idle_keep  300s   connect.idle_keep  declared  tochain.yaml:3:56\n" in out
    assert "server vm (nginx 1.28.3)  nginx.conf:4:5\n" in out
    assert "   10s  vm  ──▶ lb   FIN" in out


def test_explain_a_finding(run) -> None:
    """Its first characters suffice; the rule's reasons are below."""
    found = json.loads(run("check", "--json").stdout)["findings"][0]["fingerprint"]
    out = run("explain", "--finding", found[:6]).output
    assert out.startswith("error[idle-reuse-race]: lb may reuse a connection that vm has already closed")
    assert [head in out for head in ("\nOn the wire\n", "\nWhy\n", "\nSources\n")] == [True] * 3


def test_explain_a_chain(run) -> None:
    """Without a hop: the whole chain, with what a finding names marked."""
    out = run("explain", ".").output
    assert out.startswith("lb -> vm\n\n")
    marked = [line.split()[1:4] for line in out.splitlines() if line.startswith("  ! ")]
    assert marked == [["lb", "connect.idle_keep", "300s"], ["vm", "accept.idle_close", "10s"]]


def test_explain_a_rule(run) -> None:
    """What happens, why, who is affected, sources; every word of the rule's family."""
    out = run("explain", "idle-reuse-race").output
    assert out.startswith("idle-reuse-race  ")
    for head in ("On the wire", "Why", "Seen as", "Judged by", "Who is affected", "How to mend it", "Sources"):
        assert f"\n{head}\n" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["explain", "idle-reuse-rase"],
            "tochain: no rule 'idle-reuse-rase' and no such path; nearest: idle-reuse-race",
        ),
        (["explain", "--hop", "a->b"], "tochain: no hop a->b; there are: lb->vm"),
        (["explain", "--hop", "nonsense"], "tochain: no hop nonsense->; there are: lb->vm"),
        (["explain", "--finding", "zz"], "tochain: no finding with fingerprint 'zz'"),
        (["explain", "--format", "svg", "idle-reuse-race"], "tochain: a rule has no picture of its own"),
        (["explain", "--format", "png"], "expected text or svg"),
        (["graph", "--format", "png"], "expected one of text, mermaid, dot, json, svg"),
        (["facts", "--format", "xml"], "expected one of text, yaml, json"),
        (["rules", "--format", "xml"], "expected one of text, json"),
        (["diff", "nowhere"], "tochain: 'nowhere' is neither a folder nor a git revision: fatal: not a git repository"),
        (["diff", "--", "-x"], "tochain: '-x' is neither a folder nor a git revision"),
        (["test", "nowhere"], "tochain: no rule file (*.yaml) there"),
        (["nonsense"], "No such command 'nonsense'"),
        (["diff"], "Missing argument 'OLD'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_names_nobody_knows(run, words: list[str], said: str) -> None:
    """Exit status 2, one sentence, the nearest there is."""
    done = run(*words)
    assert (done.exit_code, said in done.stderr) == (2, True), done.output


def test_facts(run) -> None:
    """One line a timer with value, setting, origin and place; chosen by name or product."""
    lines = run("facts", "--component", "vm").output.splitlines()
    assert lines[0] == "vm (nginx 1.28.3)  nginx.conf:4:5"
    (close,) = [line.split() for line in lines if line.startswith("  accept.idle_close")]
    assert close == ["accept.idle_close", "10s", "keepalive_timeout", "(server)", "written", "nginx.conf:7:9"]
    data = json.loads(run("facts", "--component", "nginx", "--format", "json").stdout)
    assert [part["component"] for part in data["components"]] == ["vm"]


def test_init(run, repo: Path) -> None:
    """A draft that changes nothing, open ends as questions; a file that exists is left alone."""
    done = run("init")
    assert (done.exit_code, done.output) == (0, INIT)
    assert run("init", "--output-file", "new.yaml").exit_code == 0
    assert (repo / "new.yaml").read_text() == INIT
    done = run("init", "--output-file", "new.yaml")
    assert (done.exit_code, done.stderr) == (2, "tochain: new.yaml exists; it is not overwritten\n")


def test_a_draft_can_be_used(run, repo: Path) -> None:
    """What init writes is a tochain.yaml without mistakes."""
    (repo / "tochain.yaml").unlink()
    assert run("init", "--output-file", "tochain.yaml").exit_code == 0
    assert run("check").exit_code == 0


def test_what_it_knows(run) -> None:
    """Rules and products, as a table and as data."""
    rules = json.loads(run("rules", "--format", "json").stdout)
    assert "idle-reuse-race" in {rule["rule"] for rule in rules["rules"]}
    assert "idle-reuse-race" in run("rules").output
    products = run("products").output
    assert [name in products for name in ("nginx", "aws-alb", "go-net-http")] == [True] * 3


def test_report(run, repo: Path) -> None:
    """A page beside the files, or on the terminal."""
    pytest.importorskip("jinja2", reason="the extra tochain[report] is not installed")
    done = run("report")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "written: report.html\n")
    assert (repo / "report.html").read_text().startswith("<!doctype html>")
    assert run("report", "-o", "-").stdout == (repo / "report.html").read_text()


RULE = """\
id: never-more-than-a-minute
since: "0.1.0"
severity: warning
scope: hop
summary: The server keeps idle connections for more than a minute
require: [server.accept.idle_close <= 60s]
"""


def test_rules_of_ones_own_are_tested(run, repo: Path) -> None:
    """A rule file that is wrong is said with its place."""
    (repo / "own").mkdir()
    (repo / "own/never-more-than-a-minute.yaml").write_text(RULE)
    done = run("test", "own")
    assert done.exit_code == 2
    assert "own/never-more-than-a-minute.yaml:" in done.stderr


@pytest.mark.parametrize(
    "command",
    ["check", "explain", "graph", "facts", "rules", "products", "init", "diff", "baseline", "test", "report", "lsp"],
)
def test_help(run, command: str) -> None:
    """Every command says what it does, with -h too, and is listed."""
    done = run(command, "--help")
    assert (done.exit_code, run(command, "-h").output) == (0, done.output)
    assert f"Usage: tochain {command}" in done.output or f"Usage: root {command}" in done.output
    assert f"  {command} " in run("--help").output


def git(*words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], check=True, capture_output=True)


POOLED = """\
events {}
http {
    upstream app { server app:8000; }
    server {
        listen 80;
        server_name vm;
        location / { proxy_pass http://app; }
    }
}
"""
BUMPED = """\
version: 1
components:
  vm: {product: nginx, version: "1.28.3", config: nginx.conf}
  app: {product: gunicorn, settings: {worker_class: gthread, keepalive: 2}}
paths: [vm -> app]
"""


def test_a_version_alone_is_a_change(run, repo: Path) -> None:
    """nginx 1.28 to 1.30 in the history: a pool nobody wrote appears, and the race it arms; back again it goes."""
    (repo / "nginx.conf").write_text(POOLED)
    declared = repo / "tochain.yaml"
    declared.write_text(BUMPED)
    git("init", "-q", "-b", "main")
    git("add", "nginx.conf", "tochain.yaml")
    git("commit", "-q", "-m", "first")
    declared.write_text(BUMPED.replace("1.28.3", "1.30.0"))
    git("commit", "-q", "-am", "a newer nginx")
    done = run("diff", "HEAD~1", "HEAD", "--format", "json")
    data = json.loads(done.stdout)
    changed = {
        c["timer"]: (c["before"] and c["before"]["value"], c["after"]["value"], c["after"]["origin"])
        for c in data["changes"]
    }
    assert changed["connect.idle_keep"] == ("off", "60s", "default")
    assert changed["connect.idle_pool_size"] == ("off", "32", "default")
    assert {origin for _, _, origin in changed.values()} <= {"default", "fixed"}
    assert [(f["rule"], f["hop"]["client"]) for f in data["new"]] == [("idle-reuse-race", "vm")]
    assert (data["gone"], done.exit_code) == ([], 1)
    back = run("diff", "HEAD", "HEAD~1")
    assert (back.exit_code, "1 finding less\n  idle-reuse-race: vm may reuse" in back.output) == (0, True)


def test_diff_of_a_history(run, repo: Path) -> None:
    """A revision against the folder: what was written changed, with its place; exit status by new findings only."""
    git("init", "-q", "-b", "main")
    git("add", "nginx.conf", "tochain.yaml")
    git("commit", "-q", "-m", "first")
    conf = repo / "nginx.conf"
    conf.write_text(conf.read_text().replace("10s", "301s"))
    done = run("diff", "HEAD")
    assert done.exit_code == 0
    assert "1 finding less\n  idle-reuse-race: lb may reuse a connection" in done.output
    row = next(line for line in done.output.splitlines() if "accept.idle_close" in line)
    assert "10s (keepalive_timeout, written)  301s (keepalive_timeout, written)  nginx.conf:7:9" in row
    done = run("diff", ".", "HEAD")
    assert done.exit_code == 1
    assert "1 finding more\n\nerror[idle-reuse-race]: lb may reuse a connection" in done.output
    assert run("diff", "HEAD", "HEAD").output == "no effective timer and no finding changed\n"


def test_diff_of_folders(run, repo: Path, tmp_path: Path) -> None:
    """Two folders, whatever they are called."""
    other = tmp_path / "other"
    other.mkdir()
    for name in ("nginx.conf", "tochain.yaml"):
        (other / name).write_text((repo / name).read_text().replace("300s", "9s"))
    done = run("diff", ".", str(other))
    assert done.exit_code == 0
    assert "connect.idle_keep" in done.output
    assert "300s (connect.idle_keep, declared)" in done.output


def test_diff_in_a_folder_of_a_repository(run, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A revision means the folder one stands in, so that it is compared with the same files."""
    (repo / "sub").mkdir()
    for name in ("nginx.conf", "tochain.yaml"):
        (repo / name).rename(repo / "sub" / name)
    git("init", "-q", "-b", "main")
    git("add", "sub")
    git("commit", "-q", "-m", "first")
    monkeypatch.chdir(repo / "sub")
    assert run("diff", "HEAD").output == "no effective timer and no finding changed\n"


def test_diff_without_git(run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A revision needs git; where there is none that is said."""
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("diff", "HEAD")
    assert (done.exit_code, done.stderr) == (
        2,
        "tochain: 'HEAD' is no folder, and git, which would know a revision, is not installed\n",
    )


def test_shipped_rules_pass_their_own_examples(run) -> None:
    """`tochain test` on a family of the rules it comes with."""
    done = run("test", str(Path(__file__).parents[2] / "rules" / "tls"))
    assert (done.exit_code, done.output.endswith(" rules, 0 failures\n")) == (0, True), done.output


def test_docs_say_what_is_out_of_date(run) -> None:
    """In a checkout: every stale page by name, exit status 1; nothing is written with --check."""
    done = run("docs", "--check")
    assert done.exit_code == (1 if done.output else 0)
    assert all(line.startswith("out of date: ") for line in done.output.splitlines())


@pytest.mark.parametrize("form", ["text", "mermaid", "dot", "json", "svg"])
def test_a_caller_nobody_described_is_drawn(run, form: str) -> None:
    """In front of a layer-4 load balancer stands somebody, in every form of the graph."""
    done = run("graph", str(Path(__file__).parents[2] / "fixtures/repos/nlb-service"), "--format", form)
    assert (done.exit_code, "client" in done.output) == (0, True)
