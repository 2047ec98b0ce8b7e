"""What a command is given to read: paths, and "-" for a dump on stdin, known by what it holds."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tochain.formats.decode import decode
from tochain.model.errors import UsageError

__all__ = ["from_stdin", "name_for"]

# What a dump begins with, and a name under which its readers look for it; the first that fits.
_KINDS = (
    (re.compile(r"(?m)^# configuration file \S+:\s*$"), "stdin.conf"),
    (re.compile(r"\A\s*[{\[]"), "stdin.json"),
    (re.compile(r"(?m)^(?:- +)?(?:apiVersion|kind|static_resources|services|Resources)\s*:|\A\s*---"), "stdin.yaml"),
    (re.compile(r"(?m)^(?:resource|module|variable|locals|provider)\s+[\"{]"), "stdin.tf"),
    (re.compile(r"(?m)^(?:frontend|backend|listen|defaults|global)\b[^\n{=:]*$"), "stdin.cfg"),
    (re.compile(r"(?m)^\s*\[[\w.-]+\]\s*$"), "stdin.ini"),
    (re.compile(r"(?m)^[\w.-]+:(?:\s|$)"), "stdin.yaml"),
)


def name_for(text: str) -> str:
    """A file name for a text without one: `nginx -T`, Envoy's config_dump, manifests, a Terraform plan or state."""
    return next((name for pattern, name in _KINDS if pattern.search(text)), "stdin.conf")


def from_stdin(paths: list[Path], name: str = "") -> tuple[list[Path], dict[str, str]]:
    """The paths without "-", and the text it stands for by its name.

    Raises UsageError for a name without "-", for "-" twice, and for what is not text.
    """
    marks = [path for path in paths if str(path) == "-"]
    if not marks:
        if name:
            raise UsageError("--stdin-name: nothing is read from stdin; give - as a path")
        return paths, {}
    if len(marks) > 1:
        raise UsageError("stdin can be read once: - was given twice")
    shown = name or "stdin"
    done = decode(shown, sys.stdin.buffer.read())
    if done.source is None:
        raise UsageError(f"stdin: {done.problems[0].message if done.problems else 'is no text'}")
    return [path for path in paths if str(path) != "-"], {name or name_for(done.source.text): done.source.text}
