"""Small repositories of fixtures/repos: which hops they come to, and the timers that decide, at their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.products.clouds.runs import hops, run
from tochain.model.hop import Hop

REPOS = Path(__file__).parents[3] / "fixtures" / "repos"


def texts(name: str) -> dict[str, str]:
    """The files of a repository by path."""
    root = REPOS / name
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def timers(hop: Hop) -> list[str]:
    """What is written for a hop and its boxes, as lines `side.timer = value @ path:line:column`."""
    boxes = [fact for box in hop.boxes for found in box.facts.values() for fact in found]
    ends = [fact for facts in (hop.client_facts, hop.server_facts) for found in facts.values() for fact in found]
    wanted = (
        "connect.idle_keep",
        "connect.request_total",
        "accept.idle_close",
        "accept.request_total",
        "session.",
        "flow.idle_tcp",
    )
    wanted += ("lifecycle.deregistration_delay", "lifecycle.pre_stop", "lifecycle.termination_grace")
    lines = [f"{f.timer} = {f.value} {f.origin} @ {f.span}" for f in (*ends, *boxes) if f.timer.startswith(wanted)]
    return list(dict.fromkeys(lines))


EXPECTED: dict[str, dict[str, list[str]]] = {
    "alb-ec2-gunicorn": {
        "module.edge.aws_alb.this -> gunicorn http (the only one in these files that listens on port 8000)": [
            "accept.idle_close = 75s written @ main.tf:3:12",
            "connect.idle_keep = 75s written @ main.tf:3:12",
            "lifecycle.deregistration_delay = 15s written @ main.tf:5:34",
            "accept.idle_close = 5s written @ app/gunicorn.conf.py:2:1",
            "accept.request_total = 30s default @ app/gunicorn.conf.py:1:1",
        ],
        "aws_cloudfront_distribution.site -> module.edge.aws_alb.this http (referred to directly)": [
            "connect.request_total = never default @ main.tf:19:40",
            "connect.idle_keep = 30s written @ main.tf:29:34",
            "accept.idle_close = 75s written @ main.tf:3:12",
            "connect.idle_keep = 75s written @ main.tf:3:12",
            "lifecycle.deregistration_delay = 300s default @ edge/main.tf:9:20",
        ],
    },
    "alb-ecs-node": {
        "aws_lb.shop -> web http (referred to directly)": [
            "accept.idle_close = 120s written @ infra/terraform.tfvars:1:19",
            "connect.idle_keep = 120s written @ infra/terraform.tfvars:1:19",
            "lifecycle.deregistration_delay = 60s written @ infra/main.tf:41:26",
            "lifecycle.termination_grace = 45s written @ infra/ecs.tf:17:20",
            "accept.idle_close = 65s or 66s written @ app/server.js:7:1",
            "accept.request_total = never fixed @ app/server.js:3:16",
        ]
    },
    "alb-ingress": {
        "aws-alb -> web http (web.shop is web in k8s shop)": [
            "accept.idle_close = 180s written @ ingress.yaml:8:57",
            "connect.idle_keep = 180s written @ ingress.yaml:8:57",
            "lifecycle.deregistration_delay = 45s written @ web.yaml:7:56",
            "lifecycle.termination_grace = 40s written @ web.yaml:29:38",
            "lifecycle.pre_stop = 35s written @ web.yaml:40:26",
            "accept.idle_close = 75s written @ web.yaml:33:92",
            "accept.request_total = never default @ web.yaml:18:9",
        ]
    },
    "gke-ingress": {
        "gcp-lb -> survey http (survey.default is survey in k8s default)": [
            "accept.idle_close = 610s default @ app.yaml:4:9",
            "connect.idle_keep = 600s fixed @ app.yaml:4:9",
            "connect.request_total = 90s written @ app.yaml:33:15",
            "lifecycle.deregistration_delay = 20s written @ app.yaml:35:25",
            "lifecycle.termination_grace = 30s default @ app.yaml:40:9",
            "lifecycle.pre_stop = off default @ app.yaml:40:9",
            "accept.idle_close = 2s default @ app.yaml:40:9",
            "accept.request_total = never default @ app.yaml:40:9",
        ]
    },
    "nlb-service": {
        "client -> [aws-nlb] cache redis (cache.data is cache in k8s data)": [
            "lifecycle.termination_grace = 30s default @ broker.yaml:19:9",
            "lifecycle.pre_stop = off default @ broker.yaml:19:9",
            "accept.idle_close = never default @ broker.yaml:19:9",
            "session.idle_session = never default @ broker.yaml:19:9",
            "flow.idle_tcp = 400s written @ broker.yaml:8:80",
            "lifecycle.deregistration_delay = 300s default @ broker.yaml:4:9",
        ]
    },
    "sam-api-queue": {
        "ServerlessRestApi -> Orders http (referred to directly)": [
            "connect.request_total = 29s default @ template.yaml:21:9",
            "accept.request_total = 60s written @ template.yaml:7:14",
        ],
        "InvoiceQueue -> Invoices http (referred to directly)": [
            "session.message_lock = 90s written @ template.yaml:48:26",
            "accept.request_total = 120s written @ template.yaml:12:14",
        ],
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_repository(name: str) -> None:
    found = run(texts(name))
    assert dict(zip(hops(found), map(timers, found.graph.hops), strict=True)) == EXPECTED[name]


def test_all_are_expected() -> None:
    assert sorted(EXPECTED) == [
        "alb-ec2-gunicorn",
        "alb-ecs-node",
        "alb-ingress",
        "gke-ingress",
        "nlb-service",
        "sam-api-queue",
    ]
