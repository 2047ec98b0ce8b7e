"""The server over stdio: one run at a time, a moment after the last key."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from tochain import __version__
from tochain.lsp.convert import actions, diagnostics, hover_text, pos, span_range
from tochain.lsp.state import State, facts_at

__all__ = ["serve"]

PAUSE = 0.25
"""Seconds without a key before the folder is checked again."""


class _Server(LanguageServer):
    """The open folder and the check that is planned."""

    def __init__(self) -> None:
        super().__init__("tochain", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.state = State(Path.cwd())
        self.shown: set[str] = set()
        self.planned: asyncio.Task[None] | None = None
        self.busy = asyncio.Lock()

    def plan(self, pause: float = PAUSE) -> None:
        """Checks after a pause; a plan made before is dropped, a run that has begun is waited for."""
        if self.planned is not None:
            self.planned.cancel()
        self.planned = asyncio.get_running_loop().create_task(self._later(pause))

    async def _later(self, pause: float) -> None:
        await asyncio.sleep(pause)
        # From here on a new key must not cut the run off: it is shielded, and the next one waits its turn.
        await asyncio.shield(self._check())

    async def _check(self) -> None:
        async with self.busy:
            texts = State(self.state.root, dict(self.state.texts))
            self.state.last = await asyncio.to_thread(texts.run)
            self._publish()

    def _publish(self) -> None:
        run = self.state.last
        if run.error:
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"tochain: {run.error}"))
            return
        found = diagnostics(run, self.state)
        for uri in sorted({*found, *self.shown}):
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found.get(uri, [])))
        self.shown = set(found)


def _path(uri: str) -> Path | None:
    """The file a URI names; None for one that is no file."""
    parts = urlparse(uri)
    return Path(url2pathname(unquote(parts.path))) if parts.scheme == "file" else None


def serve() -> None:
    """Speaks the protocol on stdin and stdout until the client ends it."""
    make().start_io()


def make() -> LanguageServer:
    """The server with all it answers to."""
    server = _Server()

    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        folders = [folder.uri for folder in params.workspace_folders or ()]
        uri = folders[0] if folders else params.root_uri
        root = _path(uri) if uri else None
        if root is not None:
            server.state.root = root

    @server.feature(lsp.INITIALIZED)
    def initialized(params: lsp.InitializedParams) -> None:
        server.plan(0)

    def take(uri: str, text: str | None) -> None:
        path = _path(uri)
        if path is None:
            return
        if text is None:
            server.state.texts.pop(path, None)
        else:
            server.state.texts[path] = text
        server.plan()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        take(params.text_document.uri, params.text_document.text)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        take(uri, server.workspace.get_text_document(uri).source)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        take(params.text_document.uri, None)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.plan()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.plan()

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        path = _path(params.text_document.uri)
        if path is None:
            return None
        shown = server.state.shown(path)
        source = server.state.last.source(shown)
        if source is None:
            return None
        known = facts_at(server.state.last, shown, pos(params.position, source.text))
        if not known:
            return None
        text = lsp.MarkupContent(lsp.MarkupKind.Markdown, hover_text(known))
        return lsp.Hover(text, span_range(known[0].span, source))

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]))
    def code_action(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        path = _path(params.text_document.uri)
        return actions(server.state.last, server.state, server.state.shown(path), params.range) if path else []

    return server
