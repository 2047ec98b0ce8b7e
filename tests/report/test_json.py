import json
from dataclasses import replace

from tochain import __version__
from tochain.model.result import Result
from tochain.report import FORMATS
from tochain.report.view import View

FINDING = """\
    {
      "rule": "idle-reuse-race",
      "family": "idle-reuse",
      "severity": "error",
      "message": "proxy reuses idle connections for up to 300s, vm closes them after 10s",
      "hop": {
        "client": "proxy",
        "server": "vm",
        "box": null
      },
      "path": [
        "app",
        "proxy",
        "vm"
      ],
      "labels": [
        {
          "component": "vm",
          "timer": "accept.idle_close",
          "setting": "keepalive_timeout",
          "value": "10s",
          "seconds": 10.0,
          "origin": "written",
          "file": "vm/nginx.conf",
          "start": {
            "line": 2,
            "column": 21
          },
          "end": {
            "line": 2,
            "column": 24
          },
          "source": null,
          "primary": true,
          "text": "already closed after 10s idle",
          "because": ""
        },
"""


def test_a_finding_has_the_documented_keys_in_order(result: Result, view: View) -> None:
    assert FINDING in FORMATS["json"](result, view)


def test_the_rest_of_the_run(result: Result, view: View) -> None:
    data = json.loads(FORMATS["json"](result, view))
    assert list(data) == ["schema", "tool", "summary", "files", "findings", "undecided", "crashes"]
    assert data["tool"] == {"name": "tochain", "version": __version__}
    assert data["summary"] == {
        "files": {"understood": 1, "partly": 1, "unrecognised": 1, "failed": 1},
        "components": 4,
        "hops": 3,
        "findings": {"error": 1, "warning": 1, "note": 0},
        "undecided": 2,
        "suppressed": 1,
    }
    assert data["files"][0] == {"path": "notes.txt", "product": None, "status": "unrecognised", "problems": []}
    assert data["files"][2]["problems"] == [
        {
            "message": "expected ';' or '{', found the end of the file",
            "file": "vm/broken.conf",
            "start": {"line": 3, "column": 7},
            "end": {"line": 3, "column": 8},
            "status": "failed",
        }
    ]
    assert data["undecided"][0] == {
        "rule": "deadline-outer-first",
        "hop": {"client": "app", "server": "proxy", "box": None},
        "needs": ["app connect.request_total"],
    }
    race = data["findings"][1]
    assert list(race)[:10] == [
        "rule", "family", "severity", "message", "hop", "path", "labels", "seen", "fixes", "fingerprint",
    ]  # fmt: skip
    assert list(race)[10:] == ["steps", "notes", "confidence", "count", "extra"]
    assert race["steps"][1] == {
        "microseconds": 10_000_000,
        "latest": None,
        "from": "vm",
        "to": "proxy",
        "what": "FIN",
        "label": 0,
    }
    assert Result.from_json(data) == result


def test_text_is_kept_but_cannot_command_a_terminal(race) -> None:
    told = replace(race, message="時間\x1b[2J\x9b\u202e\ud800 postgres://a:b@c")
    shown = FORMATS["json"](Result(findings=(told,)), View())
    assert '"message": "時間\\u001b[2J\\u009b\\u202e\\ud800 postgres://a:*@c",' in shown
    shown.encode("utf-8")
