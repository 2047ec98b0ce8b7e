"""What people install: the wheel holds what the program needs, and works where nothing of the checkout is."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tochain import __version__

ROOT = Path(__file__).parent.parent
MISSING = [name for name in ("build", "hatchling") if importlib.util.find_spec(name) is None]
package = [
    pytest.mark.package,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The console script in a new environment; the libraries tochain needs are those of this one."""
    folder = tmp_path_factory.mktemp("env")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run(pip, check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    yield folder / "bin" / "tochain"


def run(script: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(cwd / "cache"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([str(script), *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


class TestWheel:
    """The wheel itself."""

    pytestmark = package

    def test_it_holds_what_the_program_reads(self, wheel: Path) -> None:
        """Every rule, every facts file, the assets of the page, the licence; no test and no bytecode."""
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
        rules = {
            f"tochain/_rules/{p.relative_to(ROOT / 'rules').as_posix()}" for p in (ROOT / "rules").glob("*/*.yaml")
        }
        facts = {p.relative_to(ROOT).as_posix() for p in (ROOT / "tochain").glob("products/*/facts.yaml")}
        assets = {p.relative_to(ROOT).as_posix() for p in (ROOT / "tochain/report/assets").iterdir()}
        assert rules | facts | assets <= names
        assert any(name.endswith("/licenses/LICENSE") for name in names)
        assert not [name for name in names if name.startswith(("tests/", "fixtures/")) or name.endswith(".pyc")]

    def test_nothing_of_this_machine_is_inside(self, wheel: Path) -> None:
        """No path of the checkout or of a home folder."""
        places = [str(ROOT).encode(), str(Path.home()).encode() + b"/"]
        with zipfile.ZipFile(wheel) as archive:
            found = [name for name in archive.namelist() if any(place in archive.read(name) for place in places)]
        assert found == []

    def test_its_metadata(self, wheel: Path) -> None:
        """Name, version, licence, extras."""
        with zipfile.ZipFile(wheel) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith("METADATA")]
            text = archive.read(name).decode()
        for line in (
            "Name: tochain",
            f"Version: {__version__}",
            "License-Expression: Apache-2.0",
            "Requires-Python: >=3.11",
        ):
            assert f"\n{line}\n" in text
        for extra in ("report", "lsp"):
            assert f"\nProvides-Extra: {extra}\n" in text

    def test_it_finds_the_error_of_a_fixture(self, installed: Path, tmp_path: Path) -> None:
        """From a folder without a checkout around it."""
        done = run(
            installed, "check", str(ROOT / "fixtures/seeds/proxy-300-vm-10"), "--output-format", "json", cwd=tmp_path
        )
        assert done.returncode == 1, done.stderr
        assert [f["rule"] for f in json.loads(done.stdout)["findings"]] == ["idle-reuse-race"]

    @pytest.mark.parametrize(
        "words",
        [["--version"], ["rules"], ["products"], ["explain", "idle-reuse-race"], ["check", "--help"]],
        ids=" ".join,
    )
    def test_what_it_knows_is_there(self, installed: Path, tmp_path: Path, words: list[str]) -> None:
        """Commands that read rules and facts out of the package."""
        done = run(installed, *words, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout

    def test_the_page_is_made_of_packaged_assets(self, installed: Path, tmp_path: Path) -> None:
        """Template, style and scripts come out of the wheel."""
        pytest.importorskip("jinja2", reason="the extra tochain[report] is not installed")
        done = run(installed, "report", str(ROOT / "fixtures/seeds/proxy-300-vm-10"), "-o", "r.html", cwd=tmp_path)
        assert (done.returncode, "cytoscape" in (tmp_path / "r.html").read_text()) == (0, True)

    def test_docs_are_for_checkouts(self, installed: Path, tmp_path: Path) -> None:
        """The command that writes pages says where it works."""
        done = run(installed, "docs", "--check", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (
            2,
            "tochain: tochain docs works in a checkout of tochain, not in an installed package\n",
        )


def test_the_version_is_the_top_of_the_changelog() -> None:
    """The last release named is the one the package says it is."""
    versions = re.findall(r"(?m)^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert versions[0] == __version__


def test_what_the_container_and_the_hook_install_exists() -> None:
    """Entry points, extras and files named in the CI files are those of the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"tochain": "tochain.__main__:main"}
    assert 'ENTRYPOINT ["tochain"]' in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "entry: tochain check" in (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
