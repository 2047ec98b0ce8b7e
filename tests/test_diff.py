"""Two states compared: a version alone is a change, what it arms, and a finding with other values is no new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tochain.diff import Difference, compare
from tochain.report.diff import render
from tochain.report.view import View

NGINX = """\
events {{}}
http {{
  upstream app {{ server app:3000; keepalive 16; }}
  server {{
    listen 80;
{locations}  }}
}}
"""
DECLARED = """\
version: 1
components:
  lb: {{product: black-box, timers: {{connect.response_header: {lb}}}}}
  web: {{product: nginx, version: {version}, config: nginx.conf}}
  app: {{product: nodejs-http, version: "20.11"}}
paths: [{{path: lb -> web -> app, protocol: http}}]
"""


@pytest.fixture
def states(tmp_path: Path):
    """Writes two states and compares them."""

    def compared(old: dict[str, str], new: dict[str, str]) -> Difference:
        folders = []
        for name, given in (("old", old), ("new", new)):
            folder = tmp_path / name
            folder.mkdir()
            values = {"version": "1.28.0", "lb": "400s", "locations": "location / { proxy_pass http://app; }\n"} | given
            (folder / "nginx.conf").write_text(NGINX.format(**values))
            (folder / "tochain.yaml").write_text(DECLARED.format(**values))
            folders.append(folder)
        return compare(*folders)

    return compared


def rows(found: Difference) -> list[str]:
    return [
        f"{'!' if c.arms else ' '} {c.component} {c.place} {c.timer} "
        f"{c.before.value if c.before else '-'} -> {c.after.value if c.after else '-'}"
        for c in found.changes
    ]


def test_a_version_alone_is_a_change(states) -> None:
    """From 1.30 on nginx keeps connections by itself: a pool forms, and the race with it."""
    found = states({}, {"version": "1.30.0"})
    assert rows(found) == [
        "! web location / connect.idle_keep off -> 60s",
        "  web location / connect.idle_pool_size off -> 16",
        "! web location / connect.max_age - -> 1h",
        "  web location / connect.max_requests - -> 1000",
        "  web location / connect.validate_after_idle - -> 0s",
    ]
    assert ([f.rule for f in found.new], [f.rule for f in found.gone], found.other) == (
        ["idle-reuse-race"],
        ["keepalive-without-effect"],
        (),
    )
    shown = render(found, View())
    assert shown.startswith("5 effective timers changed, 2 limits armed (!): can fire now, could not before\n")
    assert "  = note: armed by: web location / connect.idle_keep off -> 60s\n" in shown


def test_what_held_everywhere_and_holds_in_one_place_now_is_one_timer(states) -> None:
    """A default of the server becomes a location's own value: no timer goes, none comes."""
    found = states({}, {"locations": "location / { proxy_pass http://app; proxy_read_timeout 300s; }\n"})
    assert rows(found) == [
        "  web location / accept.stream_idle 60s -> 300s",
        "  web location / connect.read_stall 60s -> 300s",
        "  web location / connect.response_header 60s -> 300s",
    ]


SLOW = "location /{} {{ proxy_pass http://app; proxy_read_timeout {}s; }}\n"


def test_a_finding_with_other_values_is_not_new(states) -> None:
    """It was there before; only what was not decides the exit status."""
    found = states({"lb": "60s", "locations": SLOW.format("a", 120)}, {"lb": "60s", "locations": SLOW.format("a", 90)})
    assert (found.new, found.gone, [f.rule for f in found.other]) == ((), (), ["caller-gives-up-first"])
    assert "1 finding still there with other values\n  caller-gives-up-first: " in render(found, View())


def test_a_further_place_of_an_equal_finding_is_new(states) -> None:
    """Both locations have one fingerprint."""
    one, two = SLOW.format("a", 120), SLOW.format("b", 120)
    found = states({"lb": "60s", "locations": one}, {"lb": "60s", "locations": one + two})
    assert [(f.rule, f.primary.span.start.line) for f in found.new if f.rule != "keepalive-without-effect"] == [
        ("caller-gives-up-first", 7)
    ]


def test_json_has_all_of_it(states) -> None:
    data = states({}, {"version": "1.30.0"}).to_json()
    assert [f["rule"] for f in data["new"]] == ["idle-reuse-race"]
    assert [f["rule"] for f in data["gone"]] == ["keepalive-without-effect"]
    assert data["other"] == []
    assert data["changes"][0] == {
        "component": "web", "product": "nginx", "timer": "connect.idle_keep", "place": "location /", "arms": True,
        "before": {"value": "off", "setting": "upstream keepalive", "origin": "written", "place": "nginx.conf:3:35", "because": data["changes"][0]["before"]["because"]},
        "after": {"value": "60s", "setting": "upstream keepalive_timeout", "origin": "default", "place": "nginx.conf:4:3", "because": "60s since 1.15.3"},
    }  # fmt: skip
