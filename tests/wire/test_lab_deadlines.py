"""Deadlines and retries through two proxies: who answers, and what the origin still does; streams, and names in TLS."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.wire.lab.chains import nginx, origin, proxy, together
from tests.wire.lab.proof import Proof, named
from tochain.reproduce.race import ask
from tochain.reproduce.servers import SERVERS

pytestmark = [pytest.mark.wire, pytest.mark.lab, pytest.mark.quick]

TRIES = 20


def answer(port: int) -> tuple[int, str, str]:
    """The status, and what the outer and the inner proxy say of the hop behind them ("" when it did not answer)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/")
    got = connection.getresponse()
    got.read()
    connection.close()
    return got.status, got.headers.get("X-By-outer", ""), got.headers.get("X-By-inner", "")


@pytest.mark.parametrize(
    ("rule", "outer", "inner", "work", "expected", "unheard"),
    [
        ("caller-gives-up-first", 1, 4, 2.5, (504, "504", ""), TRIES),
        ("work-for-nobody", 4, 1, 2.5, (504, "504", "504"), TRIES),
        ("caller-gives-up-first mended", 6, 5, 1.0, (200, "200", "200"), 0),
    ],
)
def test_two_proxies_in_a_row(proof: Proof, folder: Path, rule, outer, inner, work, expected, unheard) -> None:
    """The outer answers 504 itself when it gives up first; the origin finishes each request either way."""
    proof.of(rule, f"nginx {outer} s -> nginx {inner} s -> origin {work:g} s")
    proof.needs(SERVERS["nginx"])
    with origin(work) as app:
        with (
            nginx(folder, proxy(app.port, f"proxy_read_timeout {inner}s;", "inner")) as middle,
            nginx(folder, proxy(middle, f"proxy_read_timeout {outer}s;", "outer")) as edge,
        ):
            got = together(lambda: answer(edge), TRIES)
            deadline = time.monotonic() + work + 5
            while app.finished < TRIES and time.monotonic() < deadline:
                time.sleep(0.1)
        counts = (app.begun, app.finished, app.unheard)
    proof.saw(f"{expected[0]} in {TRIES} tries; origin began {counts[0]}, finished {counts[1]}, for nobody {counts[2]}")
    assert (set(got), counts) == ({expected}, (TRIES, TRIES, unheard))


@pytest.mark.parametrize(
    ("rule", "tries", "calls"), [("retry-amplification", 3, 9), ("retry-amplification mended", 1, 3)]
)
def test_tries_of_two_proxies_multiply(proof: Proof, folder: Path, rule: str, tries: int, calls: int) -> None:
    proof.of(rule, f"nginx {tries} tries -> nginx 3 tries -> origin 503")
    proof.needs(SERVERS["nginx"])

    def balanced(target: int, most: int) -> str:
        group = " ".join(f"server 127.0.0.{host}:{target} max_fails=0;" for host in (1, 1, 1))
        retry = f"proxy_next_upstream error timeout http_503; proxy_next_upstream_tries {most};"
        place = f"location / {{ proxy_pass http://g; {retry} }}"
        return f"upstream g {{ {group} }} server {{ listen 127.0.0.1:PORT; {place} }}"

    with (
        origin(0.0, 503) as app,
        nginx(folder, balanced(app.port, 3)) as middle,
        nginx(folder, balanced(middle, tries)) as edge,
    ):
        got = together(lambda: ask(edge, "/", "GET"), TRIES)
    proof.saw(f"{app.begun / TRIES:g} calls of the origin for one of the user; {TRIES} tries")
    assert (set(got), app.begun) == ({"503"}, TRIES * calls)


def websocket(port: int, beat: float, long: float) -> str:
    """What becomes of an upgraded connection whose client speaks every `beat` seconds (0: never) for `long` seconds."""
    with socket.create_connection(("127.0.0.1", port), 10) as one:
        one.settimeout(beat or long)
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
        assert b" 101 " in one.recv(1000)
        until = time.monotonic() + long
        while time.monotonic() < until:
            try:
                if one.recv(100) == b"":
                    return "closed"
                time.sleep(beat)
            except TimeoutError:
                pass
            if beat:
                one.sendall(b"\x89\x00")
    return "open"


def upgrades() -> socket.socket:
    """A listener that answers every request with 101 and echoes from then on."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def serve(one: socket.socket) -> None:
        with one, suppress(ConnectionError):
            one.recv(65536)
            one.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
            while data := one.recv(100):
                one.sendall(data)

    def accept() -> None:
        while True:
            try:
                one, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(one,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener


@pytest.mark.parametrize(
    ("rule", "beat", "expected"),
    [("heartbeat-later-than-idle", 0.0, "closed"), ("heartbeat-later-than-idle mended", 0.5, "open")],
)
def test_a_quiet_websocket_is_cut_at_the_read_timeout(
    proof: Proof, folder: Path, rule: str, beat: float, expected: str
) -> None:
    proof.of(rule, f"nginx proxy_read_timeout 3s, ping {f'every {beat:g} s' if beat else 'never'}")
    proof.needs(SERVERS["nginx"])
    passing = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
    listener = upgrades()
    try:
        with nginx(folder, proxy(listener.getsockname()[1], f"proxy_read_timeout 3s; {passing}")) as port:
            got = together(lambda: websocket(port, beat, 6.0), TRIES)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    proof.saw(f"{got[0]}; {TRIES} tries")
    assert got == [expected] * TRIES


@pytest.mark.parametrize(
    ("rule", "setting", "expected"), [("sni-not-sent", "off", "502"), ("sni-not-sent mended", "on", "200")]
)
def test_a_tls_server_that_picks_by_name(proof: Proof, folder: Path, rule: str, setting: str, expected: str) -> None:
    proof.of(rule, f"nginx proxy_ssl_server_name {setting} -> nginx by name")
    proof.needs(SERVERS["nginx"])
    if shutil.which("openssl") is None:
        proof.skip("openssl is not installed; install openssl")
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "crt.pem"), "-subj", "/CN=app.test"]
    subprocess.run(["openssl", *words, *files], check=True, capture_output=True, timeout=60)
    server = (
        "server { listen 127.0.0.1:PORT ssl default_server; ssl_reject_handshake on; }\n"
        "server { listen 127.0.0.1:PORT ssl; server_name app.test;\n"
        "  ssl_certificate crt.pem; ssl_certificate_key key.pem;\n"
        '  location / { return 200 "ok\\n"; } }'
    )
    with nginx(folder, server) as back:
        sent = f"proxy_ssl_server_name {setting}; proxy_ssl_name app.test; proxy_set_header Host app.test;"
        front = f"server {{ listen 127.0.0.1:PORT; location / {{ proxy_pass https://127.0.0.1:{back}; {sent} }} }}"
        with nginx(folder, front) as port:
            got = together(lambda: ask(port, "/", "GET"), TRIES)
    saw = f"{got[0]} from a server that has no certificate without a name" if expected == "502" else got[0]
    proof.saw(f"{saw}; {TRIES} tries")
    assert got == [expected] * TRIES
    if expected == "502":
        proof.observed("nginx", "proxy_ssl_server_name", named(SERVERS["nginx"]), saw, TRIES)
