"""Keys and values with exact places: sysctl, .env, Java properties."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.entries import check_entries, faults, table
from tochain.formats.keyvalue import Entries, parse_env, parse_properties, parse_sysctl
from tochain.model.span import SourceFile

Parser = Callable[[SourceFile], Entries]


def read(parse: Parser, text: str) -> Entries:
    source = SourceFile("f", text)
    out = parse(source)
    check_entries(source, out)
    return out


def test_sysctl() -> None:
    text = """\
# net.a = 1
; net.b = 2
net.ipv4.tcp_keepalive_time = 600
  -net/ipv4/conf/eth0.100/rp_filter=1\t
net.ipv4.conf.eth0/100.rp_filter = 1 # kept\r

-net.core.excluded
kernel.domainname =
nonsense
{% if x %}
"""
    out = read(parse_sysctl, text)
    assert table(out) == [
        "3:1-3:28 'net.ipv4.tcp_keepalive_time' 3:31-3:34 '600'",
        "4:4-4:36 'net.ipv4.conf.eth0/100.rp_filter' 4:37-4:38 '1'",
        "5:1-5:33 'net.ipv4.conf.eth0/100.rp_filter' 5:36-5:44 '1 # kept'",
        "8:1-8:18 'kernel.domainname' 8:20-8:20 ''",
    ]
    assert faults(out) == [
        "9:1-9:9 expected key = value",
        "10:1-10:11 template: what its actions come to is not known before rendering",
    ]
    last = out.get("net.ipv4.conf.eth0/100.rp_filter")
    assert last is out.entries[2]
    assert out.get("none") is None


def test_env() -> None:
    text = """\
# c
A=1
export B = two words  # c
C="a\\n\\"b\\" # no" # c\r
D='it\\n # $X'
E="first
 second"
F=
G
H=a#b
I="x" y
J: yaml # c
K='a'b

1X=2
L="open
"""
    out = read(parse_env, text)
    assert table(out) == [
        "2:1-2:2 'A' 2:3-2:4 '1'",
        "3:8-3:9 'B' 3:12-3:21 'two words'",
        "4:1-4:2 'C' 4:3-4:18 'a\\n\"b\" # no'q",
        "5:1-5:2 'D' 5:3-5:14 'it\\\\n # $X'q",
        "6:1-6:2 'E' 6:3-7:9 'first\\n second'q",
        "8:1-8:2 'F' 8:3-8:3 ''",
        "10:1-10:2 'H' 10:3-10:6 'a#b'",
        "11:1-11:2 'I' 11:3-11:8 '\"x\" y'",
        "12:1-12:2 'J' 12:4-12:8 'yaml'",
        "13:1-13:2 'K' 13:3-13:7 \"'a'b\"",
        "16:1-16:2 'L' 16:3-16:8 '\"open'",
    ]
    assert faults(out) == ["15:1-15:5 expected NAME=value", '16:3-16:4 a quote " that never ends']


def test_properties() -> None:
    text = r"""# c = 1
! d = 2
spring.a=1
spring.b : two words
spring.c   three
  path=c:\\x\ty
uni\u00e4\:k = \u0041\
     b\
	c
#---
empty
x==1
  #! no
y = 5s
{{ z }}
q=\uZZ
"""
    out = read(parse_properties, text)
    assert table(out) == [
        "3:1-3:9 'spring.a' 3:10-3:11 '1'",
        "4:1-4:9 'spring.b' 4:12-4:21 'two words'",
        "5:1-5:9 'spring.c' 5:12-5:17 'three'",
        "6:3-6:7 'path' 6:8-6:16 'c:\\\\x\\ty'",
        "7:1-7:13 'uniä:k' 7:16-9:3 'Abc'",
        "11:1-11:6 'empty' 11:6-11:6 '' [1]",
        "12:1-12:2 'x' 12:3-12:5 '=1' [1]",
        "14:1-14:2 'y' 14:5-14:7 '5s' [1]",
        "16:1-16:2 'q' 16:3-16:7 'uZZ' [1]",
    ]
    assert faults(out) == ["15:1-15:8 template: what its actions come to is not known before rendering"]


def test_spans_cover_the_whole_entry() -> None:
    source = SourceFile("f", "  a.b = c d  \n")
    assert source.slice(parse_sysctl(source).entries[0].span) == "a.b = c d"
    assert source.slice(parse_env(source).entries[0].span) == "a.b = c d"
    assert source.slice(parse_properties(source).entries[0].span) == "a.b = c d"


PARSERS = pytest.mark.parametrize("parse", [parse_sysctl, parse_env, parse_properties])
PIECES = st.sampled_from([*"ab=: \t\n\r\\\"'#!;-/.{}%é\f\x85\u2028$", "\\u00", "export ", "#---", "{{ x }}", "\r\n"])


@PARSERS
@given(text=st.one_of(st.text(max_size=50), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text(parse: Parser, text: str) -> None:
    read(parse, text)
