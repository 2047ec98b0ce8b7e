"""Entries as plain text for exact comparison, and the laws every line-wise format keeps."""

from tests.formats.trees import check_inside, place
from tochain.formats.keyvalue import Entries
from tochain.model.span import SourceFile


def table(out: Entries) -> list[str]:
    """One line an entry: place of the key, key, place of the value, value, section."""
    return [
        f"{place(e.key_span)} {e.key!r} {place(e.value_span)} {e.value!r}{'q' if e.quoted else ''}"
        + (f" [{e.section}]" if e.section else "")
        for e in out.entries
    ]


def faults(out: Entries) -> list[str]:
    return [f"{place(span)} {'failed ' if failed else ''}{message}" for message, span, failed in out.problems]


def check_entries(source: SourceFile, out: Entries) -> None:
    """Spans lie in the file, the parts inside the whole; what is not quoted or continued is what its span covers."""
    for _, span, _ in out.problems:
        check_inside(source, span)
    for head in out.sections:
        check_inside(source, head.span)
    for entry in out.entries:
        for span in (entry.span, entry.key_span, entry.value_span, *(word.span for word in entry.args)):
            check_inside(source, span)
        assert entry.span.start == entry.key_span.start
        assert entry.span.end >= entry.key_span.end
        covered = source.slice(entry.value_span)
        if not entry.quoted and "\\" not in covered and "\n" not in covered:
            assert entry.value == covered
