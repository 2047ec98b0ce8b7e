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


def proposals(rule: str, **texts: str) -> list[str]:
    """What is proposed for the findings of one rule; the names of files have _ for a dot."""
    given = {path.replace("_", "."): text for path, text in texts.items()}
    found = [f for f in check_files(given).findings if f.rule == rule]
    return [f"{fix.component} {fix.setting} {fix.value}: {fix.because}" for f in found for fix in f.fixes]


def test_a_value_that_leaves_the_finding_says_that_it_is_not_enough():
    """The route's own limit is as short as that of one try."""
    route = "route: {cluster: app, timeout: 10s, retry_policy: {retry_on: 5xx, num_retries: 1, per_try_timeout: 8s}}"
    envoy = (
        "static_resources:\n  listeners:\n  - address: {socket_address: {address: 0.0.0.0, port_value: 80}}\n"
        "    filter_chains: [{filters: [{name: envoy.filters.network.http_connection_manager, typed_config: "
        "{route_config: {virtual_hosts: [{domains: ['*'], routes: [{match: {prefix: /}, " + route + "}]}]}}}]}]\n"
        "  clusters: [{name: app, load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: "
        "{socket_address: {address: app, port_value: 8000}}}}]}]}}]\n"
    )
    chain = (
        "version: 1\ncomponents:\n  edge: {product: envoy, config: envoy.yaml}\n"
        "  app: {product: gunicorn, settings: {timeout: 30}}\npaths: [edge -> app]\n"
    )
    last = proposals("work-for-nobody", tochain_yaml=chain, envoy_yaml=envoy)[-1]
    assert last.startswith("edge route.retry_policy.per_try_timeout 35s: app may take 30s")
    assert "not enough by itself: edge gives up after 10s, while app may work on the request for 30s" in last


def test_a_value_is_proposed_in_the_units_of_its_product_and_within_its_range():
    """Azure takes whole minutes, up to a hundred of them; a pool takes no lifetime below half a minute."""
    chain = (
        "version: 1\ncomponents:\n  app: {{product: black-box, timers: {{connect.tcp_keepalive_time: {keep}}}}}\n"
        "  lb: {{product: azure-lb, settings: {{idleTimeoutInMinutes: 4}}}}\n"
        "  db: {{product: black-box, timers: {{accept.tcp_keepalive_time: off}}}}\n"
        "paths: [{{path: app -> lb -> db, protocol: tcp}}]\n"
    )
    rule = "flow-forgotten-before-keepalive"
    assert [line.partition(":")[0] for line in proposals(rule, tochain_yaml=chain.format(keep="500s"))] == [
        "lb idleTimeoutInMinutes 540s"
    ]
    assert proposals(rule, tochain_yaml=chain.format(keep="2h")) == []
