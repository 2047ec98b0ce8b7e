"""What several commands share: errors to exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from tochain.cli.output import emit, view
from tochain.model.errors import TochainError

__all__ = ["PATHS", "STDIN_NAME", "UNREADABLE", "emit", "failing_well", "view"]

UNREADABLE = 2
PATHS = "Files and folders, - for a dump on stdin; the current folder by default."
STDIN_NAME = "The file name the text on stdin goes by; otherwise it is found from the content."


@contextmanager
def failing_well() -> Iterator[None]:
    """Turns an error a user can mend into one line on stderr and exit status 2."""
    try:
        yield
    except TochainError as error:
        typer.echo(f"tochain: {error}", err=True)
        raise typer.Exit(UNREADABLE) from None
    except BrokenPipeError:
        # The reader of our output has gone; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
