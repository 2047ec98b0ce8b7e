"""Settings that code makes by hand: a ping written in a loop is no setting, and takes the place of the library's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tochain.formats.languages import family, language_of
from tochain.model.fact import Setting
from tochain.model.limit import Unknown
from tochain.model.span import SourceFile
from tochain.products.codefound import Found
from tochain.products.imports import imported, uses

__all__ = ["doubtful", "with_doubts"]


def doubtful(found: Iterable[Found]) -> bool:
    """Whether any pattern asks for the rest of the program."""
    return any(one.pattern.doubts for one in found)


def with_doubts(found: list[Found], program: Iterable[SourceFile]) -> None:
    """Makes settings unknown of which a file of the program has one of the words that tell it is done by hand."""
    files = list(program)
    for one in found:
        for name, words in one.pattern.doubts.items():
            if any(setting.name == name for setting in one.everything()):
                continue
            by_hand = next(_places(one, files, words, name), None)
            if by_hand is not None:
                one.settings.append(by_hand)


def _speaks_of(one: Found, source: SourceFile, language: str) -> bool:
    """Whether a file may be about the library: in JavaScript objects travel, elsewhere it imports what it uses."""
    kind = family(language)
    return kind == "js" or not one.pattern.imports or uses(imported(kind, source.text), one.pattern.imports)


def _places(one: Found, files: list[SourceFile], words: tuple[str, ...], name: str) -> Iterator[Setting]:
    for source in files:
        language = language_of(source.path)
        if language is None or family(language) not in one.pattern.languages or not _speaks_of(one, source, language):
            continue
        for word in words:
            at = source.text.find(word)
            if at != -1:
                span = source.span(at, at + len(word))
                yield Setting(name, word, span, limit=Unknown(f"the program does it by itself: {word}"))
