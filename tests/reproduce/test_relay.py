"""The relay: what goes in comes out on the other side, in order, and ends the way it ended."""

from __future__ import annotations

import socket
import struct
from contextlib import closing

import pytest

from tochain.reproduce.relay import Relay


@pytest.fixture
def ends():
    """Both ends of a connection through a relay, and the relay."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener, Relay(listener.getsockname()[1], 0.02) as relay:
        client = socket.create_connection(("127.0.0.1", relay.port), 5)
        server, _ = listener.accept()
        for end in (client, server):
            end.settimeout(5)
        with client, server:
            yield client, server, relay


def everything(end: socket.socket) -> bytes:
    got = b""
    while data := end.recv(65536):
        got += data
    return got


def kinds(relay: Relay) -> list[tuple[str, str]]:
    return [(event.sender, event.what) for event in relay.events]


def reset(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


def test_bytes_keep_their_order_and_the_fin_comes_last(ends) -> None:
    client, server, relay = ends
    text = bytes(range(256)) * 2000
    client.sendall(text)
    client.shutdown(socket.SHUT_WR)
    assert everything(server) == text
    server.sendall(b"late")
    server.close()
    assert everything(client) == b"late"
    assert kinds(relay)[0] == ("client", "open")
    assert ("client", "FIN") in kinds(relay) and kinds(relay)[-1] == ("server", "FIN")


def test_a_reset_arrives_as_a_reset(ends) -> None:
    client, server, relay = ends
    server.sendall(b"x")
    assert client.recv(1) == b"x"
    reset(server)
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    assert kinds(relay) == [("client", "open"), ("server", "data"), ("server", "RST")]


def test_a_request_that_crosses_the_fin_is_answered_with_a_reset(ends) -> None:
    client, server, relay = ends
    server.close()
    assert relay.wait(lambda event: event.what == "FIN", 5) is not None
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert relay.wait(lambda event: event.what == "RST", 5) is not None
    assert [(event.sender, event.what, event.text) for event in relay.events] == [
        ("client", "open", ""),
        ("server", "FIN", ""),
        ("client", "data", "GET / HTTP/1.1"),
        ("server", "RST", ""),
    ]


def test_nobody_behind_it_is_a_reset() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    with (
        Relay(port) as relay,
        pytest.raises(ConnectionResetError),
        socket.create_connection(("127.0.0.1", relay.port), 5) as client,
    ):
        client.recv(1)


def test_waiting_for_what_never_comes_ends() -> None:
    with Relay(1) as relay:
        assert relay.wait(lambda event: True, 0.01) is None
