"""Sidekiq: sidekiq.yml with Ruby's symbols as keys."""

from __future__ import annotations

import re

from tochain.formats.yamlfile import parse
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program
from tochain.products.trees import tell

__all__ = ["read"]

PRODUCT = "sidekiq"
PROGRAM = Program(re.compile(r"sidekiq"), frozenset({"sidekiq", "sidekiqswarm"}))


def read(ctx: Context) -> Extract:
    """One worker for each workload or file."""
    found = []
    for source in ctx.files:
        document = ctx.parsed(source, parse)
        root = document.roots[0] if document.roots else None
        if root is None or not any(
            key.text.lstrip(":") in ("concurrency", "queues", "timeout") for key, _ in root.entries
        ):
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        settings: Settings = {}
        for key, value in root.entries:
            name = key.text.lstrip(":")
            if name in known_settings(PRODUCT) and value.kind == "scalar":
                settings[name] = (Setting(name, value.text, Span(source.path, key.span.start, value.span.end)),)
        found.append(Found(source, settings))
    return Extract(components(ctx, found, PRODUCT, PROGRAM))
