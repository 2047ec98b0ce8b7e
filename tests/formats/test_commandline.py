"""Command lines: words, programs, flags, each with its place."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.trees import check_inside, place
from tochain.formats.commandline import assignments, commands, flags, last_flag, split
from tochain.formats.yamlfile import parse
from tochain.model.component import Word
from tochain.model.span import Pos, SourceFile, Span


def words(text: str, *, script: bool = False) -> list[Word]:
    source = SourceFile("f", text)
    return split(text, source.span(0, len(text)), source, script=script)


def texts(argvs: list[list[Word]]) -> list[str]:
    return [" ".join(word.text for word in argv) for argv in argvs]


def test_words_have_places() -> None:
    found = words("""run --a="b c" 'd e'\\ f $X ${Y:-a b} $(cat x y) `id -u`  # c""")
    assert [(word.text, place(word.span)) for word in found] == [
        ("run", "1:1-1:4"),
        ("--a=b c", "1:5-1:14"),
        ("d e f", "1:15-1:23"),
        ("$X", "1:24-1:26"),
        ("${Y:-a b}", "1:27-1:36"),
        ("$(cat x y)", "1:37-1:47"),
        ("`id -u`", "1:48-1:55"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b; c|d", ["a", "&&", "b", ";", "c", "|", "d"]),
        ("a \\\n  b\nc", ["a", "b", "c"]),
        ("a 2>&1 >/dev/null b >> log c", ["a", "b", "c"]),
        ("a \"\" ''", ["a", "", ""]),
        ('"a\\"b\\n\\$c"', ['a"b\\n$c']),
        ("it's", ["it's"]),
        ("a#b", ["a#b"]),
        ("", []),
    ],
)
def test_split(text: str, expected: list[str]) -> None:
    assert [word.text for word in words(text)] == expected


def test_places_in_yaml() -> None:
    source = SourceFile(
        "f",
        'a: "gunicorn -t 5"\nb: >\n  gunicorn\n    -t  5\nc: gunicorn\n  -t 5\nd: "gunicorn \\"-t\\" 5"\n',
    )
    root = parse(source).roots[0]
    found = {key.text: [place(word.span) for word in split(node.text, node.span, source)] for key, node in root.entries}
    assert found == {
        "a": ["1:5-1:13", "1:14-1:16", "1:17-1:18"],
        "b": ["3:3-3:11", "4:5-4:7", "4:9-4:10"],
        "c": ["5:4-5:12", "6:3-6:5", "6:6-6:7"],
        "d": ["7:5-7:13", "7:4-7:23", "7:21-7:22"],
    }


def test_places_without_the_file() -> None:
    line = Span("f", Pos(3, 5), Pos(3, 8))
    quoted = Span("f", Pos(3, 5), Pos(3, 10))
    other = Span("f", Pos(3, 5), Pos(4, 10))
    assert [place(word.span) for word in split("a b", line)] == ["3:5-3:6", "3:7-3:8"]
    assert [place(word.span) for word in split("a b", quoted)] == ["3:6-3:7", "3:8-3:9"]
    assert [word.span for word in split("a b", other)] == [other, other]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a -x 1", ["a -x 1"]),
        ("exec a 1 && b; ./c &", ["a 1", "b", "./c"]),
        ("A=1 B='x y' exec -a n a", ["a"]),
        ("env A=1 a", ["a"]),
        ("/usr/bin/tini -g -- gosu app:app a", ["a"]),
        ("sudo -u www a", ["a"]),
        ("python3.12 -u -m gunicorn app", ["gunicorn app"]),
        ("python app.py -m x", ["python app.py -m x"]),
        ("poetry run bundle exec puma -t 1:2", ["puma -t 1:2"]),
        ("if test -f x; then a; fi", ["test -f x", "a"]),
        ("/bin/sh -c 'cd x && exec gunicorn -t 5' ; z", ["cd x", "gunicorn -t 5", "z"]),
        ("bash -eo pipefail -c \"sh -c 'a 1'; b\"", ["a 1", "b"]),
        ("sh start.sh", ["sh start.sh"]),
        ("exec", []),
        ("", []),
    ],
)
def test_commands(text: str, expected: list[str]) -> None:
    assert texts(commands(words(text), SourceFile("f", text))) == expected


