"""Which modules a source file uses, and what its own names for their parts stand for."""

from __future__ import annotations

import re

__all__ = ["aliases", "imported", "uses"]

_JS_FROM = re.compile(r"""(?:import|export)\s+(?:type\s+)?([\w$*{},\s]{1,1000}?)\s+from\s*["']([^"'\n]{1,200})["']""")
_JS_REQUIRE = re.compile(
    r"""(?:const|let|var)\s+([\w$]+|\{[^}=]{0,500}\})\s*=\s*(?:await\s+import|require)\s*\(\s*["']([^"'\n]{1,200})["']\s*\)(\.\w+)?"""
)
_JS_ANY = re.compile(r"""(?:from|require\s*\(|import\s*\(|import)\s*["']([^"'\n]{1,200})["']""")
_PY_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#]{1,400})", re.MULTILINE)
_PY_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]{1,2000}\)|[^\n#]{1,400})", re.MULTILINE)
_GO = re.compile(r'^[ \t]*(?:import[ \t]+)?(?:([\w.]+)[ \t]+)?"([\w./~-]{1,200})"[ \t]*(?://.*)?$', re.MULTILINE)
_DOTTED = re.compile(
    r"^[ \t]*(?:import|using|use|require|alias)[ \t]*\(?(?:static[ \t]+)?[\"']?([\w.:/-]{1,200})", re.MULTILINE
)
_AS = re.compile(r"([\w.$*]+)(?:\s+as\s+([\w$]+)|\s*:\s*([\w$]+))?")


def imported(family: str, text: str) -> frozenset[str]:
    """The modules a file imports, `node:` taken off and `::` written as a dot."""
    if family == "js":
        return frozenset(name.removeprefix("node:") for name in _JS_ANY.findall(text))
    if family == "python":
        names = {module for module, _ in _PY_FROM.findall(text)}
        for listed in _PY_IMPORT.findall(text):
            names |= {part.strip().split(" ")[0] for part in listed.split(",")}
        return frozenset(names)
    if family == "go":
        return frozenset(path for _, path in _GO.findall(text))
    return frozenset(name.replace("::", ".").rstrip(".;") for name in _DOTTED.findall(text))


def uses(modules: frozenset[str], wanted: tuple[str, ...]) -> bool:
    """Whether one of the wanted modules, or a part of it, is imported."""
    return any(name == module or name.startswith((f"{module}.", f"{module}/")) for module in wanted for name in modules)


def aliases(family: str, text: str) -> dict[str, str]:
    """What a file's own names stand for, as dotted names that start with the module."""
    if family == "js":
        return _js(text)
    if family == "python":
        return _python(text)
    if family == "go":
        return {
            alias: path.rpartition("/")[2] for alias, path in _GO.findall(text) if alias and alias not in ("_", ".")
        }
    return {}


def _js(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for names, module in _JS_FROM.findall(text):
        default, brace, inside = names.partition("{")
        whole = default.replace("* as", "").strip().rstrip(",").strip()
        if whole:
            found[whole] = _module(module)
        if brace:
            _listed(found, inside.rstrip("} \n"), _module(module))
    for names, module, member in _JS_REQUIRE.findall(text):
        if names.startswith("{"):
            _listed(found, names.strip("{} \n"), _module(module))
        else:
            found[names] = _module(module) + member
    return found


def _module(name: str) -> str:
    return name.removeprefix("node:")


def _listed(found: dict[str, str], names: str, module: str) -> None:
    for part in names.split(","):
        match = _AS.match(part.strip().removeprefix("type ").strip())
        if match:
            found[match[2] or match[3] or match[1]] = f"{module}.{match[1]}" if match[1] != "default" else module


def _python(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for module, names in _PY_FROM.findall(text):
        if not module.startswith("."):
            _listed(found, names.strip("() \n"), module)
    for listed in _PY_IMPORT.findall(text):
        for part in listed.split(","):
            name, _, alias = part.strip().partition(" as ")
            if alias:
                found[alias.strip()] = name.strip()
    return found
