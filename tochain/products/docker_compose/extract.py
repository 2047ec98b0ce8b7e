"""docker-compose and swarm stacks: services become workloads, with the names and ports others know them by."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from tochain.formats import yamlfile
from tochain.formats.tree import Node
from tochain.model.component import Component, Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.configmaps import embedded_config
from tochain.products.start import Image, command_of, image_of, inside, interpolate

__all__ = ["read"]

PLATFORM = "docker-compose"
SWARM = "docker-swarm-compose"
_PORT = re.compile(r"(?:.*:)?(\d+)(?:/(?:tcp|udp))?")
_SERVICE = frozenset({
    "image", "build", "command", "entrypoint", "environment", "env_file", "extends", "ports", "expose", "volumes", "networks",
    "depends_on", "deploy", "restart", "labels", "healthcheck", "stop_grace_period", "container_name", "configs", "secrets",
    "profiles", "provider",
})  # fmt: skip
"""What a service of a compose file says, some of it each."""
_OVERRIDE = re.compile(r"(docker-)?compose\.override\.ya?ml")


def read(ctx: Context) -> Extract:
    """Workloads of every compose file; an override file beside its base is laid over it."""
    extract = Extract()
    documents = [(source, root) for source in ctx.files if (root := _root(ctx, source)) is not None]
    bases = [(s, r) for s, r in documents if not _OVERRIDE.fullmatch(PurePosixPath(s.path).name)]
    overrides = {str(PurePosixPath(s.path).parent): (s, r) for s, r in documents if (s, r) not in bases}
    for source, root in bases:
        name = PurePosixPath(source.path).name
        over = (
            overrides.get(str(PurePosixPath(source.path).parent))
            if re.fullmatch(r"(docker-)?compose\.ya?ml", name)
            else None
        )
        _project(ctx, source, root, over, extract)
    return extract


def _root(ctx: Context, source: SourceFile) -> Node | None:
    document = ctx.parsed(source, yamlfile.parse)
    root = document.roots[0] if document.roots else None
    services = root.get("services") if root is not None else None
    if root is None or services is None or services.kind != "mapping":
        return None
    named = "compose" in PurePosixPath(source.path).name or not services.entries
    if not named and not any(_SERVICE.intersection(k.text for k, _ in v.entries) for _, v in services.entries):
        return None  # services of something else, such as the parts of a server or what a framework wires
    ctx.understood(source.path, PLATFORM)
    for message, span, failed in document.problems:
        ctx.problem(span, message, "failed" if failed else "partly")
    return root


def _project(
    ctx: Context, source: SourceFile, root: Node, over: tuple[SourceFile, Node] | None, extract: Extract
) -> None:
    variables = _dotenv(ctx, source)
    workloads: list[Workload] = []
    for key, service in root.pairs("services"):
        if service.kind != "mapping":
            if service.kind == "sequence" or service.text not in ("", "null", "~"):
                ctx.problem(service.span, f"service {key.text}: expected a mapping")
            continue
        extra = over[1].get("services", key.text) if over else None
        workloads.append(_workload(ctx, source, key, service, variables))
        if extra is not None and over is not None:
            workloads[-1] = _laid_over(workloads[-1], _workload(ctx, over[0], key, extra, variables))
    if _swarm(root):
        vips, workloads = _vips(workloads, root, source)
        extract.components += vips
    extract.workloads += workloads


def _workload(ctx: Context, source: SourceFile, key: Node, service: Node, variables: dict[str, str]) -> Workload:
    folder = str(PurePosixPath(source.path).parent)
    build = service.get("build")
    root = None
    built = None
    if build is not None:
        context = interpolate(build.text if build.kind == "scalar" else build.value("context", default="."), variables)
        root = inside(folder, context)
        file = build.value("dockerfile", default="Dockerfile") if build.kind == "mapping" else "Dockerfile"
        dockerfile = ctx.file(inside(root, file))
        built = image_of(dockerfile) if dockerfile is not None else None
    image = service.get("image")
    word = (
        Word(interpolate(image.text, variables), image.span) if image is not None and image.kind == "scalar" else None
    )
    command = command_of(source, service.get("entrypoint"), service.get("command"))
    env = {**(built.env if built else {}), **_env_files(ctx, folder, service), **_environment(service, variables)}
    if built is not None:
        word = built.base
        command = command or built.command
    return Workload(
        f"compose:{source.path}#{key.text}", key.text, f"compose:{source.path}", key.span, word,
        tuple(Word(interpolate(w.text, {**variables, **{k: v.text for k, v in env.items()}}), w.span) for w in command),
        env, _names(key.text, service), _ports(service, built.ports if built else ()),
        {**_mounts(folder, service), **_configs(ctx, source, service), **_copies(root, built)},
        root, _settings(service), _sysctls(service), platform=PLATFORM,
    )  # fmt: skip


def _copies(root: str | None, built: Image | None) -> dict[str, str]:
    """Files of the repository that a Dockerfile copies into the image."""
    return {inside(root or "", a): b for a, b in built.copies.items()} if built is not None else {}


def _dotenv(ctx: Context, source: SourceFile) -> dict[str, str]:
    found = ctx.file(inside(str(PurePosixPath(source.path).parent), ".env"))
    pairs = re.findall(r"(?m)^\s*(?:export\s+)?(\w+)\s*=\s*[\"']?([^\"'\r\n#]*)", found.text) if found else []
    return {name: value.strip() for name, value in pairs}


def _environment(service: Node, variables: dict[str, str]) -> dict[str, Word]:
    node = service.get("environment")
    if node is None:
        return {}
    if node.kind == "mapping":
        return {k.text: Word(interpolate(v.text, variables), v.span) for k, v in node.entries if v.kind == "scalar"}
    pairs = [(item.text.partition("="), item.span) for item in node.elements]
    return {name: Word(interpolate(value, variables), span) for (name, equals, value), span in pairs if equals}


def _env_files(ctx: Context, folder: str, service: Node) -> dict[str, Word]:
    found: dict[str, Word] = {}
    for item in service.each("env_file"):
        path = item.text if item.kind == "scalar" else item.value("path")
        source = ctx.file(inside(folder, path)) if path else None
        if source is None:
            continue
        ctx.understood(source.path, "env")
        for line in re.finditer(r"(?m)^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*([^\r\n]*)", source.text):
            found[line[1]] = Word(line[2].strip().strip("\"'"), source.span(line.start(2), line.end(2)))
    return found


def _names(name: str, service: Node) -> tuple[str, ...]:
    names = [name, service.value("container_name"), service.value("hostname")]
    for _, network in service.pairs("networks"):
        names += [alias.text for alias in network.each("aliases")]
    return tuple(dict.fromkeys(n for n in names if n))


def _ports(service: Node, exposed: tuple[int, ...]) -> dict[int, int]:
    found = {port: port for port in exposed}
    for item in service.each("expose"):
        if item.text.isdecimal():
            found[int(item.text)] = int(item.text)
    for item in service.each("ports"):
        target = item.value("target") if item.kind == "mapping" else ""
        short = _PORT.fullmatch(item.text) if item.kind == "scalar" else None
        text = target or (short[1] if short else "")
        if text.isdecimal():
            found[int(text)] = int(text)
    return found


def _mounts(folder: str, service: Node) -> dict[str, str]:
    found = {}
    for item in service.each("volumes"):
        source, _, target = (
            (item.value("source"), "", item.value("target")) if item.kind == "mapping" else item.text.partition(":")
        )
        if source.startswith((".", "/")) or "/" in source:
            found[inside(folder, source)] = target.partition(":")[0]
    return found


def _configs(ctx: Context, source: SourceFile, service: Node) -> dict[str, str]:
    """The project's configs the service takes: files by their path, those that stand here by their place."""
    found = {}
    root = _root(ctx, source)
    for item in service.each("configs"):
        name = item.value("source") if item.kind == "mapping" else item.text
        target = item.value("target") if item.kind == "mapping" else f"/{name}"
        defined = root.get("configs", name) if root is not None and target else None
        if defined is not None and defined.value("file"):
            found[inside(str(PurePosixPath(source.path).parent), defined.value("file"))] = target
        elif defined is not None and defined.get("content") is not None:
            found[embedded_config(source.path, name, target)] = target
    return found


