"""`tochain lsp`: the language server."""

from __future__ import annotations

from tochain.cli.common import failing_well

__all__ = ["command"]


def command() -> None:
    """Speak the language server protocol over stdio: findings as you type, hovers, fixes.

    Needs the extra tochain[lsp].
    """
    with failing_well():
        from tochain.model.errors import TochainError

        try:
            from tochain.lsp.server import serve
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] not in ("pygls", "lsprotocol"):
                raise
            raise TochainError("the language server needs pygls: pip install 'tochain[lsp]'") from error
        serve()