def test_a_script_keeps_its_places() -> None:
    source = SourceFile(
        "f", "command: [sh, -c, 'a && b --t 5']\nother:\n  - sh\n  - -c\n  - |\n    cd x\n    b --t 5\n"
    )
    root = parse(source).roots[0]
    for key, expected in (("command", "1:31-1:32"), ("other", "7:11-7:12")):
        argv = commands([Word(node.text, node.span) for node in root.each(key)], source)[-1]
        assert [word.text for word in argv] == ["b", "--t", "5"]
        assert place(argv[2].span) == expected


def test_assignments() -> None:
    found = assignments(words("A=1 env B='x y' C= gunicorn D=2"))
    assert {name: (word.text, place(word.span)) for name, word in found.items()} == {
        "A": ("1", "1:3-1:4"),
        "B": ("x y", "1:12-1:15"),
        "C": ("", "1:19-1:19"),
    }


def test_flags() -> None:
    argv = words("x -k 5 -k6 --keep-alive 7 --keep-alive=8 '--a=b c' -v -Da.b=1 -timeout 5s - y -w4 -- -k 9")
    found = flags(argv, {"-k", "--keep-alive", "-timeout"})
    assert [(flag.name, flag.value, place(flag.span), place(flag.value_span)) for flag in found] == [
        ("-k", "5", "1:3-1:5", "1:6-1:7"),
        ("-k", "6", "1:8-1:11", "1:10-1:11"),
        ("--keep-alive", "7", "1:12-1:24", "1:25-1:26"),
        ("--keep-alive", "8", "1:27-1:41", "1:40-1:41"),
        ("--a", "b c", "1:42-1:51", "1:47-1:50"),
        ("-v", "", "1:52-1:54", "1:52-1:54"),
        ("-Da.b", "1", "1:55-1:62", "1:61-1:62"),
        ("-timeout", "5s", "1:63-1:71", "1:72-1:74"),
        ("-w4", "", "1:79-1:82", "1:79-1:82"),
    ]
    last = last_flag(found, "-k", "--keep-alive")
    assert last is not None and last.value == "8"
    assert last_flag(found, "--none") is None


def test_a_value_flag_at_the_end() -> None:
    assert [(flag.name, flag.value) for flag in flags(words("x -k"), {"-k"})] == [("-k", "")]


@given(st.lists(st.text(alphabet="ab -_='\"\\$/é", max_size=6), max_size=6))
def test_what_a_shell_would_quote_comes_back(argv: list[str]) -> None:
    assert [word.text for word in words(shlex.join(argv))] == argv


PIECES = st.sampled_from([*"ab -='\"\\$(){}`;&|<>#\n\t\ré", "sh -c ", "&&", "${", "$(", "exec ", "env ", "A=1 "])


@given(st.lists(PIECES, max_size=30).map("".join), st.booleans(), st.booleans())
def test_any_text(text: str, script: bool, known: bool) -> None:
    source = SourceFile("f", f"k: {text}\n")
    span = source.span(3, 3 + len(text))
    found = split(text, span, source if known else None, script=script)
    for argv in [found, *commands(found, source)]:
        for word in argv:
            check_inside(source, word.span)
        for flag in flags(argv, {"-a"}):
            check_inside(source, flag.value_span)
    assignments(found)


@pytest.mark.parametrize("piece", ["$(", "${", '"\\"', "`", "'", "\\", "a ", "sh -c ", "("])
def test_long_input_ends(piece: str) -> None:
    found = words(piece * 20_000)
    commands(found, SourceFile("f", piece * 20_000))
