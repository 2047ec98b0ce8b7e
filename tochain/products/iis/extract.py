"""IIS: the ASP.NET Core module of a web.config, and the limits and application pools of an applicationHost.config."""

from __future__ import annotations

from tochain.formats.tree import Node
from tochain.formats.xmlfile import parse_xml
from tochain.model.component import Address, Component
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.scopes import folder_scope
from tochain.products.timespan import timespan_setting
from tochain.products.trees import tell

__all__ = ["read"]

PRODUCT = "iis"
_WANTED = {
    "aspNetCore": ("shutdownTimeLimit", "requestTimeout", "startupTimeLimit"),
    "limits": ("connectionTimeout",),
    "webLimits": ("headerWaitTimeout", "connectionTimeout"),
    "processModel": ("shutdownTimeLimit", "pingInterval", "idleTimeout"),
}
_PLAIN_SECONDS = ("aspNetCore.shutdownTimeLimit", "aspNetCore.startupTimeLimit")
_DEPTH = 30


def read(ctx: Context) -> Extract:
    """One server for each file."""
    extract = Extract()
    for source in ctx.files:
        document = ctx.parsed(source, parse_xml)
        root = document.roots[0] if document.roots else None
        if root is None or root.tag != "configuration":
            continue
        settings = _settings(source, root)
        if not settings:
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        first = min(setting.span for group in settings.values() for setting in group)
        extract.components.append(
            Component(
                f"{PRODUCT}:{source.path}",
                PRODUCT,
                PRODUCT,
                first,
                scope=folder_scope(source.path),
                settings=settings,
                listens=(Address(port=80),),
                protocol="http",
                files=(source.path,),
            )
        )
    return extract


def _settings(source: SourceFile, root: Node) -> Settings:
    found: Settings = {}
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        for key, value in node.entries:
            if key.text.startswith("@") and key.text[1:] in _WANTED.get(node.tag, ()):
                name = f"{node.tag}.{key.text[1:]}"
                span = Span(source.path, key.span.start, value.span.end)
                plain = name in _PLAIN_SECONDS
                found[name] = (Setting(name, value.text, span) if plain else timespan_setting(name, value.text, span),)
            elif value.kind == "mapping" and depth < _DEPTH:
                waiting.append((value, depth + 1))
    return found
