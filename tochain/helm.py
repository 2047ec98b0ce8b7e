"""`--helm`: charts rendered by the helm program, each document under the path of its template.

Nothing is downloaded and no cluster is asked: `helm template` runs with its own folders for configuration and caches.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tochain.discover import discover, shown_path
from tochain.model.errors import UsageError

__all__ = ["aligned", "rendered"]

SECONDS = 60
_SOURCE = re.compile(r"^# Source: (.+)$", re.MULTILINE)
_KEY = re.compile(r"\s*(?:- )?[\w./\"'-]+\s*:")


def rendered(paths: list[Path], base: Path) -> dict[str, str]:
    """The rendered text of every template of every chart under the paths, by the template's path.

    Raises UsageError when there is no helm, or where it cannot render a chart.
    """
    helm = shutil.which("helm")
    if helm is None:
        raise UsageError("--helm: there is no helm program on the PATH")
    found: dict[str, str] = {}
    for chart in _charts([path if path.is_absolute() else base / path for path in paths], base):
        for name, text in _documents(_run(helm, chart)):
            template = chart.parent / name if (chart.parent / name).is_file() else chart / Path(*Path(name).parts[1:])
            source = template.read_text(encoding="utf-8", errors="replace") if template.is_file() else ""
            found[shown_path(template, base)] = aligned(text, source)
    return found


def _charts(roots: list[Path], base: Path) -> Iterator[Path]:
    """The folders of charts that are no part of another chart."""
    folders = sorted({path.parent for path in discover(roots, base, {}).values() if path.name == "Chart.yaml"})
    done: list[Path] = []
    for folder in folders:
        if not any(folder.is_relative_to(outer) for outer in done):
            done.append(folder)
            yield folder


def _run(helm: str, chart: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="tochain-helm-") as own:
        places = {f"HELM_{name}_HOME": f"{own}/{name.lower()}" for name in ("CACHE", "CONFIG", "DATA")}
        words = [helm, "template", "release", str(chart.resolve())]
        try:
            done = subprocess.run(  # noqa: S603 - no shell, the chart is one argument
                words, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=own, errors="replace",
                env={**os.environ, **places}, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise UsageError(f"--helm: {chart} was not rendered within {SECONDS} s") from None
        except OSError as error:
            raise UsageError(f"--helm: {helm} does not run: {error.strerror or error}") from None
    if done.returncode != 0:
        said = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), f"status {done.returncode}")
        raise UsageError(f"--helm: {chart} cannot be rendered: {said.strip()[:300]}")
    return done.stdout


def _documents(text: str) -> Iterator[tuple[str, str]]:
    """Template paths with everything that was rendered from them; documents of one template stay in order."""
    found: dict[str, list[str]] = {}
    for document in re.split(r"(?m)^---[ \t]*$\n?", text):
        source = _SOURCE.search(document)
        if source is not None and ".." not in Path(source[1]).parts and not Path(source[1]).is_absolute():
            found.setdefault(source[1].strip(), []).append(document.replace(source[0] + "\n", "", 1))
    for name, documents in found.items():
        yield name, "---\n".join(documents)


def aligned(text: str, template: str) -> str:
    """The rendered text with its keys on the template's own lines, where they still can be.

    Empty lines are put in front of keys; what loops make more of moves what follows down.
    """
    waiting = template.splitlines()
    out: list[str] = []
    at = 0
    for line in text.splitlines():
        key = _KEY.match(line)
        if key is not None:
            place = next((i for i in range(at, len(waiting)) if waiting[i].startswith(key[0])), None)
            if place is not None:
                at = place + 1
                out += [""] * (place - len(out))
        out.append(line)
    return "".join(f"{line}\n" for line in out)
