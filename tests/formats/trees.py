"""Trees as plain text for exact comparison, and the laws every tree keeps."""

from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile, Span


def place(span: Span) -> str:
    return f"{span.start.line}:{span.start.column}-{span.end.line}:{span.end.column}"


def outline(node: Node, indent: str = "") -> str:
    """One line a node: place, what it is, text; keys before their values."""
    tag = f" {node.tag}" if node.tag else ""
    if node.kind == "scalar":
        mark = ("q" if node.quoted else "") + ("x" if node.expression else "")
        return f"{indent}{place(node.span)}{tag} {node.text!r}{mark}"
    lines = [f"{indent}{place(node.span)}{tag} {node.kind}"]
    for key, value in node.entries:
        lines += [f"{indent}  {place(key.span)} {key.text!r}:", outline(value, indent + "    ")]
    lines += [f"{indent}  - {outline(element, indent + '    ').lstrip()}" for element in node.elements]
    return "\n".join(lines)


def problems(document: Document) -> list[str]:
    return [f"{place(span)} {'failed ' if failed else ''}{message}" for message, span, failed in document.problems]


def check_laws(source: SourceFile, document: Document) -> None:
    """Spans lie in the file; an unquoted scalar of one line is what its span covers."""
    for _, span, _ in document.problems:
        check_inside(source, span)
    for root in document.roots:
        for _, node in root.walk():
            check_inside(source, node.span)
            covered = source.slice(node.span)
            if (
                node.kind == "scalar"
                and not node.quoted
                and not node.expression
                and not set(covered) & set("\r\n\x85\u2028\u2029")
            ):
                assert covered == node.text


def check_inside(source: SourceFile, span: Span) -> None:
    assert span.path == source.path
    assert (1, 1) <= span.start <= span.end
    assert span.end.line <= source.line_count
    for pos in (span.start, span.end):
        assert source.pos(source.offset(pos)) == pos
