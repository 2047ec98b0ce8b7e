"""The registry: every product tochain knows, in the order in which files are offered to them."""

from __future__ import annotations

from tochain.products.base import Entry

__all__ = ["PRODUCTS"]

PRODUCTS: tuple[Entry, ...] = (
    Entry(
        "docker-compose",
        files="*.yaml *.yml",
        sniff=r"(?m)^services\s*:|^\s*\"services\"\s*:",
        stage="platform",
        forms=("docker-swarm-compose",),
    ),
    Entry("dockerfile", files="Dockerfile Dockerfile.* *.Dockerfile *.dockerfile Containerfile", stage="platform"),
    Entry("nginx", files="nginx*.conf *.nginx *nginx/*.conf conf.d/*.conf sites-available/* sites-enabled/*"),
    Entry(
        "envoy",
        files="*.yaml *.yml *.json",
        sniff=r"static_?[rR]esources|dynamic_?[rR]esources|envoy\.(admin|config|extensions)|ConfigDump",
    ),
)
