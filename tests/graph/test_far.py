"""Work far inside, as seen from the hops in front of it."""

from __future__ import annotations

import pytest

from tochain.check import sample

TEXT = "version: 1\ncomponents:\n{components}paths: [{paths}]\n"
PARTS = {
    "cdn": "  cdn: {product: aws-cloudfront}\n",
    "lb": "  lb: {product: aws-alb}\n",
    "edge": "  edge: {product: nginx, settings: {proxy_read_timeout: 90s}}\n",
    "app": "  app: {product: black-box, timers: {accept.request_total: 50s}}\n",
    "slow": "  slow: {product: black-box, timers: {accept.request_total: 100s}}\n",
    "plain": "  plain: {product: black-box}\n",
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("cdn -> lb -> app", {"cdn->lb": ("50s", "app")}),
        ("cdn -> lb -> plain", {}),
        ("cdn -> app", {}),  # its neighbour is compared with it anyway
        ("cdn -> lb -> slow", {}),  # the balancer gives up first, and that is told there
        ("cdn -> edge -> app", {}),  # somebody wrote how long the proxy waits
        ("lb -> cdn -> lb", {}),  # a ring has no end
    ],
)
def test_work_below(path: str, found: dict[str, tuple[str, str]]) -> None:
    names = dict.fromkeys(path.split(" -> "))
    text = TEXT.format(components="".join(PARTS[name] for name in names), paths=path)
    graph = sample({"tochain.yaml": text}).graph
    facts = {
        str(hop): hop.server_facts["accept.works_below"][0]
        for hop in graph.hops
        if "accept.works_below" in hop.server_facts
    }
    assert {hop: (fact.value, fact.owner) for hop, fact in facts.items()} == found
