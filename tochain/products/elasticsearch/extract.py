"""Elasticsearch and OpenSearch: elasticsearch.yml with dotted or nested names, and the same names in the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tochain.formats.tree import Node
from tochain.formats.yamlfile import parse
from tochain.model.component import Address, Component, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.limit import OFF
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program, image_name, image_version
from tochain.products.trees import document, tell

__all__ = ["read"]

PRODUCT = "elasticsearch"
PROGRAM = Program(
    re.compile(r"elasticsearch(-.*)?|opensearch|opensearch-(?!dashboards).*"),
    frozenset({"elasticsearch", "opensearch"}),
)
_SWITCHES = ("http.tcp.keep_alive", "network.tcp.keep_alive")
Given = tuple[str, str, Span]
"""A name, its text and the place of both."""


def read(ctx: Context) -> Extract:
    """One node for each workload or file; what the environment says wins."""
    found = []
    for path, source in inputs(ctx, PROGRAM.of(ctx.workloads), (".yml", ".yaml", ".j2")):
        tree = document(ctx, source, path) if path != source.path else ctx.parsed(source, parse)
        if not tree.roots:
            continue
        ctx.understood(source.path)
        tell(ctx, tree)
        settings, listens = _settings(_flat(tree.roots[0]))
        variant = "opensearch" if "opensearch" in path.rpartition("/")[2] else None
        found.append(Found(source, settings, listens=listens, variant=variant, path=path))
    made = components(ctx, found, PRODUCT, PROGRAM, kind="database", protocol="http", port=9200)
    known = {component.workload: at for at, component in enumerate(made) if component.workload}
    for workload in PROGRAM.of(ctx.workloads):
        own, listens = _settings((name, word.text, word.span) for name, word in workload.env.items())
        at = known.get(workload.key)
        if at is None:
            made.append(_started(workload, own, listens))
        else:
            made[at] = replace(
                made[at], settings={**made[at].settings, **own}, listens=tuple(listens) or made[at].listens
            )
    return Extract(made)


def _flat(root: Node) -> Iterator[Given]:
    """Every scalar by its dotted name."""
    for path, node in root.walk():
        yield ".".join(str(step) for step in path), node.text, node.span


def _settings(given: Iterable[Given]) -> tuple[Settings, list[Address]]:
    settings: Settings = {}
    listens: list[Address] = []
    for name, text, span in given:
        if name in known_settings(PRODUCT) and text != "-1":
            settings[name] = (Setting(name, text, span),)
        elif name in _SWITCHES and text.lower() == "false":
            # A switch and a time feed one timer; off wins over any time.
            settings["http.tcp.keep_idle"] = (Setting(name, text, span, limit=OFF),)
        elif name == "http.port" and text.isdecimal():
            listens = [Address(port=int(text))]
    return settings, listens


def _started(workload: Workload, settings: Settings, listens: list[Address]) -> Component:
    image = image_name(workload.image) if workload.image is not None else ""
    variant = "opensearch" if image.startswith("opensearch") else None
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, "database", image_version(workload.image),
        variant, workload.scope, settings, tuple(listens) or (Address(port=9200),), workload.names, protocol="http",
        workload=workload.key, files=(workload.span.path,),
    )  # fmt: skip
