"""Writing what was rendered: to a terminal as it can show it, to a file whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tochain.model.errors import TochainError

if TYPE_CHECKING:
    from tochain.model.span import SourceFile
    from tochain.report.view import View

__all__ = ["emit", "view"]


def view(
    lines: Callable[[str], SourceFile | None], *, plain: bool = False, undecided: bool = False, rules: bool = False
) -> View:
    """How to render: coloured on a terminal and without NO_COLOR, as wide as the terminal; `rules` adds their texts."""
    from tochain.report.style import Style, wants_colour
    from tochain.report.view import View

    colour = not plain and wants_colour(sys.stdout, os.environ)
    columns = shutil.get_terminal_size((100, 40)).columns if sys.stdout.isatty() else 120
    known = {}
    if rules:
        from tochain.catalogue import all_rule_data

        known = {str(rule["id"]): rule for rule in all_rule_data()}
    return View(
        lines=lines, rules=known, style=Style(colour), columns=columns, undecided=undecided, root=str(Path.cwd())
    )


def emit(text: str, path: Path | None) -> None:
    """Writes to a file, whole or not at all, or to stdout ("-" or no path)."""
    if path is None or str(path) in ("-", "/dev/stdout"):
        # Arrows and frames are UTF-8 whatever the locale says; a terminal that cannot show them shows "?".
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has gone and nobody is left to be told; the exit status still says what was found.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    if path.exists() and not path.is_file():
        raise TochainError(f"cannot write {path}: not a regular file")
    # A link is written through: its target gets the new text, the link stays.
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise TochainError(f"cannot write {path}: {error.strerror}") from error
