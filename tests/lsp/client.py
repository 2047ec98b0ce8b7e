"""A client by hand: JSON-RPC frames over the pipes of a real server process."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

PATIENCE = 60


class Client:
    """A language client: requests wait for their answer, notifications of the server are kept by file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tochain", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=root,
            env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
        )
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.number = 0
        self.published: dict[str, list[dict[str, Any]]] = {}
        self.shown: list[str] = []
        self.registered: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        out = self.process.stdout
        assert out is not None
        while line := out.readline():
            length = 0
            while line.strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
                line = out.readline()
            self.messages.put(json.loads(out.read(length)))
        self.messages.put(None)

    def _send(self, data: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **data}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method: str, params: object = None) -> None:
        self._send({"method": method, "params": params or {}})

    def _next(self) -> dict[str, Any]:
        message = self.messages.get(timeout=PATIENCE)
        assert message is not None, "the server ended"
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]] = message["params"]["diagnostics"]
        if message.get("method") == "window/showMessage":
            self.shown.append(message["params"]["message"])
        if message.get("method") == "client/registerCapability":
            self.registered += message["params"]["registrations"]
            self._send({"id": message["id"], "result": None})
        return message

    def request(self, method: str, params: object = None) -> Any:
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params or {}})
        while True:
            message = self._next()
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def until(self, done: Any) -> None:
        """Reads what the server says until a condition holds."""
        while not done():
            self._next()

    def start(self, *folders: str, capabilities: dict[str, Any] | None = None, none: bool = False) -> dict[str, Any]:
        """Opens the root, or folders below it, or none at all."""
        opened = [] if none else [self.folder(name) for name in folders or (".",)]
        root = opened[0]["uri"] if opened else None
        answer = self.request(
            "initialize",
            {"processId": None, "rootUri": root, "workspaceFolders": opened, "capabilities": capabilities or {}},
        )
        self.notify("initialized")
        return answer

    def open(self, path: str, text: str) -> None:
        item = {"uri": self.uri(path), "languageId": "nginx", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, path: str, text: str, version: int) -> None:
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": self.uri(path), "version": version}, "contentChanges": [{"text": text}]},
        )

    def folder(self, name: str) -> dict[str, str]:
        return {"uri": self.uri(name), "name": name}

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def stop(self) -> int:
        self.request("shutdown")
        self.notify("exit")
        assert self.process.stdin is not None
        code = self.process.wait(PATIENCE)
        self.process.stdin.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code
