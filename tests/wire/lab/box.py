"""A box that forgets flows: three network namespaces in a row, the middle one with the kernel's connection tracking."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

FORGET = 3
"""Seconds without a packet after which the box forgets a flow; real ones are 350 s, 4 min, 5 days."""

# Echoes whatever comes. With a first word "answer" it listens, else it connects and says what came of the second line.
PEER = """\
import socket, sys, threading, time
role, host, idle, alive = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
if role == "answer":
    listener = socket.create_server((host, 7000))
    print("ready", flush=True)
    def serve(one):
        while data := one.recv(100):
            one.sendall(data)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
one = socket.create_connection((host, 7000), 5)
if alive != "0":
    one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, int(alive))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, int(alive))
one.settimeout(3)
try:
    for pause in (0, idle):
        time.sleep(pause)
        one.sendall(b"x")
        one.recv(1)
    print("answered")
except TimeoutError:
    print("no answer")
except ConnectionResetError:
    print("reset")
"""


def _run(*words: str, text: str = "") -> None:
    done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()[:200]}")


@contextmanager
def box(verdict: str) -> Iterator[tuple[str, str]]:
    """The names of the namespaces of client and server; the box gives `verdict` to packets of flows it does not know.

    Skips where there is no root, no program for it, or a kernel that does not let us.
    """
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    for name in ("ip", "nft"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed; install {'iproute2' if name == 'ip' else 'nftables'}")
    names = [f"tochain{os.getpid()}{part}" for part in ("a", "m", "b")]
    try:
        try:
            _built(*names, verdict)
        except OSError as error:
            pytest.skip(f"the kernel does not let us build a box: {error}")
        yield names[0], names[2]
    finally:
        for name in names:
            with suppress(OSError):
                _run("ip", "netns", "del", name)


def _built(client: str, middle: str, server: str, verdict: str) -> None:
    for name in (client, middle, server):
        _run("ip", "netns", "add", name)
        _run("ip", "-n", name, "link", "set", "lo", "up")
    for net, (end, own) in enumerate(((client, "e"), (server, "e")), 1):
        _run("ip", "-n", end, "link", "add", own, "type", "veth", "peer", "name", f"e{net}", "netns", middle)
        for name, link, last in ((end, own, 2), (middle, f"e{net}", 1)):
            _run("ip", "-n", name, "addr", "add", f"10.99.{net}.{last}/24", "dev", link)
            _run("ip", "-n", name, "link", "set", link, "up")
        _run("ip", "-n", end, "route", "add", "default", "via", f"10.99.{net}.1")
    rules = f"table inet box {{\n chain forward {{\n  type filter hook forward priority 0;\n  {verdict}\n }}\n}}\n"
    _run("ip", "netns", "exec", middle, "nft", "-f", "-", text=rules)
    track = "net.netfilter.nf_conntrack_tcp"
    for setting in ("net.ipv4.ip_forward=1", f"{track}_timeout_established={FORGET}", f"{track}_loose=0"):
        _run("ip", "netns", "exec", middle, "sysctl", "-q", "-w", setting)


@contextmanager
def answering(name: str) -> Iterator[None]:
    """The peer that echoes, in its namespace."""
    words = ["ip", "netns", "exec", name, sys.executable, "-c", PEER, "answer", "10.99.2.2", "0", "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline()
        yield
    finally:
        process.kill()
        process.communicate()


def asks(name: str, idle: float, alive: int) -> str:
    """What the second request comes to after a pause; `alive` is the client's TCP keepalive in seconds, 0 for none."""
    words = ["ip", "netns", "exec", name, sys.executable, "-c", PEER, "ask", "10.99.2.2", str(idle), str(alive)]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout.strip()