def _settings(service: Node) -> Settings:
    found: Settings = {}
    grace = service.get("stop_grace_period")
    if grace is not None and grace.kind == "scalar":
        found["stop_grace_period"] = (Setting("stop_grace_period", grace.text, grace.span),)
    for name in ("interval", "timeout", "retries", "start_period"):
        node = service.get("healthcheck", name)
        if node is not None and node.kind == "scalar":
            found[f"healthcheck.{name}"] = (Setting(f"healthcheck.{name}", node.text, node.span),)
    for place in (("labels",), ("deploy", "labels")):
        labels = service.get(*place)
        for key, value in labels.entries if labels is not None else []:
            found[f"label:{key.text}"] = (Setting(f"label:{key.text}", value.text, value.span),)
        for item in labels.elements if labels is not None else []:
            name, _, text = item.text.partition("=")
            found[f"label:{name}"] = (Setting(f"label:{name}", text, item.span),)
    return found


def _sysctls(service: Node) -> Settings:
    found: Settings = {}
    node = service.get("sysctls")
    for key, value in node.entries if node is not None else []:
        found[key.text] = (Setting(key.text, value.text, value.span),)
    for item in node.elements if node is not None else []:
        name, _, text = item.text.partition("=")
        found[name.strip()] = (Setting(name.strip(), text.strip(), item.span),)
    return found


def _laid_over(base: Workload, over: Workload) -> Workload:
    return replace(
        base, image=over.image or base.image, command=over.command or base.command, env={**base.env, **over.env},
        names=tuple(dict.fromkeys((*base.names, *over.names))), ports={**base.ports, **over.ports},
        mounts={**base.mounts, **over.mounts}, root=over.root if over.root is not None else base.root,
        settings={**base.settings, **over.settings}, sysctls={**base.sysctls, **over.sysctls},
    )  # fmt: skip


def _swarm(root: Node) -> bool:
    """Whether this is a stack for a swarm: only there does `deploy` with an endpoint mode, replicas or placement count."""
    for _, service in root.pairs("services"):
        deploy = service.get("deploy")
        if deploy is not None and any(
            deploy.get(key) for key in ("endpoint_mode", "mode", "placement", "update_config")
        ):
            return True
    return False


def _vips(workloads: list[Workload], root: Node, source: SourceFile) -> tuple[list[Component], list[Workload]]:
    """A virtual address in front of every service of a stack, unless it asks for DNS round robin."""
    boxes, done = [], []
    for workload in workloads:
        service = root.get("services", workload.name)
        mode = service.get("deploy", "endpoint_mode") if service is not None else None
        if mode is not None and mode.text == "dnsrr":
            done.append(workload)
            continue
        key = f"{SWARM}:{source.path}#{workload.name}"
        boxes.append(
            Component(key, SWARM, SWARM, mode.span if mode is not None else workload.span, "box", scope=workload.scope)
        )
        done.append(replace(workload, via=(*workload.via, key)))
    return boxes, done
