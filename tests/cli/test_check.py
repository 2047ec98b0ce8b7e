"""`tochain check`: exit bits, choosing rules, several outputs, and words that mean nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

LINE = "nginx.conf:7:9: error[idle-reuse-race] lb may reuse a connection that vm has already closed (idle limit 300s against 10s)"
COUNTS = "read 2 files: 2 understood; 2 components, 1 hop\n"


def test_a_finding_is_bit_one(run) -> None:
    """The concise form, whole."""
    done = run("check", "--output-format", "concise")
    assert (done.exit_code, done.output) == (1, f"{LINE}\n{COUNTS}1 error, 0 warnings\n")


def test_nothing_found_is_zero(run, repo: Path) -> None:
    """Everything read, nothing found."""
    text = (repo / "nginx.conf").read_text().replace("10s", "301s")
    (repo / "nginx.conf").write_text(text)
    done = run("check")
    assert (done.exit_code, done.output) == (0, f"{COUNTS}0 errors, 0 warnings\n")


def test_what_cannot_be_read_is_bit_two(run, repo: Path) -> None:
    """A recognised file that cannot be parsed, a path that is not there; with a finding both bits."""
    (repo / "nginx.conf").write_text("http {\n")
    assert run("check").exit_code == 2
    (repo / "nginx.conf").unlink()
    done = run("check", "nothing.conf")
    assert (done.exit_code, "nothing.conf:1:1: nothing.conf does not exist" in done.output) == (2, True)


def test_both_bits(run, repo: Path) -> None:
    """A finding and a broken file beside it."""
    (repo / "haproxy.cfg").write_text('frontend x\n  bind :80\n  http-request deny if { path "\n')
    (repo / "broken.json").write_text('{"static_resources": {')
    assert run("check").exit_code == 3


def test_unknown_files_and_unknown_lines_do_not_fail(run, repo: Path) -> None:
    """`unrecognised` and `partly` are said and counted, and set no bit."""
    (repo / "nginx.conf").write_text((repo / "nginx.conf").read_text().replace("10s", "301s"))
    (repo / "other.yaml").write_text("hello: world\n")
    done = run("check")
    assert done.exit_code == 0
    assert done.output.startswith("read 3 files: 2 understood, 1 not recognised")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--select", "idle-reuse"], 1),
        (["--select", "idle-reuse-race"], 1),
        (["--select", "deadline"], 0),
        (["--select", "deadline,idle-reuse"], 1),
        (["--select", "deadline", "--select", "idle-reuse"], 1),
        (["--ignore", "idle-reuse"], 0),
        (["--ignore", "idle-reuse-race, deadline"], 0),
        (["--select", "idle-reuse", "--ignore", "idle-reuse-race"], 0),
        (["--fail-on", "error"], 1),
        (["--fail-on", "note"], 1),
        (["--no-cache", "--jobs", "1"], 1),
        (["--config", "tochain.yaml"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_choosing(run, words: list[str], code: int) -> None:
    """Rules and families, comma separated or repeated."""
    assert run("check", *words).exit_code == code


def test_fail_on_counts_from_a_severity_on(run, repo: Path) -> None:
    """A finding made a note is shown, and fails only where notes do."""
    (repo / "tochain.yaml").write_text(
        (repo / "tochain.yaml").read_text() + "rules: {severity: {idle-reuse-race: note}}\n"
    )
    assert [run("check", "--fail-on", level).exit_code for level in ("error", "warning", "note")] == [0, 0, 1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--select", "idle-reuse-rase"], "tochain: no rule or family 'idle-reuse-rase'; nearest: idle-reuse-race"),
        (["--ignore", "idle-reuze"], "tochain: no rule or family 'idle-reuze'; nearest: idle-reuse"),
        (["--fail-on", "fatal"], "tochain: --fail-on fatal: expected error, warning or note"),
        (["--output-format", "xml"], "tochain: --output-format xml: expected one of text, concise, json"),
        (
            ["--output-format", "json", "--output-file", "a", "--output-file", "b"],
            "tochain: --output-file: one for each",
        ),
        (["--config", "missing.yaml"], "tochain: --config missing.yaml: no such file"),
        (["--baseline", "missing.json"], "tochain: cannot read the baseline missing.json: No such file or directory"),
        (["--stdin-name", "a.conf"], "tochain: --stdin-name: nothing is read from stdin; give - as a path"),
        (["--output-file", "/"], "tochain: cannot write /: not a regular file"),
        (["--output-file", "no/such/folder"], "tochain: cannot write "),
        (["--nonsense"], "No such option: --nonsense"),
        (["--jobs", "many"], "Invalid value for '--jobs'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_words_that_mean_nothing_exit_with_two(run, words: list[str], said: str) -> None:
    """One sentence on stderr that says what was expected."""
    done = run("check", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_several_outputs_at_once(run, repo: Path) -> None:
    """Each format to its file, one of them to the terminal; files are plain and whole."""
    done = run(
        "check", "--output-format", "concise", "--output-file", "-", "--output-format", "json", "--output-file", "out.json",
        "--output-format", "sarif", "--output-file", "out.sarif", "--output-format", "gitlab", "--output-file", "out.gitlab",
        "--output-format", "junit", "--output-file", "out.xml", "--output-format", "markdown", "--output-file", "out.md",
        "--output-format", "github", "--output-file", "out.github",
    )  # fmt: skip
    assert (done.exit_code, done.stdout) == (1, f"{LINE}\n{COUNTS}1 error, 0 warnings\n")
    data = json.loads((repo / "out.json").read_text())
    assert (data["schema"], data["summary"]["findings"]) == (1, {"error": 1, "warning": 0, "note": 0})
    sarif = json.loads((repo / "out.sarif").read_text())["runs"][0]
    assert [result["ruleId"] for result in sarif["results"]] == ["idle-reuse-race"]
    assert json.loads((repo / "out.gitlab").read_text())[0]["location"]["path"] == "nginx.conf"
    assert "idle-reuse-race" in (repo / "out.xml").read_text()
    assert (repo / "out.github").read_text().startswith("::error file=nginx.conf,line=7")
    assert not list(repo.glob(".out*"))


def test_json_in_one_word(run) -> None:
    """--json is --output-format json."""
    assert json.loads(run("check", "--json").stdout) == json.loads(run("check", "--output-format", "json").stdout)


def test_a_link_is_written_through(run, repo: Path, tmp_path: Path) -> None:
    """The target gets the text, the link stays."""
    (repo / "out").symlink_to(tmp_path / "real.txt")
    run("check", "--output-file", "out")
    assert (repo / "out").is_symlink()
    assert "idle-reuse-race" in (tmp_path / "real.txt").read_text()


def test_what_is_known_is_left_out(run, repo: Path) -> None:
    """A baseline takes the finding away, survives moved lines, and says when an entry has gone."""
    assert run("baseline", "-o", "base.json").exit_code == 0
    done = run("check", "--baseline", "base.json")
    assert done.exit_code == 0
    assert done.output.endswith("2 components, 1 hop\n0 errors, 0 warnings; 1 suppressed\n")
    conf = repo / "nginx.conf"
    conf.write_text("# a line\n# and another\n" + conf.read_text())
    assert run("check", "--baseline", "base.json").exit_code == 0
    conf.write_text(conf.read_text().replace("10s", "301s"))
    done = run("check", "--baseline", "base.json")
    assert done.exit_code == 0
    assert done.stderr == "base.json: idle-reuse-race on lb->vm is found no more; the entry can go\n"


def test_undecided_names_what_would_decide(run, repo: Path) -> None:
    """A value behind a variable: counted always, named on request."""
    (repo / "nginx.conf").write_text(
        (repo / "nginx.conf").read_text().replace("keepalive_timeout 10s", "keepalive_timeout ${KEEP}")
    )
    assert "undecided (--undecided)" in run("check").output
    assert "undecided[idle-reuse-race]: lb->vm needs vm accept.idle_close" in run("check", "--undecided").output
