"""Proposed values tried on the path before they are offered."""

from __future__ import annotations

import pytest

from tochain.check import check_files
from tochain.fix import trial

CHAIN = """\
version: 1
components:
  front: {{product: black-box, timers: {{connect.response_header: {front}}}}}
  edge: {{product: nginx, version: "1.26.0", config: nginx.conf}}
  app: {{product: gunicorn, settings: {{timeout: {app}}}}}
paths: [front -> edge -> app]
"""
NGINX = "http {{ server {{ listen 80; location / {{ proxy_pass http://app:8000; proxy_read_timeout {read}; }} }} }}\n"


def fixes(front: str, read: str, app: int) -> list[str]:
    """What is proposed for a server that works longer than its proxy waits."""
    texts = {"tochain.yaml": CHAIN.format(front=front, app=app), "nginx.conf": NGINX.format(read=read)}
    (found,) = [f for f in check_files(texts).findings if f.rule == "work-for-nobody"]
    return [f"{fix.component} {fix.setting} {fix.value}: {fix.because}" for fix in found.fixes]


def test_a_value_that_breaks_the_next_hop_comes_last_and_says_so():
    assert fixes("60s", "60s", 300) == [
        "app timeout 55s: edge waits no longer than 60s",
        "edge proxy_read_timeout 305s: app may take 300s; whoever calls edge has to wait that long too; "
        "but then front gives up after 60s, but edge waits 305s for app",
    ]


def test_a_value_that_fits_is_offered_as_it_is():
    assert fixes("400s", "60s", 300) == [
        "edge proxy_read_timeout 305s: app may take 300s; whoever calls edge has to wait that long too",
        "app timeout 55s: edge waits no longer than 60s",
    ]


@pytest.mark.parametrize(("name", "value"), [("MOST_FIXES", 0), ("MOST_HOPS", 0)])
def test_beyond_its_bounds_nothing_is_tried(name: str, value: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trial, name, value)
    assert [line.partition(":")[0] for line in fixes("60s", "60s", 300)] == [
        "edge proxy_read_timeout 305s",
        "app timeout 55s",
    ]


def test_what_does_not_fit_already_is_not_blamed_on_the_value():
    """The front gives up first with the old value as well."""
    assert "but then" not in fixes("30s", "60s", 300)[0]


def test_a_grace_period_is_tried_on_its_component():
    texts = {
        "tochain.yaml": "version: 1\ncomponents:\n"
        "  app: {product: kubernetes, settings: {lifecycle.preStop: 40s, terminationGracePeriodSeconds: 30}}\n"
    }
    (found,) = check_files(texts).findings
    assert [(fix.setting, fix.value, fix.because) for fix in found.fixes] == [
        (
            "terminationGracePeriodSeconds",
            "70s",
            "the hook takes 40s, and the program needs time of its own after it",
        )
    ]
