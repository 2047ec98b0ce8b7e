"""gRPC pings: a client that pings more often than its server allows is sent away."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.wire.lab.proof import Proof
from tochain.reproduce.programs import free_port

pytestmark = [pytest.mark.wire, pytest.mark.lab, pytest.mark.quick]


@pytest.mark.parametrize(
    ("rule", "interval", "least", "expected"),
    [
        ("ping-faster-than-allowed", 1000, None, "Too many pings"),
        ("ping-faster-than-allowed", 1000, 5000, "Too many pings"),
        ("ping-faster-than-allowed mended", 1000, 500, "ok"),
    ],
)
def test_pings(proof: Proof, rule: str, interval: int, least: int | None, expected: str) -> None:
    said = "300 s by default" if least is None else f"{least} ms"
    proof.of(rule, f"grpcio ping every {interval} ms -> grpcio allows {said}")
    grpc = pytest.importorskip("grpc", reason="grpcio is not installed; install the wheel grpcio")
    tries = 20
    with ThreadPoolExecutor(tries) as pool:
        got = list(pool.map(lambda _: call(grpc, interval, least), range(tries)))
    proof.saw(f"{got[0]}; {tries} tries")
    assert got == [expected] * tries


def call(grpc, interval: int, least: int | None) -> str:
    """What a call of eight quiet seconds comes to."""
    limits = [] if least is None else [("grpc.http2.min_ping_interval_without_data_ms", least)]
    port = free_port()
    server = grpc.server(ThreadPoolExecutor(2), options=[*limits, ("grpc.so_reuseport", 0)])

    def quiet(request: bytes, context) -> bytes:
        time.sleep(8)
        return b""

    method = grpc.unary_unary_rpc_method_handler(quiet)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("lab.Lab", {"Quiet": method}),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    options = [
        ("grpc.keepalive_time_ms", interval),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.enable_http_proxy", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            channel.unary_unary("/lab.Lab/Quiet")(b"", timeout=30)
    except grpc.RpcError as error:
        return "Too many pings" if "Too many pings" in str(error.details()) else str(error.details())
    finally:
        server.stop(0)
    return "ok"
