"""Sections and settings with exact places, in every dialect."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.entries import check_entries, faults, table
from tochain.formats import ini
from tochain.formats.ini import (
    parse_cfg,
    parse_flat,
    parse_ini,
    parse_mycnf,
    parse_pgbouncer,
    parse_php,
    parse_rabbitmq,
    parse_systemd,
    parse_words,
)
from tochain.formats.keyvalue import Entries
from tochain.model.span import SourceFile

Parser = Callable[[SourceFile], Entries]


def read(parse: Parser, text: str) -> Entries:
    source = SourceFile("f", text)
    out = parse(source)
    check_entries(source, out)
    return out


def test_mycnf() -> None:
    out = read(
        parse_mycnf,
        """\
# c
!includedir /etc/mysql/conf.d/
[mysqld]  # server
wait_timeout=600 # seconds
interactive-timeout = 600
skip-name-resolve
init_connect = 'SET a = 1; # x' # c
; no = 1
[client]\r
wait_timeout = 5\r
= 3
[open
""",
    )
    assert table(out) == [
        "2:1-2:12 '!includedir' 2:13-2:31 '/etc/mysql/conf.d/'",
        "4:1-4:13 'wait_timeout' 4:14-4:17 '600' [mysqld]",
        "5:1-5:20 'interactive-timeout' 5:23-5:26 '600' [mysqld]",
        "6:1-6:18 'skip-name-resolve' 6:18-6:18 '' [mysqld]",
        "7:1-7:13 'init_connect' 7:16-7:32 'SET a = 1; # x'q [mysqld]",
        "10:1-10:13 'wait_timeout' 10:16-10:17 '5' [client]",
    ]
    assert faults(out) == [
        "11:1-11:4 expected a key before the separator",
        "12:1-12:6 a section head that does not end with ]",
    ]
    assert [(head.text, str(head.span)) for head in out.sections] == [("mysqld", "f:3:1"), ("client", "f:9:1")]
    assert [entry.value for entry in out.within("mysqld")] == ["600", "600", "", "SET a = 1; # x"]
    last = out.get("wait_timeout", "mysqld")
    assert last is out.entries[1]


def test_pgbouncer() -> None:
    out = read(
        parse_pgbouncer, "%include a.ini\n[databases]\nx = host=db port=5432\n[pgbouncer]\n;a = 1\nb = 2 ; kept\nc\n"
    )
    assert table(out) == [
        "1:1-1:9 '%include' 1:10-1:15 'a.ini'",
        "3:1-3:2 'x' 3:5-3:22 'host=db port=5432' [databases]",
        "6:1-6:2 'b' 6:5-6:13 '2 ; kept' [pgbouncer]",
    ]
    assert faults(out) == ["7:1-7:2 expected key = value"]


def test_php() -> None:
    text = '[www]\nphp_admin_value[max_execution_time] = 30 ; s\nrequest_terminate_timeout=60s\na = "x;y"\nb =\n'
    assert table(read(parse_php, text)) == [
        "2:1-2:36 'php_admin_value[max_execution_time]' 2:39-2:41 '30' [www]",
        "3:1-3:26 'request_terminate_timeout' 3:27-3:30 '60s' [www]",
        "4:1-4:2 'a' 4:5-4:10 'x;y'q [www]",
        "5:1-5:2 'b' 5:4-5:4 '' [www]",
    ]


def test_rabbitmq() -> None:
    out = read(parse_rabbitmq, "heartbeat = 60 # s\nlisteners.tcp.default=5672\n")
    assert table(out) == [
        "1:1-1:10 'heartbeat' 1:13-1:15 '60'",
        "2:1-2:22 'listeners.tcp.default' 2:23-2:27 '5672'",
    ]


def test_systemd() -> None:
    text = (
        "[Unit]\nAfter=a.service\n[Service]\nExecStart=/usr/bin/x \\\n  --a 1 \\\n# no\n  --b\nExecStartPre=\n"
        "Environment=A=1\nEnvironment=B=2\nTimeoutStopSec = 90 # kept\nbare\nX=1\\\n\nY=2\n"
    )
    out = read(parse_systemd, text)
    assert table(out) == [
        "2:1-2:6 'After' 2:7-2:16 'a.service' [Unit]",
        "4:1-4:10 'ExecStart' 4:11-7:6 '/usr/bin/x --a 1 --b' [Service]",
        "8:1-8:13 'ExecStartPre' 8:14-8:14 '' [Service]",
        "9:1-9:12 'Environment' 9:13-9:16 'A=1' [Service]",
        "10:1-10:12 'Environment' 10:13-10:16 'B=2' [Service]",
        "11:1-11:15 'TimeoutStopSec' 11:18-11:27 '90 # kept' [Service]",
        "13:1-13:2 'X' 13:3-14:1 '1' [Service]",
        "15:1-15:2 'Y' 15:3-15:4 '2' [Service]",
    ]
    assert faults(out) == ["12:1-12:5 expected key = value"]
    assert [entry.value for entry in out.all("Environment")] == ["A=1", "B=2"]


def test_ini() -> None:
    text = '[a]\nx: 1 ; c\ny = "2" # c\nz = "2" 3\nu=a;b\n{{ if }}\nw = \n'
    out = read(parse_ini, text)
    assert table(out) == [
        "2:1-2:2 'x' 2:4-2:5 '1' [a]",
        "3:1-3:2 'y' 3:5-3:8 '2'q [a]",
        "4:1-4:2 'z' 4:5-4:10 '\"2\" 3' [a]",
        "5:1-5:2 'u' 5:3-5:6 'a;b' [a]",
        "7:1-7:2 'w' 7:5-7:5 '' [a]",
    ]
    assert faults(out) == ["6:1-6:9 template: what its actions come to is not known before rendering"]


def test_cfg() -> None:
    out = read(parse_cfg, "[a]\nx =\n  one\n # no\n\n  two\ny = 1 ; c\n  z = 2\nw = 3\n")
    assert table(out) == [
        "2:1-2:2 'x' 2:4-6:6 'one\\ntwo' [a]",
        "7:1-7:2 'y' 7:5-8:8 '1\\nz = 2' [a]",
        "9:1-9:2 'w' 9:5-9:6 '3' [a]",
    ]


def test_flat() -> None:
    text = "a = 10s # c\nb 'it''s \\'# x'  # c\nc.d= 'x' y\n#e = 1\ninclude 'f.conf'\r\ng\n = 3\nh = 'open\n{% if %}\n"
    out = read(parse_flat, text)
    assert table(out) == [
        "1:1-1:2 'a' 1:5-1:8 '10s'",
        "2:1-2:2 'b' 2:3-2:16 \"it's '# x\"q",
        "5:1-5:8 'include' 5:9-5:17 'f.conf'q",
        "6:1-6:2 'g' 6:2-6:2 ''",
    ]
    assert faults(out) == [
        "3:1-3:11 expected key = value",
        "7:2-7:5 expected key = value",
        "8:1-8:10 expected key = value",
        "9:1-9:9 template: what its actions come to is not known before rendering",
    ]


def test_words() -> None:
    out = read(parse_words, 'timeout 300\n# c\nsave "" # c\nlistener 1883  "0.0.0.0"\r\nname "a b" c\nbare\n')
    assert table(out) == [
        "1:1-1:8 'timeout' 1:9-1:12 '300'",
        "3:1-3:5 'save' 3:6-3:8 ''q",
        "4:1-4:9 'listener' 4:10-4:25 '1883  \"0.0.0.0\"'",
        "5:1-5:5 'name' 5:6-5:13 '\"a b\" c'",
        "6:1-6:5 'bare' 6:5-6:5 ''",
    ]
    assert [(arg.text, str(arg.span)) for arg in out.entries[2].args] == [("1883", "f:4:10"), ("0.0.0.0", "f:4:16")]


ALL = [getattr(ini, name) for name in ini.__all__]
PIECES = st.sampled_from(
    [*"ab=: \t\n\r\\\"'#;!%[].{}é\f\x85\u2028", "!include x", "[s]\n", "{{ x }}", "\r\n", "\\\n", "\n  ", "''"]
)


@pytest.mark.parametrize("parse", ALL)
@given(text=st.one_of(st.text(max_size=50), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text(parse: Parser, text: str) -> None:
    read(parse, text)


@pytest.mark.parametrize("parse", ALL)
@pytest.mark.parametrize("text", ["a=\\\n" + "x\\\n" * 20_000, "a" + " " * 100_000 + "b", "'" * 100_000, "[" * 100_000])
def test_long_input_stays_linear(parse: Parser, text: str) -> None:
    read(parse, text)
