"""prometheus.yml: the server, and each scrape job as a monitor of its own with links to its targets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.formats.yamlfile import parse
from tochain.model.component import Address, Link
from tochain.model.fact import Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.configmaps import EMBEDDED, inputs
from tochain.products.facts import TEMPLATE
from tochain.products.flat import Found, components
from tochain.products.programs import Program
from tochain.products.prometheus.operator import jobs
from tochain.products.trees import place, take, tell

__all__ = ["read"]

PRODUCT = "prometheus"
PROGRAM = Program(re.compile(r"prometheus"), frozenset({"prometheus"}))
_TIMES = ("scrape_interval", "scrape_timeout")
_ITSELF = ("localhost:9090", "127.0.0.1:9090", "prometheus:9090")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class _Job:
    """One scrape job with what it inherits."""

    name: str
    node: Node
    settings: Settings


def read(ctx: Context) -> Extract:
    """The server of each file and its jobs, for each workload that starts with it."""
    found: list[Found] = []
    for path, source in inputs(ctx, PROGRAM.of(ctx.workloads)):
        if not path.endswith((".yml", ".yaml", ".j2", ".tmpl", ".template")):
            continue
        document = parse(source) if EMBEDDED in path else ctx.parsed(source, parse)
        root = document.roots[0] if document.roots else None
        if root is None or root.get("scrape_configs") is None or root.get("kind") is not None:
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        found += _server(path, source, root)
    return Extract([*components(ctx, found, PRODUCT, PROGRAM, kind="monitor", protocol="http"), *jobs(ctx)])


def _server(path: str, source: SourceFile, root: Node) -> list[Found]:
    shared = take(root.get("global"), _TIMES)
    rules = take(root.get("global"), ("evaluation_interval",))
    done = [Found(source, {**shared, **rules}, listens=(Address(port=9090),), path=path)]
    for node in root.each("scrape_configs"):
        name = node.value("job_name") or str(node.span.start.line)
        settings = {**{n: tuple(s.inherited() for s in group) for n, group in shared.items()}, **take(node, _TIMES)}
        span = place(node, "job_name") if node.get("job_name") is not None else source.whole_line(node.span.start.line)
        done.append(Found(source, settings, span, links=_links(_Job(name, node, settings)), part=name, path=path))
    return done


def _links(job: _Job) -> list[Link]:
    usual = _PORTS.get(job.node.value("scheme", default="http"), 80)
    label = f"job {job.name}"
    through = _through(job.node)
    if through is not None:
        module = next((node.text for node in job.node.each("params", "module")), "")
        part = f"module {module}" if module else ""
        return [Link(_address(through.text, usual), through.span, job.settings, "http", label, part=part)]
    found = []
    for group in job.node.each("static_configs"):
        for target in group.each("targets"):
            if target.text in _ITSELF:
                continue
            unknown = f"filled in later: {target.text[:60]}" if TEMPLATE.search(target.text) else ""
            found.append(Link(_address(target.text, usual), target.span, job.settings, "http", label, unknown=unknown))
    return found


def _through(job: Node) -> Node | None:
    """The exporter that is asked in place of the targets: what relabelling makes of every address."""
    for rule in job.each("relabel_configs"):
        if rule.value("target_label") == "__address__" and rule.get("source_labels") is None:
            return rule.get("replacement")
    return None


def _address(text: str, usual: int) -> Address:
    host, colon, port = text.rpartition(":")
    return Address(host.strip("[]"), int(port)) if colon and port.isdecimal() else Address(text, usual)
