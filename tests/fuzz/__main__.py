"""`python -m tests.fuzz nginx --seconds 120`: atheris makes up files for one of our own parsers until it fails or time is up.

`pip install 'tochain[fuzz]'` brings atheris. A parser may say what it likes of a file, but it ends, raises nothing and every place it
names lies in the file. What breaks that is written to --findings; seeds are the fixtures. Without a name the targets are listed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from tochain.model.span import SourceFile, Span

ROOT = Path(__file__).parents[2] / "fixtures"
LONGEST = 4096
TARGETS = {
    "apache": ("apache:parse", "*.conf"),
    "bigip": ("blocks:parse_bigip", "bigip*.conf"),
    "caddyfile": ("caddyfile:parse", "Caddyfile*"),
    "dockerfile": ("dockerfile:parse", "Dockerfile*"),
    "env": ("keyvalue:parse_env", "*.env"),
    "haproxy": ("haproxy:parse", "*.cfg"),
    "hcl": ("hclfile:parse_hcl", "*.tf"),
    "ini": ("ini:parse_ini", "*.ini"),
    "json": ("jsonfile:parse_json", "*.json"),
    "keepalived": ("blocks:parse_keepalived", "keepalived*.conf"),
    "lines": ("lines:parse", "*.conf"),
    "mycnf": ("ini:parse_mycnf", "*.cnf"),
    "nginx": ("nginx:parse", "*.conf"),
    "properties": ("keyvalue:parse_properties", "*.properties"),
    "rabbitmq": ("ini:parse_rabbitmq", "*.conf"),
    "shell": ("shellfiles:parse", "*.sh*"),
    "sysctl": ("keyvalue:parse_sysctl", "*sysctl*"),
    "systemd": ("ini:parse_systemd", "*.service"),
    "toml": ("tomlfile:parse_toml", "*.toml"),
    "vcl": ("vcl:parse", "*.vcl"),
    "words": ("ini:parse_words", "*.conf"),
    "xml": ("xmlfile:parse_xml", "*.xml"),
    "yaml": ("yamlfile:parse", "*.yaml"),
}
"""The parser of each target in tochain/formats, and the fixtures it begins with."""


def places(root: object) -> Iterator[Span]:
    """Every span in a tree, whatever it is made of, without recursion."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, Span):
            yield node
        elif isinstance(node, list | tuple):
            waiting += node
        elif isinstance(node, dict):
            waiting += [*node, *node.values()]
        elif is_dataclass(node) and not isinstance(node, SourceFile) and id(node) not in seen:
            seen.add(id(node))
            waiting += [getattr(node, field.name) for field in fields(node)]


def checked(parse: Callable[[SourceFile], object], text: str) -> None:
    """Parses a text and looks at every place of what came out."""
    source = SourceFile("a", text)
    lines = text.split("\n")
    for span in places(parse(source)):
        assert (span.start.line, span.start.column) <= (span.end.line, span.end.column), span
        assert span.start.line >= 1 and span.end.line <= max(len(lines), 1), span
        assert 1 <= span.start.column <= len(lines[span.start.line - 1]) + 1, span
        assert 1 <= span.end.column <= len(lines[span.end.line - 1]) + 1, span


def seeds(pattern: str, folder: Path) -> None:
    """The fixtures of a pattern as files of a folder."""
    for at, path in enumerate(sorted(path for path in ROOT.rglob(pattern) if path.is_file())):
        (folder / str(at)).write_bytes(path.read_bytes()[:LONGEST])


def main() -> None:
    """Fuzzes one target, or lists them."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="atheris on our own parsers")
    parser.add_argument("target", nargs="?", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="how long (default 60)")
    parser.add_argument("--findings", type=Path, default=Path(), help="where a file that breaks it is written")
    given = parser.parse_args()
    if given.target is None:
        print("\n".join(sorted(TARGETS)))
        return
    import atheris

    where, pattern = TARGETS[given.target]
    module, _, name = where.partition(":")
    with atheris.instrument_imports(include=["tochain.formats"]):
        parse = getattr(import_module(f"tochain.formats.{module}"), name)

    def one(data: bytes) -> None:
        # What a file is decoded to has neither NUL bytes nor lone carriage returns left to tell lines apart.
        checked(parse, data.decode("utf-8", "replace").replace("\r", ""))

    with TemporaryDirectory() as folder:
        seeds(pattern, Path(folder))
        limits = [f"-max_total_time={given.seconds}", f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=2048"]
        atheris.Setup([sys.argv[0], folder, f"-artifact_prefix={given.findings}/", "-verbosity=0", *limits], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
