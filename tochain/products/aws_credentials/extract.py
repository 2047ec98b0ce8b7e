"""AWS credentials: profiles of ~/.aws that hold temporary keys for good, or assume a role for a set time."""

from __future__ import annotations

from tochain.formats.ini import parse_ini
from tochain.formats.keyvalue import Entries
from tochain.model.component import Component, Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.flat import tell_lines
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PRODUCT = "aws-credentials"
_TOKENS = ("aws_session_token", "aws_security_token")


def read(ctx: Context) -> Extract:
    """A client for each profile with a session token or a role, and for each workload given a session token."""
    extract = Extract()
    for source in ctx.files:
        entries = ctx.parsed(source, parse_ini)
        if not any(entries.get(key) for key in (*_TOKENS, "role_arn", "aws_access_key_id", "region", "sso_start_url")):
            continue
        tell_lines(ctx, source, entries)
        extract.components += [
            made for head in entries.sections if (made := _profile(source, entries, head)) is not None
        ]
    for workload in ctx.workloads:
        if workload.env.get("AWS_SESSION_TOKEN") is not None and workload.env["AWS_SESSION_TOKEN"].text:
            extract.components.append(_given(workload))
    return extract


def _profile(source: SourceFile, entries: Entries, head: Word) -> Component | None:
    token = next((line for key in _TOKENS if (line := entries.get(key, head.text)) is not None), None)
    role, time = entries.get("role_arn", head.text), entries.get("duration_seconds", head.text)
    if token is None and role is None:
        return None
    settings: Settings = (
        {"duration_seconds": (Setting("duration_seconds", time.value, time.span),)} if time is not None else {}
    )
    name = head.text.removeprefix("profile ").strip()
    return Component(
        f"{PRODUCT}:{source.path}#{name}", name, PRODUCT, token.key_span if token is not None else head.span, "client",
        variant="static" if token is not None else None, scope=folder_scope(source.path), settings=settings,
        protocol="http", files=(source.path,),
    )  # fmt: skip


def _given(workload: Workload) -> Component:
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.env["AWS_SESSION_TOKEN"].span, "client",
        variant="static", scope=workload.scope, workload=workload.key, protocol="http", files=(workload.span.path,),
    )  # fmt: skip
