"""XML: elements, attributes, texts, places, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.trees import check_laws, outline, problems
from tochain.formats.tree import Document
from tochain.formats.xmlfile import parse_xml
from tochain.model.span import SourceFile

TOMCAT = """\
<?xml version='1.0' encoding='iso-8859-1'?>
<!DOCTYPE Server SYSTEM "none.dtd">
<Server port="8005">
  <!-- ü <Connector/> -->
  <Connector port='8080' connectionTimeout = "20000"
             note="ä &lt; b"/>
  <Connector port="8443"></Connector>
  <x:timeout> 30 </x:timeout>
  <name>a &amp; b</name><empty/>
  text
</Server>
"""
TREE = """\
3:1-11:10 Server mapping
  3:9-3:13 '@port':
    3:14-3:20 '8005'q
  5:4-5:13 'Connector':
    5:3-6:31 Connector mapping
      5:14-5:18 '@port':
        5:19-5:25 '8080'q
      5:26-5:43 '@connectionTimeout':
        5:46-5:53 '20000'q
      6:14-6:18 '@note':
        6:19-6:29 'ä < b'q
  7:4-7:13 'Connector':
    7:3-7:38 Connector mapping
      7:14-7:18 '@port':
        7:19-7:25 '8443'q
  8:4-8:13 'timeout':
    8:15-8:17 timeout '30'
  9:4-9:8 'name':
    9:9-9:18 name 'a & b'q
  9:26-9:31 'empty':
    9:33-9:33 empty ''"""


def read(text: str) -> Document:
    source = SourceFile("f.xml", text)
    document = parse_xml(source)
    check_laws(source, document)
    return document


def test_elements() -> None:
    document = read(TOMCAT)
    assert document.problems == []
    root = document.roots[0]
    assert outline(root) == TREE
    assert root.text == "text"
    assert [child.value("@port") for child in root.all("Connector")] == ["8080", "8443"]


OWN = "1:13-1:14 failed a DOCTYPE with declarations of its own is not read"
DEEP = "1:601-1:602 failed nested too deeply: at most 200 levels are read in <a> of line 1"
BOMB = '<!DOCTYPE a [<!ENTITY x "xxx"><!ENTITY y "&x;&x;">]>\n<a>&y;</a>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOMB, OWN),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', OWN),
        ("<a>\n <b>\n</a>", "3:3-3:4 failed mismatched tag in <b> of line 2"),
        ("<a><b x=1/></a>", "1:9-1:10 failed not well-formed (invalid token) in <a> of line 1"),
        ("<a x='1' x='2'/>", "1:10-1:11 failed duplicate attribute"),
        ("<ü>&nbsp;</ü>", "1:4-1:5 failed undefined entity in <ü> of line 1"),
        ("", "1:1-1:1 failed no element found"),
        ("<a>", "1:4-1:4 failed no element found in <a> of line 1"),
        ("<a/>x", "1:5-1:6 failed junk after document element"),
        ("<a>" * 10_000, DEEP),
        ("<a>" * 10_000 + "</a>" * 10_000, DEEP),
    ],
)  # fmt: skip
def test_faults(text: str, expected: str) -> None:
    document = read(text)
    assert document.roots == []
    assert problems(document) == [expected]


def test_templates() -> None:
    document = read("<a>\n<% if x %>\n<b c='<%= y %>ms'>{{ z }}</b>\n<d>{{ z }}</d>\n<% end %>\n</a>")
    root = document.roots[0]
    assert (root.value("b", "@c"), root.value("d")) == ("<%= y %>ms", "{{ z }}")
    assert problems(document) == ["2:1-2:11 template: what its actions come to is not known before rendering"]


PIECES = st.sampled_from(
    [
        *"ab<>/=\"'& \n\té!?-[]%{}",
        "<a>",
        "</a>",
        "<b x='1'/>",
        "<!--",
        "-->",
        "&lt;",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE a>",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=40).map(lambda parts: f"<a>{''.join(parts)}</a>")))
def test_any_text(text: str) -> None:
    read(text)


@given(st.integers(0, len(TOMCAT)), st.integers(0, 20), PIECES)
def test_broken_samples(at: int, cut: int, piece: str) -> None:
    read(TOMCAT[:at])
    read(TOMCAT[:at] + piece + TOMCAT[at + cut :])


@pytest.mark.parametrize("piece", ["<a/>", "<a ", "<!--", "é<a b='ü'/>", "&lt;", "<a b='"])
def test_long_input_ends(piece: str) -> None:
    read(f"<r>{piece * 20_000}</r>")
