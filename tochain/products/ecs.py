"""ECS: container definitions to workloads, and the containers a target group or balancer leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tochain.formats.jsonfile import parse_json
from tochain.formats.tree import Node
from tochain.model.component import Word, Workload
from tochain.model.fact import Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.cloud import Resource, Value, View, host_text, product_of, settings, word
from tochain.products.routes import way_out
from tochain.products.start import Image, image_of, inside

__all__ = ["containers_behind", "words", "workloads"]

PLATFORM = "aws-ecs"
_SETTINGS = {
    "stopTimeout": "stopTimeout",
    "healthCheck.interval": "healthCheck.interval",
    "healthCheck.timeout": "healthCheck.timeout",
    "healthCheck.retries": "healthCheck.retries",
    "healthCheck.startPeriod": "healthCheck.startPeriod",
}
_OWN = re.compile(r"\$\{|\.dkr\.ecr\.|^$|placeholder|<.*>", re.IGNORECASE)
_HOLE = re.compile(r"\$\{[^}]*\}")
MAX_LEVELS = 60


def workloads(ctx: Context, found: View, prefix: str) -> list[Workload]:
    """A workload for each container of the task definitions whose scope begins with `prefix`."""
    done: list[Workload] = []
    for task in found.of("aws_ecs_task_definition"):
        if not task.where.startswith(prefix):
            continue
        given = task.value.get("container_definitions")
        definitions = _definitions(given)
        for container in definitions:
            done.append(_workload(ctx, found, task, container))
        if given is not None and not definitions:
            ctx.problem(
                given.span, f"the containers of {task.address} are not known here: {given.reason or 'not JSON'}"
            )
    return done


def _definitions(value: Value | None) -> list[Value]:
    if value is None:
        return []
    if value.kind == "scalar" and value.text.lstrip().startswith("["):
        source = value.source or SourceFile(value.span.path, value.text)
        document = parse_json(source)
        made = _plain(document.roots[0], value if value.source is None else None, 0) if document.roots else None
        return made.elements if made is not None else []
    if value.kind == "mapping":
        return [value] if value.get("name") else []
    return [v for v in value.elements if v.kind == "mapping"]


def _plain(node: Node, instead: Value | None, level: int) -> Value:
    """JSON as it stands; at the place of the value it was found in where it has none of its own."""
    span = instead.span if instead is not None else node.span
    if level > MAX_LEVELS:
        return Value("null", span)
    if node.kind == "mapping":
        return Value(
            "mapping", span, entries={key.text: _plain(value, instead, level + 1) for key, value in node.entries}
        )
    if node.kind == "sequence":
        return Value("sequence", span, elements=[_plain(item, instead, level + 1) for item in node.elements])
    return Value("null" if node.text == "null" and not node.quoted else "scalar", span, node.text)


def _workload(ctx: Context, found: View, task: Resource, container: Value) -> Workload:
    name = container.get("name")
    title = name.text if name is not None and name.kind == "scalar" else task.address
    ports = dict(_ports(container))
    image = container.get("image")
    text = image.text if image is not None else ""
    built, root = _built(ctx, title, text, set(ports.values())) if _OWN.search(text) else (None, None)
    own = words(container.get("entryPoint")) + words(container.get("command"))
    copies = {inside(root or "", a): b for a, b in built.copies.items()} if built is not None else {}
    base = built.base if built is not None and built.base is not None else word(image) if image is not None else None
    return Workload(
        _key(task, title), title, task.where, name.span if name is not None else container.span, base,
        own or (built.command if built is not None else ()),
        {**(built.env if built is not None else {}), **_environment(found, container)}, (title,),
        ports or {port: port for port in (built.ports if built is not None else ())},
        copies, root, settings=_lifecycle(container), sysctls=_sysctls(container), platform=PLATFORM,
        out=_way_out(found, task),
    )  # fmt: skip


def _way_out(found: View, task: Resource) -> tuple[str, ...]:
    """The boxes on the way out of the subnets the services of a task run in, where they agree."""
    ways = {way_out(found, service) for service in found.pointing(task, "aws_ecs_service", "task_definition")}
    return ways.pop() if len(ways) == 1 else ()


def _key(task: Resource, container: str) -> str:
    scope, _, folder = task.where.partition(":")
    return f"{scope}:{folder + '/' if folder else ''}{task.address}#{container}"


def _ports(container: Value) -> Iterator[tuple[int, int]]:
    for mapping in container.each("portMappings"):
        inner, outer = mapping.known("containerPort"), mapping.known("hostPort")
        if inner.isdecimal():
            yield int(inner), int(inner)
            if outer.isdecimal() and outer != "0":
                yield int(outer), int(inner)


def words(value: Value | None) -> tuple[Word, ...]:
    """A command line that stands as a list, what a shell is told to run word by word."""
    if value is None:
        return ()
    items = value.elements if value.kind == "sequence" else [value]
    words = [word(item) for item in items if item.kind in ("scalar", "unknown")]
    if len(words) >= 3 and words[1].text in ("-c", "-lc", "-ec"):
        # What a shell is told to run: its words share the place of the script.
        return tuple(Word(text, words[2].span) for text in words[2].text.split())
    return tuple(words)


def _environment(found: View, container: Value) -> dict[str, Word]:
    pairs = [(item.known("name"), item.get("value")) for item in container.each("environment")]
    return {
        name: Word(_named_hosts(found, value), value.span)
        for name, value in pairs
        if name and value is not None and value.kind in ("scalar", "unknown")
    }


def _named_hosts(found: View, value: Value) -> str:
    """A text in which the host names of resources, which only the cloud knows, are what stands for them here."""
    hosts = [r for r in found.mentioned(value) if product_of(r)] if value.kind == "unknown" else []
    holes = _HOLE.findall(value.text)
    if len(hosts) == 1 and len(holes) <= 1:
        name = host_text(hosts[0], value)
        return _HOLE.sub(name, value.text) if holes else name
    text = value.text
    for resource in hosts:
        local = ".".join(resource.address.partition("[")[0].split(".")[-2:])
        text = re.sub(rf"\$\{{{re.escape(local)}\b[^}}]*\}}", host_text(resource, value), text)
    return text


def _lifecycle(container: Value) -> Settings:
    return settings(container, _SETTINGS)


def _sysctls(container: Value) -> Settings:
    found: Settings = {}
    for item in container.each("systemControls"):
        name, value = item.known("namespace"), item.get("value")
        if name and value is not None:
            found |= settings(Value("mapping", item.span, entries={"value": value}), {"value": name})
    return found


def _built(ctx: Context, title: str, image: str, ports: set[int]) -> tuple[Image | None, str | None]:
    """What the Dockerfile here makes that an image of one's own must come from; nothing where several fit."""
    files = [p for p in ctx.paths() if PurePosixPath(p).name == "Dockerfile"]
    words = {title.lower(), *re.findall(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", image.rpartition("/")[2].lower())}
    named = [p for p in files if PurePosixPath(p).parent.name.lower() in words]
    fitting = [(image_of(source), path) for path in named or files if (source := ctx.file(path)) is not None]
    fitting = [(made, path) for made, path in fitting if not (ports and made.ports) or ports & set(made.ports)]
    if len(fitting) != 1:
        return None, None
    folder = str(PurePosixPath(fitting[0][1]).parent)
    return fitting[0][0], "" if folder == "." else folder


def containers_behind(found: View, group: Resource) -> Iterator[tuple[str, int | None, Value]]:
    """The containers services register with a target group or classic balancer: workload key, port, place."""
    for service in found.pointing(group, "aws_ecs_service", "load_balancer"):
        for block in service.value.each("load_balancer"):
            named = block.get("target_group_arn") or block.get("elb_name")
            if named is None or group not in found.mentioned(named, group.kind):
                continue
            tasks = found.mentioned(service.value.get("task_definition"), "aws_ecs_task_definition")
            container, port = block.get("container_name"), block.known("container_port")
            title = _container(tasks[0], container) if tasks else ""
            if title:
                yield _key(tasks[0], title), int(port) if port.isdecimal() else None, container or named


def _container(task: Resource, name: Value | None) -> str:
    """The container's name; where it is not known, the only one there is."""
    if name is not None and name.kind == "scalar":
        return name.text
    names = [definition.known("name") for definition in _definitions(task.value.get("container_definitions"))]
    return (names[0] or task.address) if len(names) == 1 else ""
