"""What a finding says of a product's behaviour: what was seen of the two products, else what is known of the first."""

from __future__ import annotations

import pytest

from tests.engine.make import component, fact, graph, hop
from tochain.engine.behaviour import behaves
from tochain.engine.nodes import Ref
from tochain.engine.sites import Site, Sites
from tochain.model.version import parse_versions

STALE = ("client", "stale_reuse")
OLD = {"program": "nginx", "version": "1.22.1", "saw": "GET 502, POST 502", "against": "gunicorn"}
NEW = {"program": "nginx", "version": "1.31.3", "saw": "GET 200 after a silent retry, POST 502", "against": "gunicorn"}
CLOSED = {"program": "nginx", "version": "1.9", "saw": "GET connection closed without an answer, POST connection closed without an answer", "against": "gunicorn"}  # fmt: skip
SURE = "POST fails with 502 on nginx 1.31.3; GET is retried silently (observed)"


def site(version: str = "", retry: str = "", product: str = "nginx", variant: str | None = None) -> Site:
    """A client before gunicorn."""
    told = [fact("connect.stale_retry", retry)] if retry else []
    client = component("edge", *told, product=product, versions=parse_versions(version), variant=variant)
    server = component("app", fact("accept.idle_close", "5s"), product="gunicorn")
    return next(Sites(graph(hop(client, server))).having("hop", [Ref("server", "accept.idle_close")]))


@pytest.mark.parametrize(
    ("rows", "version", "said"),
    [
        ([OLD, NEW], "", SURE),
        ([OLD, NEW], "1.31", SURE),
        ([OLD, NEW], "1.28.0", "GET and POST fail with 502 on nginx 1.22.1 (observed)"),
        ([OLD, NEW], "1.20.0", "GET and POST fail with 502 on nginx 1.22.1 (observed)"),
        ([CLOSED], "", "GET and POST fail on nginx 1.9: connection closed without an answer (observed)"),
        ([{**NEW, "saw": "GET 200 (3 of 20) or 502 (17 of 20), POST 502"}], "", "GET 200 (3 of 20) or 502 (17 of 20), POST 502 on nginx 1.31.3 (observed)"),
        ([{**NEW, "against": "puma"}], "", "the client sees: GET 200, POST 502"),
    ],
)  # fmt: skip
def test_what_was_seen_of_the_pair_comes_first(rows: list[dict[str, str]], version: str, said: str) -> None:
    known = {"stale_reuse": {"get": "200", "post": "502", "source": "x", "observed": rows}}
    assert behaves(STALE, site(version), lambda product: known) == [said]


@pytest.mark.parametrize(("retry", "said"), [("idempotent", [SURE]), ("all", []), ("none", []), ("", [SURE])])
def test_a_client_configured_to_repeat_otherwise_was_not_seen(retry: str, said: list[str]) -> None:
    known = {"stale_reuse": {"get": "200", "observed": [NEW]}}
    assert behaves(STALE, site(retry=retry), lambda product: known) == said


@pytest.mark.parametrize(("variant", "program"), [(None, "requests"), ("urllib3", "urllib3")])
def test_of_several_programs_of_a_product_the_one_that_runs(variant: str | None, program: str) -> None:
    rows = [
        {"program": name, "version": "2.8.0", "saw": f"GET {name}Error, POST {name}Error", "against": "gunicorn"}
        for name in ("urllib3", "requests")
    ]
    found = behaves(
        STALE,
        site(product="python-requests", variant=variant),
        lambda product: {"stale_reuse": {"observed": rows}},
    )
    assert found == [f"GET and POST fail with {program}Error on {program} 2.8.0 (observed)"]


STEPS = [{"value": "502"}, {"since": "2.8", "value": "closed"}, {"since": "2.9", "value": "502"}]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("2.6.12", "GET and POST 502"),
        ("2.8", "GET and POST closed"),
        ("", "GET and POST 502; closed (since 2.8); 502 (since 2.9)"),
    ],
)
def test_what_is_known_may_depend_on_the_version(version: str, said: str) -> None:
    known = {"stale_reuse": {"get": STEPS, "post": STEPS, "source": "x"}}
    assert behaves(STALE, site(version), lambda product: known) == [f"the client sees: {said}"]


def test_what_is_no_answer_to_a_caller_begins_otherwise() -> None:
    known = {"stop": {"running requests": "lost", "source": "x", "observed": [{"against": "on SIGTERM"}]}}
    assert behaves(("server", "stop"), site(), lambda product: known) == ["told to stop: running requests lost"]
