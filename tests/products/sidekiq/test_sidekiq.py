"""sidekiq.yml with its default by version."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, read
from tochain.model.version import parse_versions
from tochain.products.registry import Registry


def test_file_and_versions():
    (found,), _ = read("sidekiq", {"config/sidekiq.yml": ":concurrency: 5\n:timeout: 40\n"})
    assert facts(found.facts, "accept.drain") == ["accept.drain = 40s (timeout, written @ 2:1)"]
    by = [replace(found, settings={}, facts={}, versions=parse_versions(v)) for v in ("5.2", "7.0")]
    assert [facts(Registry().complete(c, lambda s, m: None).facts, "accept.drain")[0] for c in by] == [
        "accept.drain = 8s (timeout, default @ 1:1)", "accept.drain = 25s (timeout, default @ 1:1)",
    ]  # fmt: skip
