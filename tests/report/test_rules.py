import json

from tochain.report.products import FORMATS as PRODUCTS
from tochain.report.rules import FORMATS, timers_of
from tochain.report.view import View

RULES = [
    {"id": "zzz", "family": "setting", "severity": "note", "scope": "component", "since": "0.1.0", "summary": "z"},
    {
        "id": "idle-reuse-race",
        "family": "idle-reuse",
        "severity": "error",
        "scope": "hop",
        "since": "0.1.0",
        "summary": "pool keeps connections longer than its peer",
        "fix": [{"set": "a", "to": "b"}],
    },
]


def test_the_table_of_rules() -> None:
    assert (
        FORMATS["text"](RULES, View())
        == """\
rule             family      severity  scope      since  fixable  summary
idle-reuse-race  idle-reuse  error     hop        0.1.0  yes      pool keeps connections longer than its peer
zzz              setting     note      component  0.1.0  no       z
2 rules
"""
    )


def test_rules_as_json() -> None:
    assert json.loads(FORMATS["json"](RULES, View()))["rules"][1] == {
        "rule": "zzz",
        "family": "setting",
        "severity": "note",
        "scope": "component",
        "since": "0.1.0",
        "fixable": False,
        "summary": "z",
    }


def test_the_timers_a_rule_speaks_of() -> None:
    rule = {
        "id": "x",
        "when": "client.connect.idle_pool_size > 0",
        "require": "client.connect.idle_keep + margin <= server.accept.idle_close and connect.nonsense < 1s",
        "labels": [{"of": "server.accept.idle_close"}],
    }
    assert timers_of(rule) == ("accept.idle_close", "connect.idle_keep", "connect.idle_pool_size")
    assert timers_of({"id": "x"}) == ()


def test_the_table_of_products() -> None:
    products = [
        {"name": "nginx", "title": "nginx", "kind": "proxy", "settings": 60, "files": "nginx*.conf *.nginx"},
        {"name": "aws-alb", "title": "AWS Application Load Balancer", "kind": "lb", "settings": 9},
    ]
    assert (
        PRODUCTS["text"](products, View())
        == """\
product  kind   settings  files                title
aws-alb  lb            9                       AWS Application Load Balancer
nginx    proxy        60  nginx*.conf *.nginx
2 products
"""
    )
    assert json.loads(PRODUCTS["json"](products, View())) == {"schema": 1, "products": products[::-1]}
