import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tochain.model.component import Address, Component, Link
from tochain.model.fact import Fact
from tochain.model.limit import NEVER, Finite, OneOf, Word, seconds
from tochain.model.span import Pos, Span
from tochain.model.version import parse_versions
from tochain.report.facts import FORMATS, _scalar
from tochain.report.view import View


def at(line: int, column: int, path: str = "nginx.conf") -> Span:
    return Span(path, Pos(line, column), Pos(line, column + 3))


def facts(*given: Fact) -> dict[str, tuple[Fact, ...]]:
    found: dict[str, tuple[Fact, ...]] = {}
    for fact in given:
        found[fact.timer] = (*found.get(fact.timer, ()), fact)
    return found


DOCS = "https://nginx.org/r/proxy_read_timeout"
CLOSE = Fact("accept.idle_close", seconds(10), "keepalive_timeout", "written", at(2, 21))
READ = Fact("connect.read_stall", seconds(60), "proxy_read_timeout", "default", at(1, 1), DOCS)
LONG = Fact("connect.read_stall", seconds(300), "proxy_read_timeout", "inherited", at(9, 5), scope="location /api")
TRIES = Fact("connect.attempts", Finite(3), "proxy_next_upstream_tries", "written", at(4, 3))
ALIVE = Fact(
    "accept.max_age", OneOf((NEVER, seconds(3600))), "keepalive_time", "default", at(1, 1), DOCS, because="any version"
)
MODE = Fact("connect.retry_condition", Word("error timeout"), "proxy_next_upstream", "written", at(5, 3))
NGINX = Component(
    "nginx:nginx.conf#vm",
    "vm",
    "nginx",
    at(1, 1),
    versions=parse_versions("1.22.1"),
    facts=facts(CLOSE, READ, TRIES, ALIVE, MODE),
    links=(
        Link(Address("app", 8000), at(9, 5), label="location /api", facts=facts(LONG, TRIES)),
        Link(Address("db", 3306), at(12, 5), facts=facts(READ)),
    ),
)
BOX = Component("black-box:tochain.yaml#proxy", "black-box", "black-box", at(3, 3, "tochain.yaml"))


def test_the_table() -> None:
    assert (
        FORMATS["text"]([NGINX, BOX], View())
        == """\
black-box  tochain.yaml:3:3
  no timer is known of it

vm (nginx 1.22.1)  nginx.conf:1:1
  timer                    value          setting                    origin   because      from
  accept.idle_close        10s            keepalive_timeout          written               nginx.conf:2:21
  accept.max_age           never or 1h    keepalive_time             default  any version  https://nginx.org/r/proxy_read_timeout
  connect.attempts         3              proxy_next_upstream_tries  written               nginx.conf:4:3
  connect.read_stall       60s            proxy_read_timeout         default               https://nginx.org/r/proxy_read_timeout
  connect.retry_condition  error timeout  proxy_next_upstream        written               nginx.conf:5:3
  to app:8000 (location /api)  nginx.conf:9:5
    timer               value  setting                             origin     from
    connect.read_stall  300s   proxy_read_timeout (location /api)  inherited  nginx.conf:9:5
"""
    )


def test_nothing_to_show() -> None:
    assert [FORMATS[name]([], View()) for name in ("text", "yaml")] == ["no component was found\n", "[]\n"]


YAML = """\
- component: vm
  product: nginx
  version: "1.22.1"
  at: "nginx.conf:1:1"
  facts:
    - timer: accept.idle_close
      value: "10s"
      seconds: 10.0
      setting: keepalive_timeout
      origin: written
      at: "nginx.conf:2:21"
  links:
    - target: "app:8000"
      label: location /api
      at: "nginx.conf:9:5"
      facts:
        - timer: connect.read_stall
          value: "300s"
          seconds: 300.0
          setting: proxy_read_timeout
          scope: location /api
          origin: inherited
          at: "nginx.conf:9:5"
"""


def test_yaml_is_short_and_says_the_same_as_json() -> None:
    from dataclasses import replace

    one = replace(NGINX, facts=facts(CLOSE), links=(replace(NGINX.links[0], facts=facts(LONG)),))
    assert FORMATS["yaml"]([one], View()) == YAML
    whole = json.loads(FORMATS["json"]([one, BOX], View()))["components"]
    short = yaml.safe_load(FORMATS["yaml"]([one, BOX], View()))
    assert short == _without_empty(whole)
    assert whole[1]["facts"][0] == {
        "timer": "accept.idle_close",
        "value": "10s",
        "seconds": 10.0,
        "setting": "keepalive_timeout",
        "scope": "",
        "origin": "written",
        "at": "nginx.conf:2:21",
        "source": None,
        "because": "",
    }


def _without_empty(value):
    if isinstance(value, dict):
        return {key: _without_empty(inner) for key, inner in value.items() if inner not in ("", None, [])}
    return [_without_empty(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "text", ["off", "1:30", "10s", "- a", "a: b", "a #b", "é", "~", "1e3", "0x10", "", "\x85", "👍", "=", "<<"]
)
def test_scalars_yaml_is_known_to_mistake(text: str) -> None:
    assert yaml.safe_load(_scalar(text)) == text


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_every_scalar_reads_back(text: str) -> None:
    assert yaml.safe_load(f"k: {_scalar(text)}") == {"k": text}


def test_passwords_in_targets_become_stars() -> None:
    from dataclasses import replace

    link = Link(Address(ref="postgres://app:hunter2@db/x"), at(9, 5), facts=facts(LONG))
    shown = [FORMATS[name]([replace(NGINX, links=(link,))], View()) for name in FORMATS]
    assert all("postgres://app:*******@db/x" in text and "hunter2" not in text for text in shown)
