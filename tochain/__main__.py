"""`python -m tochain` and the console script."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

__all__ = ["main"]

NO_CACHE = "--no-cache"


def main() -> None:
    """Runs the command line; `--version` answers before anything else is imported."""
    if sys.argv[1:] == ["--version"]:
        from tochain import __version__

        print(f"tochain {__version__}")
        return
    # Trees are many objects without cycles: with Python's own threshold most of the time of reading goes into
    # looking for garbage that is not there.
    gc.set_threshold(1_000_000, 50, 100)
    try:
        sys.exit(_run())
    finally:
        # The process ends: nothing is gained by looking through all objects once more.
        gc.freeze()


def _run() -> int:
    words = [word for word in sys.argv[2:] if word != NO_CACHE]
    if sys.argv[1:2] == ["check"] and not any(word.startswith("-") for word in words):
        # The commonest form, a hook's: it needs no options, and with a cached result little else.
        return _check([Path(word) for word in words] or [Path()], cache=NO_CACHE not in sys.argv)
    from tochain.cli.app import app

    app(prog_name="tochain")
    return 0


def _check(paths: list[Path], *, cache: bool) -> int:
    from tochain.cli.run import Asked, run
    from tochain.model.errors import TochainError

    try:
        return run(paths, Asked(cache=cache))
    except TochainError as error:
        print(f"tochain: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    main()
