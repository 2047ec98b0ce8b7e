"""`python -m tochain` and the console script."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Runs the command line; `--version` answers before anything else is imported."""
    if sys.argv[1:] == ["--version"]:
        from tochain import __version__

        print(f"tochain {__version__}")
        return
    from tochain.cli.app import app

    app(prog_name="tochain")


if __name__ == "__main__":
    main()
