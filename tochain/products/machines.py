"""Machines of a cloud: what their user data tells of them becomes files of their own and containers they start."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace

from tochain.formats.carried import Carried, CarriedFile, Piece, carried_path, joined, written
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, host_text, product_of
from tochain.products.dockerrun import containers
from tochain.products.firstboot import FirstBoot, read_user_data, run
from tochain.products.routes import way_out

__all__ = ["machines"]

_USER_DATA = {
    "aws_instance": ("user_data", "user_data_base64"),
    "aws_spot_instance_request": ("user_data", "user_data_base64"),
    "aws_launch_template": ("user_data", "launch_template_data.user_data"),
    "aws_launch_configuration": ("user_data", "user_data_base64"),
    "google_compute_instance": ("metadata_startup_script", "metadata.startup-script", "metadata.user-data"),
    "google_compute_instance_template": ("metadata_startup_script", "metadata.startup-script", "metadata.user-data"),
    "azurerm_linux_virtual_machine": ("custom_data", "user_data"),
    "azurerm_linux_virtual_machine_scale_set": ("custom_data", "user_data"),
}
"""Where each kind of machine, or template of one, keeps what it is told first."""
_MADE_BY = {
    "aws_autoscaling_group": ("launch_template", "launch_configuration", "mixed_instances_policy", "launch_configuration_name"),
    "aws_instance": ("launch_template",),
    "google_compute_instance_group_manager": ("version", "instance_template"),
    "google_compute_region_instance_group_manager": ("version", "instance_template"),
    "google_compute_instance_group": ("instances",),
}  # fmt: skip
"""Where a group, or a machine, names the template it is made from."""
_SCRIPT = "user-data.sh"
_HOST = re.compile(r"\$\{[^}]*(?:address|endpoint|_ip|dns|dns_name|hostname|privateip|privatednsname|publicip)\b[^}]*\}", re.I)  # fmt: skip
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{24,}={0,2}\s*")


def machines(ctx: Context, found: View, prefix: str) -> Extract:
    """The files and containers of every machine whose scope begins with `prefix`."""
    out = Extract()
    for resource in found.of(*_USER_DATA):
        if not resource.where.startswith(prefix):
            continue
        boot = read_user_data(_texts(ctx, found, resource))
        _cfn_init(ctx, found, resource, boot)
        for message, span in boot.problems:
            ctx.problem(span, f"{resource.address}: {message}")
        _hand_on(ctx, found, resource, boot, out)
    return out


def _hand_on(ctx: Context, found: View, resource: Resource, boot: FirstBoot, out: Extract) -> None:
    groups = list(_groups(found, resource))
    names = (resource.address, *(group.address for group in groups))
    ways = {way_out(found, one) for one in (groups or [resource])}
    out_by = ways.pop() if len(ways) == 1 else ()

    def carried(path: str) -> str:
        return carried_path(resource.span.path, resource.address, path)

    for source in {piece.span.path for text in (*boot.files.values(), *boot.script) for piece in text.pieces}:
        ctx.understood(source)
    for path, content in boot.files.items():
        out.carried.append(CarriedFile(carried(path), content, names, out_by))
    script = joined(boot.script)
    if script.pieces:
        file = CarriedFile(carried(_SCRIPT), script, names, out_by)
        out.carried.append(file)
        out.workloads += containers(file, {path: carried(path) for path in boot.files})


def _groups(found: View, resource: Resource) -> Iterator[Resource]:
    """The groups of machines made from a template."""
    for kind, paths in _MADE_BY.items():
        for path in paths:
            yield from found.pointing(resource, kind, path)


def _texts(ctx: Context, found: View, resource: Resource) -> Iterator[Carried]:
    for path in _USER_DATA[resource.kind]:
        value = resource.value.get(*path.split("."))
        if value is None:
            continue
        plain = _plain(value)
        for part in plain.elements or [plain]:
            text = _plain(part)
            if text.kind == "unknown" and (not text.pieces or "${" not in text.text):
                ctx.problem(value.span, f"the user data of {resource.address} is not known here: {text.reason}")
            yield _text(ctx, found, text)


def _plain(value: Value) -> Value:
    """What an encoded text encodes."""
    if value.plain is not None:
        return value.plain
    if value.kind == "scalar" and _BASE64.fullmatch(value.text):
        try:
            return replace(value, text=b64decode(value.text).decode("utf-8"), source=None, pieces=())
        except ValueError:
            return value
    return value


def _text(ctx: Context, found: View, value: Value) -> Carried:
    """A text by where it is written, the hosts of resources in it by what stands for them here."""
    pieces = value.pieces or written(value.text, value.span, ctx.file(value.span.path)).pieces
    hosts = [r for r in found.mentioned(value) if product_of(r) or r.kind in _USER_DATA]
    return Carried(tuple(_with_host(piece, value, hosts) for piece in pieces))


def _with_host(piece: Piece, value: Value, hosts: list[Resource]) -> Piece:
    if piece.exact or not _HOST.fullmatch(piece.text):
        return piece
    for resource in hosts:
        local = ".".join(resource.address.partition("[")[0].split(".")[-2:])
        if re.match(rf"\$\{{{re.escape(local)}\b", piece.text):
            return replace(piece, text=host_text(resource, value) if product_of(resource) else resource.address)
    return piece


def _cfn_init(ctx: Context, found: View, resource: Resource, boot: FirstBoot) -> None:
    """The files and commands of AWS::CloudFormation::Init, which stand beside a template's properties."""
    metadata = resource.value.get("cloudformation_init")
    for name, config in metadata.entries.items() if metadata is not None else ():
        files = config.get("files") if name != "configSets" else None
        for path, file in files.entries.items() if files is not None else ():
            content = file.get("content")
            if path.startswith("/") and content is not None and content.kind in ("scalar", "unknown"):
                boot.files[path] = _text(ctx, found, content)
        commands = config.get("commands")
        for command in commands.entries.values() if commands is not None else ():
            told = command.get("command")
            if told is not None and told.kind in ("scalar", "unknown"):
                end = Carried((Piece("\n", told.span),))
                run(joined((_text(ctx, found, told), end)), boot)
