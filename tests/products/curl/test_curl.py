"""curl's own file, in its several spellings."""

from __future__ import annotations

from tests.products.texts import facts, links, read


def test_file():
    text = '# mine\nconnect-timeout = 5\n--max-time 30\nretry: 2\nproxy = "socks5h://jump:1080"\nuser = me:hunter2\n'
    (found,), _ = read("curl", {".curlrc": text})
    assert links(found) == ["jump:1080 socks proxy @ 5:9"]
    assert facts(found.links[0].facts, "connect.connect", "connect.attempt_total", "connect.attempts") == [
        "connect.connect = 5s (--connect-timeout, written @ 2:1)",
        "connect.attempt_total = 30s (--max-time, written @ 3:1)",
        "connect.attempts = 3 (--retry, written @ 4:1)",
    ]
    assert "hunter2" not in repr(found)


def test_one_try():
    (found,), _ = read("curl", {".curlrc": "max-time 30\nretry 0\n"})
    assert facts(found.facts, "connect.request_total", "connect.attempt_total") == [
        "connect.request_total = 30s (--max-time, written @ 1:1)",
    ]
