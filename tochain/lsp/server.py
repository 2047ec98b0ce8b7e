"""The server over stdio: one run at a time, a moment after the last key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
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
    """The open folders, each checked by itself, and the check that is planned."""

    def __init__(self) -> None:
        super().__init__("tochain", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.states: dict[Path, State] = {}
        self.stale: set[Path] = set()
        self.shown: set[str] = set()
        self.said: dict[Path, str] = {}
        self.planned: asyncio.Task[None] | None = None
        self.busy = asyncio.Lock()

    def state_of(self, path: Path) -> State:
        """The innermost open folder that holds a file; a document outside of all stands alone."""
        holds = [root for root in self.states if path.is_relative_to(root)]
        root = max(holds, key=lambda root: len(root.parts), default=None)
        return (
            self.states.setdefault(path.parent, State(path.parent, alone=True)) if root is None else self.states[root]
        )

    def add(self, folders: Iterable[str]) -> None:
        """Opens folders; documents that stood alone go to the folder that holds them now."""
        for root in filter(None, map(_path, folders)):
            self.states[root] = State(root)
        self._sort()

    def drop(self, folders: Iterable[str]) -> None:
        """Closes folders; their open documents stay, alone or in a folder around."""
        gone = [state for root in filter(None, map(_path, folders)) if (state := self.states.pop(root, None))]
        self._sort([item for state in gone for item in state.texts.items()])

    def _sort(self, loose: Iterable[tuple[Path, str]] = ()) -> None:
        texts = [*loose, *(item for state in self.states.values() for item in state.texts.items())]
        self.states = {root: State(root) for root, state in self.states.items() if not state.alone}
        for path, text in texts:
            self.state_of(path).texts[path] = text
        self.stale = set(self.states)

    def plan(self, path: Path | None = None, pause: float = PAUSE) -> None:
        """Checks the folder of a file, or all, after a pause; a plan made before is dropped, a run that has begun is waited for."""
        self.stale |= {self.state_of(path).root} if path is not None else set(self.states)
        if self.planned is not None:
            self.planned.cancel()
        self.planned = asyncio.get_running_loop().create_task(self._later(pause))

    async def _later(self, pause: float) -> None:
        await asyncio.sleep(pause)
        # From here on a new key must not cut the run off: it is shielded, and the next one waits its turn.
        await asyncio.shield(self._check())

    async def _check(self) -> None:
        async with self.busy:
            roots, self.stale = self.stale, set()
            for state in [self.states[root] for root in sorted(roots) if root in self.states]:
                texts = State(state.root, dict(state.texts), alone=state.alone)
                run = await asyncio.to_thread(texts.run)
                if not run.error:
                    state.last = run
                elif run.error != self.said.get(state.root):
                    self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"tochain: {run.error}"))
                self.said[state.root] = run.error
            self._publish()

    def _publish(self) -> None:
        found: dict[str, list[lsp.Diagnostic]] = {}
        for state in self.states.values():
            for uri, several in diagnostics(state.last, state).items():
                known = found.setdefault(uri, [])
                known += [one for one in several if one not in known]
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
        server.add(folders or ([params.root_uri] if params.root_uri else []))

    @server.feature(lsp.INITIALIZED)
    async def initialized(params: lsp.InitializedParams) -> None:
        server.plan(pause=0)
        asked = server.client_capabilities.workspace
        if asked and asked.did_change_watched_files and asked.did_change_watched_files.dynamic_registration:
            everything = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher("**/*")])
            watch = lsp.Registration("watch", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, everything)
            await server.client_register_capability_async(lsp.RegistrationParams([watch]))

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        server.drop(folder.uri for folder in params.event.removed)
        server.add(folder.uri for folder in params.event.added)
        server.plan(pause=0)

    def take(uri: str, text: str | None) -> None:
        path = _path(uri)
        if path is None:
            return
        if text is None:
            server.state_of(path).texts.pop(path, None)
        else:
            server.state_of(path).texts[path] = text
        server.plan(path)

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
        server.plan(_path(params.text_document.uri))

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.plan()

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        path = _path(params.text_document.uri)
        if path is None:
            return None
        state = server.state_of(path)
        shown = state.shown(path)
        source = state.last.source(shown)
        if source is None:
            return None
        known = facts_at(state.last, shown, pos(params.position, source.text))
        if not known:
            return None
        text = lsp.MarkupContent(lsp.MarkupKind.Markdown, hover_text(known))
        return lsp.Hover(text, span_range(known[0].span, source))

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]))
    def code_action(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        path = _path(params.text_document.uri)
        if path is None:
            return []
        state = server.state_of(path)
        return actions(state.last, state, state.shown(path), params.range)

    return server
