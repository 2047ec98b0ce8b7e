"""A progress line on stderr for runs that take longer than a second, and only where somebody watches."""

from __future__ import annotations

import shutil
import sys
import threading
from types import TracebackType
from typing import TextIO

from tochain.report.safe import one_line

__all__ = ["Progress"]

PATIENCE = 1.0
REFRESH = 0.2
BAR = 24
CLEAR = "\r\x1b[K"


class Progress:
    """A context in which `tick` tells what is being done; the line appears after a second and is wiped at the end.

    Nothing at all happens where the stream is not a terminal.
    """

    def __init__(self, stream: TextIO | None = None, patience: float = PATIENCE, refresh: float = REFRESH) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._patience = patience
        self._refresh = refresh
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._stage = ""
        self._at: tuple[int, int] | None = None
        self._turn = 0
        self._shown = False

    def __enter__(self) -> Progress:
        if self._stream.isatty():
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()
        if self._shown:
            self._stream.write(CLEAR)
            self._stream.flush()

    def tick(self, stage: str, done: int | None = None, total: int | None = None) -> None:
        """Says what is being done, and how far it is when that is known."""
        self._stage = stage
        self._at = (done, total) if done is not None and total else None

    def _watch(self) -> None:
        if self._done.wait(self._patience):
            return
        while True:
            self._shown = True
            self._stream.write(CLEAR + self.line(shutil.get_terminal_size().columns))
            self._stream.flush()
            if self._done.wait(self._refresh):
                return

    def line(self, columns: int) -> str:
        """What is shown at this moment: a bar that fills, or one that runs where nobody knows how much is left."""
        if self._at:
            done, total = self._at
            filled = min(BAR * done // total, BAR)
            bar = "#" * filled + "-" * (BAR - filled)
            text = f"[{bar}] {done}/{total} {self._stage}"
        else:
            at = self._turn % BAR
            self._turn += 1
            text = f"[{'-' * at}#{'-' * (BAR - at - 1)}] {self._stage}"
        return one_line(text)[: max(columns - 1, 1)]
