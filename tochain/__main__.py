"""`python -m tochain` and the console script."""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]


def main() -> None:
    """Runs the command line; `--version` answers before anything else is imported."""
    if sys.argv[1:] == ["--version"]:
        from tochain import __version__

        print(f"tochain {__version__}")
        return
    # Trees are many objects without cycles: with Python's own threshold most of the time of reading goes into
    # looking for garbage that is not there.
    gc.set_threshold(100_000, 50, 100)
    from tochain.cli.app import app

    app(prog_name="tochain")


if __name__ == "__main__":
    main()
