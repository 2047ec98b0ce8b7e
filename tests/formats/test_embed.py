"""Files inside files keep the places of the outer one."""

import pytest

from tests.formats.entries import table
from tests.formats.trees import place
from tochain.formats.embed import embedded
from tochain.formats.hclfile import parse_hcl
from tochain.formats.ini import parse_words
from tochain.formats.jsonfile import parse_json
from tochain.formats.keyvalue import parse_properties
from tochain.formats.yamlfile import parse
from tochain.model.span import SourceFile

CONFIG_MAP = """\
data:
  redis.conf: |
    # c
    timeout 300

    tcp-keepalive 60
  app.yaml: |-
    server:
      keep: 5s
  plain: timeout 5
  quoted: "timeout 6"
  escaped: "timeout\\n6"
  folded: >
    timeout 7
"""


@pytest.fixture
def config_map() -> SourceFile:
    return SourceFile("map.yaml", CONFIG_MAP)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("redis.conf", ["4:5-4:12 'timeout' 4:13-4:16 '300'", "6:5-6:18 'tcp-keepalive' 6:19-6:21 '60'"]),
        ("plain", ["10:10-10:17 'timeout' 10:18-10:19 '5'"]),
        ("quoted", ["11:12-11:19 'timeout' 11:20-11:21 '6'"]),
        ("folded", ["14:5-14:12 'timeout' 14:13-14:14 '7'"]),
        ("escaped", None),
    ],
)
def test_lines_in_yaml(config_map: SourceFile, key: str, expected: list[str] | None) -> None:
    node = parse(config_map).roots[0].get("data", key)
    assert node is not None
    inner = embedded(config_map, node)
    assert (table(parse_words(inner)) if inner else None) == expected


def test_yaml_in_yaml(config_map: SourceFile) -> None:
    node = parse(config_map).roots[0].get("data", "app.yaml")
    assert node is not None
    inner = embedded(config_map, node)
    assert inner is not None
    keep = parse(inner).roots[0].get("server", "keep")
    assert keep is not None and place(keep.span) == "9:13-9:15"


def test_json_in_a_heredoc() -> None:
    source = SourceFile("main.tf", 'a "b" "c" {\n  d = <<-EOF\n    [{"e": 5}]\n  EOF\n}\n')
    node = parse_hcl(source).roots[0].get("a", "d")
    assert node is not None
    inner = embedded(source, node)
    assert inner is not None
    value = parse_json(inner).roots[0].get(0, "e")
    assert value is not None and place(value.span) == "3:12-3:13"
    assert parse_properties(inner).problems == []


def test_a_collection_is_no_file(config_map: SourceFile) -> None:
    assert embedded(config_map, parse(config_map).roots[0]) is None
