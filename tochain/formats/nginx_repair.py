"""Statements that swallowed the next line because a `;` is missing, cut into what was meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tochain.formats.nginx_lex import Arg, Statement
from tochain.formats.nginx_table import BLOCK_HOMES, is_known, is_leaf, is_lua_block, most_args

__all__ = ["cut", "suspect"]

_COUNTED = 7
"""nginx counts arguments up to this many; directives that take more take any number."""


def suspect(found: Statement) -> bool:
    """Whether a statement may hold more than one directive: it runs over lines, or it opens a block no leaf has."""
    if not found.lines and found.kind != "{":
        return False
    if is_lua_block(found.name):
        return False
    return is_leaf(found.name) or (found.kind == "{" and not is_known(found.name))


def cut(found: Statement, args: tuple[Arg, ...], first_on_line: Callable[[int], int]) -> list[Statement]:
    """The statements in one, cut before known names that stand first on their line where the whole makes no sense.

    All but the last lack their `;`.
    """
    pieces: list[Statement] = []
    name, start, taken = found.name, found.start, 0
    for at, arg in enumerate(args):
        left = len(args) - taken
        if arg.quoted or not first_on_line(arg.start) or not _begins(name, arg.text, found.kind, left):
            continue
        stop = args[at - 1].end if at > taken else start + len(name)
        pieces.append(_piece(found, name, start, stop, args[taken:at]))
        name, start, taken = arg.text, arg.start, at + 1
    if not pieces:
        return [found]
    return [*pieces, replace(found, name=name, start=start, chunk=None, args=args[taken:], plain=False)]


def _begins(name: str, word: str, kind: str, count: int) -> bool:
    """Whether a word at the start of a line begins a directive of its own, behind `name` with `count` words left."""
    if not is_known(word):
        return False
    if not is_leaf(name):
        return kind == "{" and not is_known(name) and word in BLOCK_HOMES
    most = most_args(name)
    if most > _COUNTED:
        return kind == "{" or "_" in word
    return kind == "{" or count > most


def _piece(found: Statement, name: str, start: int, stop: int, args: tuple[Arg, ...]) -> Statement:
    return replace(found, kind=";", name=name, start=start, stop=stop, chunk=None, args=args, plain=False, lines=False)
