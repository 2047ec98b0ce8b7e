"""hypercorn.toml."""

from __future__ import annotations

from tests.products.texts import facts, read


def test_file():
    (found,), _ = read(
        "hypercorn", {"hypercorn.toml": 'bind = ["0.0.0.0:8443", "unix:/run/h.sock"]\nkeep_alive_timeout = 75\n'}
    )
    assert [str(a) for a in found.listens] == ["0.0.0.0:8443", "unix:/run/h.sock"]
    assert facts(found.facts, "accept.idle_close", "accept.drain") == [
        "accept.idle_close = 75s (keep_alive_timeout, written @ 2:1)",
        "accept.drain = 3s (graceful_timeout, default @ 1:1)",
    ]
