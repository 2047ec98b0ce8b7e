"""gRPC's service config: deadlines and retries of groups of methods."""

from __future__ import annotations

from tests.products.texts import facts, links, read
from tochain.check import check_files

CONFIG = """\
{"methodConfig": [
  {"name": [{"service": "shop.Cart"}, {"service": "shop.Pay", "method": "Charge"}], "timeout": "1.5s",
   "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.2s", "retryableStatusCodes": ["UNAVAILABLE"]}},
  {"name": [{}], "timeout": "20s"},
  {"name": [{"service": "shop.Other"}], "waitForReady": true}
]}
"""


def test_method_configs():
    (found,), _ = read("grpc", {"config/service_config.json": CONFIG})
    assert (found.kind, found.protocol, str(found.span), found.part_of) == (
        "client", "grpc", "config/service_config.json:1:2", "code:",
    )  # fmt: skip
    assert links(found) == [
        "its address is not said in this file grpc shop.Cart, shop.Pay/Charge @ 2:3",
        "its address is not said in this file grpc all methods @ 4:3",
    ]
    timers = ("connect.request_total", "connect.attempts", "connect.retry_condition")
    assert [facts(link.facts, *timers) for link in found.links] == [
        [
            "connect.request_total = 1500ms (deadline, written @ 2:85)",
            "connect.attempts = 4 (retryPolicy.maxAttempts, written @ 3:20)",
            "connect.retry_condition = refused (retryPolicy.retryableStatusCodes, written @ 3:88)",
        ],
        [
            "connect.request_total = 20s (deadline, written @ 4:18)",
            "connect.attempts = 1 (retryPolicy.maxAttempts, default @ 1:2)",
        ],
    ]


def test_other_json():
    for text in ("[]", '{"methodConfig": []}', '{"methodConfig": "x"}', "{"):
        assert [c.links for c in read("grpc", {"grpc.json": text})[0]] in ([], [()])


def test_tries_that_were_refused_do_not_use_the_time_up():
    assert [f.rule for f in check_files({"grpc_service_config.json": CONFIG}).findings] == []
    slow = CONFIG.replace("UNAVAILABLE", "DEADLINE_EXCEEDED")
    assert [f.rule for f in check_files({"grpc_service_config.json": slow}).findings] == ["retries-exceed-budget"]
