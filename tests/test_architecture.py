"""Data walks one way: the layers, who may import networkx, and the registry that equals the folders."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tochain"

# Each part may import parts of a higher number only, and itself.
LAYERS = {
    "cli": 0,
    "cache": 1,
    "catalogue": 1,
    "pages": 1,
    "diff": 1,
    "baseline": 1,
    "reproduce": 1,
    "lsp": 1,
    "check": 2,
    "report": 3,
    "fix": 3,
    "suppress": 3,
    "bind": 3,
    "unread": 3,
    "config": 4,
    "reading": 4,
    "engine": 5,
    "graph": 5,
    "products": 6,
    "discover": 6,
    "helm": 5,
    "options": 6,
    "formats": 7,
    "model": 8,
}
# Parts of one layer that build on each other, named one by one.
ALLOWED = {
    ("bind", "config"), ("bind", "reading"), ("bind", "unread"), ("reading", "discover"), ("suppress", "discover"),
    ("config", "formats"), ("cli", "cli"), ("pages", "catalogue"),
}  # fmt: skip
# What products hand on are types of the model, so these never look at products.
FORBIDDEN = {
    ("graph", "products"),
    ("engine", "products"),
    ("report", "products"),
    ("report", "engine"),
    ("report", "graph"),
    ("graph", "formats"),
}


def part(module: str) -> str:
    """The part of the package a dotted module name belongs to."""
    return module.split(".")[1] if module.count(".") else ""


def imports(path: Path) -> list[tuple[int, str]]:
    """Every module of ours a file imports, with the line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "tochain" else [node.module]
            )
            found += [(node.lineno, name) for name in names]
    return [(line, name) for line, name in found if name.split(".")[0] in ("tochain", "networkx")]


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_downward(path: Path) -> None:
    """No file imports a layer above its own, and nobody but graph imports networkx."""
    here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    wrong = []
    for line, module in imports(path):
        there = part(module)
        if module.split(".")[0] == "networkx":
            if here != "graph":
                wrong.append(f"{path.name}:{line} imports networkx")
        elif there in LAYERS and here in LAYERS:
            upward = LAYERS[there] <= LAYERS[here] and here != there and (here, there) not in ALLOWED
            if upward or (here, there) in FORBIDDEN:
                wrong.append(f"{path.name}:{line} imports {there} from {here}")
    assert wrong == []


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("products/*/*.py")), ids=lambda path: "/".join(path.parts[-2:]))
def test_products_never_import_one_another(path: Path) -> None:
    """What two products share lives beside the product folders, not inside one of them."""
    own = f"tochain.products.{path.parent.name}"
    shared = {f"tochain.products.{p.stem}" for p in (PACKAGE / "products").glob("*.py")}
    wrong = [
        f"{path.name}:{line} imports {name}"
        for line, name in imports(path)
        if name.startswith("tochain.products.") and not name.startswith(own) and name not in shared
    ]
    assert wrong == []


def test_every_part_has_a_layer() -> None:
    """A new part of the package says where it stands."""
    parts = {p.relative_to(PACKAGE).parts[0].removesuffix(".py") for p in FILES} - {"__init__", "__main__"}
    assert parts <= set(LAYERS)


def test_the_registry_equals_the_folders() -> None:
    """A product is one folder; one with a reader of its own has one line, which some other product's may stand for."""
    from tochain.products import PRODUCTS

    folders = {p.parent.name.replace("_", "-") for p in (PACKAGE / "products").glob("*/facts.yaml")}
    readers = {p.parent.name.replace("_", "-") for p in (PACKAGE / "products").glob("*/extract.py")}
    names = [entry.name for entry in PRODUCTS]
    assert len(names) == len(set(names))
    assert readers <= set(names) <= folders | readers
    assert {form for entry in PRODUCTS for form in entry.forms} <= folders


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["rules"], ["explain", "idle-reuse-race"]], ids=" ".join)
def test_light_commands_stay_light(words: list[str]) -> None:
    """What only prints what tochain knows loads neither the graph library nor a source code parser."""
    code = (
        "import sys; sys.argv[1:] = " + repr(words) + "\n"
        "from tochain.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('networkx', 'ast_grep_py', 'crossplane') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().splitlines()[-1] == "[]"
