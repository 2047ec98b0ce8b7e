"""Which modules a source file uses, and what its own names for their parts stand for."""

from __future__ import annotations

import re

__all__ = ["aliases", "imported", "origins", "uses"]

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
_JVM = re.compile(r"^[ \t]*import[ \t]+(static[ \t]+)?([\w.]{1,200})(?:[ \t]+as[ \t]+(\w+))?", re.MULTILINE)
_PHP = re.compile(
    r"^[ \t]*use[ \t]+(?:function[ \t]+|const[ \t]+)?\\?([\w\\]{1,200}?)(?:[ \t]+as[ \t]+(\w+))?[ \t]*;", re.MULTILINE
)
_RUST = re.compile(
    r"^[ \t]*(?:pub[ \t]+)?use[ \t]+((?:\w+::)+)(?:\{([^}]{0,500})\}|(\w+(?:[ \t]+as[ \t]+\w+)?));", re.MULTILINE
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
    if family == "php":
        return frozenset(name.replace("\\", ".") for name, _ in _PHP.findall(text))
    return frozenset(name.replace("::", ".").rstrip(".;") for name in _DOTTED.findall(text))


def uses(modules: frozenset[str], wanted: tuple[str, ...]) -> bool:
    """Whether one of the wanted modules, or a part of it, is imported."""
    return any(name == module or name.startswith((f"{module}.", f"{module}/")) for module in wanted for name in modules)


def aliases(family: str, text: str) -> dict[str, str]:
    """What a file's own names stand for, as dotted names that start with the module."""
    if family == "go":
        return {
            alias: path.rpartition("/")[2] for alias, path in _GO.findall(text) if alias and alias not in ("_", ".")
        }
    if family == "php":
        whole = {alias or name.rpartition("\\")[2]: name.replace("\\", ".") for name, alias in _PHP.findall(text)}
        return {name: path for name, path in whole.items() if "." in path}
    found = origins(family, text) if family in ("js", "python") else {}
    return {
        name: f"{module}.{member}" if member not in ("", "default") else module
        for name, (module, member) in found.items()
        if family == "js" or (not module.startswith(".") and name != module)
    }


def origins(family: str, text: str) -> dict[str, tuple[str, str]]:
    """Where a file's own names come from: module as written, and member ("" for all of it, "default" for its default)."""
    match family:
        case "js":
            return _js(text)
        case "python":
            return _python(text)
        case "go":
            return {alias or path.rpartition("/")[2]: (path, "") for alias, path in _GO.findall(text)}
        case "java" | "kotlin":
            return {
                alias or name.rpartition(".")[2]: _split(name, static) for static, name, alias in _JVM.findall(text)
            }
        case "rust":
            return _rust(text)
    return {}


def _js(text: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for names, module in _JS_FROM.findall(text):
        default, brace, inside = names.partition("{")
        star = "*" in default
        whole = default.replace("* as", "").strip().rstrip(",").strip()
        if whole:
            found[whole] = (_module(module), "" if star else "default")
        if brace:
            _listed(found, inside.rstrip("} \n"), _module(module))
    for names, module, member in _JS_REQUIRE.findall(text):
        if names.startswith("{"):
            _listed(found, names.strip("{} \n"), _module(module))
        else:
            found[names] = (_module(module), member[1:])
    return found


def _module(name: str) -> str:
    return name.removeprefix("node:")


def _listed(found: dict[str, tuple[str, str]], names: str, module: str) -> None:
    for part in names.split(","):
        match = _AS.match(part.strip().removeprefix("type ").strip())
        if match:
            found[match[2] or match[3] or match[1]] = (module, match[1])


def _python(text: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for module, names in _PY_FROM.findall(text):
        _listed(found, names.strip("() \n"), module)
    for listed in _PY_IMPORT.findall(text):
        for part in listed.split(","):
            name, _, alias = part.strip().partition(" as ")
            if name:
                found[alias.strip() or name.strip()] = (name.strip(), "")
    return found


def _split(name: str, static: str) -> tuple[str, str]:
    base, _, last = name.rpartition(".")
    return (base, last) if static else (name, "")


def _rust(text: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for base, listed, single in _RUST.findall(text):
        _listed(found, listed or single, base.replace("::", ".").rstrip("."))
    return found
