"""What to look for in source code, as data: `products/<name>/code.yaml`, read and validated.

The form is described in products/README.md. Every mistake in a file is a FactsError that names the file, the
pattern and the allowed words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

import yaml

from tochain.model.errors import FactsError
from tochain.products.facts import UNITS

__all__ = ["LANGUAGES", "Feed", "Pattern", "Patterns", "Target", "load_all", "load_patterns"]

LANGUAGES = ("js", "python", "go", "java", "kotlin", "csharp", "ruby", "rust", "elixir", "swift", "php")
ECOSYSTEMS = ("npm", "pypi", "go", "maven", "nuget", "gem", "cargo", "hex")
ROLES = ("server", "client", "part", "schedule")
TIMES = ("ns", "cron", *UNITS)

_TOP = {
    "product", "packages", "images", "runtime", "patterns", "also", "configured", "notes", "environment", "start",
}  # fmt: skip
_KEYS = {
    "name", "languages", "imports", "words", "files", "calls", "role", "options", "properties", "methods", "enough",
    "listen", "target", "requests", "protocol", "variant", "only_known", "bare", "notes", "implied", "uses", "updates",
    "having", "holding", "puts", "tables", "partial", "doubts", "gives_way", "takes_over", "in_browsers",
    "declared", "quiet", "strings", "functions",
}  # fmt: skip
_FEED_KEYS = {"setting", "unit", "argument", "items", "is"}
_TARGET_KEYS = {"url", "host", "port", "default_port", "methods"}


@dataclass(frozen=True, slots=True)
class Feed:
    """Where a value goes: the settings it sets, what a bare number means there, and which argument holds it.

    `items` are the settings of the elements of a pair such as `timeout=(3, 30)`; `text` is what mere presence means.
    """

    settings: tuple[str, ...]
    unit: str | None = None
    argument: int = 0
    items: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an address stands in a call: argument positions and names for a URL, or for host and port.

    `methods` maps a method to the positions and names that hold its address.
    """

    url: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    port: tuple[str, ...] = ()
    default_port: int | None = None
    methods: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One thing to look for: calls that make a server or client, and the settings said around them.

    `having` are options that tell a call whatever it is called: the clients a generator makes have names of their own.
    `holding` is what must stand within the call, as an expression.
    `tables` are the positions and names of arguments that hold its settings, `taken` the names of these. `doubts` are settings a
    program may make by hand, each with words that tell so wherever in the program they stand.
    `in_browsers` tells a call that programs for browsers make too: there it is the browser's.
    `gives_way` and `takes_over` are packages of another product whose code looks the same: a project that names them and
    none of this product's own is the other's, and only one that names this product's own and none of them is this one's.
    """

    product: str
    name: str
    languages: tuple[str, ...]
    role: Literal["server", "client", "part", "schedule"]
    calls: tuple[tuple[str, ...], ...] = ()
    imports: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    options: dict[str, Feed] = field(default_factory=dict)
    properties: dict[str, Feed] = field(default_factory=dict)
    methods: dict[str, Feed] = field(default_factory=dict)
    enough: frozenset[str] = frozenset()
    listen: Target | None = None
    target: Target | None = None
    requests: Target | None = None
    protocol: str = ""
    variant: str | None = None
    only_known: bool = False
    bare: bool = False
    implied: dict[str, str] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    having: frozenset[str] = frozenset()
    holding: re.Pattern[str] | None = None
    puts: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    partial: str = ""
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    in_browsers: bool = False
    gives_way: tuple[str, ...] = ()
    takes_over: tuple[str, ...] = ()
    declared: frozenset[str] = frozenset()
    quiet: bool = False
    strings: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patterns:
    """Everything to look for of one product, and where its version may be found.

    `also` names settings that feed no timer themselves but decide one in the product's `adjust`. `runtime` is the
    product whose version counts besides its own; `adjust` finds it as the setting "runtime version". `configured` tells
    that files set it too: what they say holds for what code makes, unless code says otherwise.
    `environment` are the variables the library reads by itself, which are settings of the same name; `start` tells whose
    start commands set it (java: system properties).
    """

    product: str
    patterns: tuple[Pattern, ...]
    packages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    runtime: str = ""
    configured: bool = False
    environment: tuple[str, ...] = ()
    start: str = ""


@cache
def load_all() -> tuple[Patterns, ...]:
    """The patterns of every product, in the order of the products' names."""
    here = Path(__file__).parent
    return tuple(load_patterns(path) for path in sorted(here.glob("*/code.yaml")))


def load_patterns(path: Path) -> Patterns:
    """Reads and validates a code.yaml.

    Raises FactsError naming the pattern and the allowed words.
    """
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - BaseLoader builds strings only
    except yaml.YAMLError as error:
        raise FactsError(f"{path}: {error}") from error
    if not isinstance(data, dict) or not data.get("product"):
        raise FactsError(f"{path}: expected a mapping with product and patterns")
    _only(str(path), data, _TOP)
    rows = data.get("patterns") or []
    packages = data.get("packages") or {}
    for ecosystem in packages:
        _one_of(f"{path}: packages", ecosystem, ECOSYSTEMS)
    return Patterns(
        data["product"],
        _with_taken(tuple(_pattern(f"{path}: patterns[{at}]", data["product"], row) for at, row in enumerate(rows))),
        {ecosystem: _texts(names) for ecosystem, names in packages.items()},
        _texts(data.get("images")),
        _texts(data.get("also")),
        data.get("runtime", ""),
        data.get("configured") == "true",
        _texts(data.get("environment")),
        data.get("start", ""),
    )


def _with_taken(patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    """Patterns with the names of the settings that their tables may hold: their own options, and those of their parts."""
    tables = (pattern for pattern in patterns if not all(call[0] == "*" for call in pattern.calls))
    named = {pattern.name: pattern.options for pattern in tables}
    out = []
    for pattern in patterns:
        options = [pattern.options, *(named.get(name, {}) for name in pattern.uses)]
        names = dict.fromkeys(name for feeds in options for feed in feeds.values() for name in feed.settings)
        out.append(replace(pattern, taken=tuple(names)) if pattern.tables or pattern.partial else pattern)
    return tuple(out)


def _pattern(where: str, name: str, row: Any) -> Pattern:
    if not isinstance(row, dict):
        raise FactsError(f"{where}: expected a mapping with languages, calls and role")
    where = f"{where} ({row.get('name') or row.get('calls') or '?'})"
    _only(where, row, _KEYS)
    languages = _texts(row.get("languages"))
    if not languages:
        raise FactsError(f"{where}: languages is missing; expected some of {', '.join(LANGUAGES)}")
    for language in languages:
        _one_of(f"{where}: languages", language, LANGUAGES)
    role = row.get("role", "client")
    _one_of(f"{where}: role", role, ROLES)
    calls = tuple(tuple(call.split(".")) for text in _texts(row.get("calls")) for call in _braces(text))
    feeds = {key: _feeds(f"{where}: {key}", row.get(key)) for key in ("options", "properties", "methods")}
    enough, having = frozenset(_texts(row.get("enough"))), frozenset(_texts(row.get("having")))
    if not calls and not enough and not having and not (row.get("files") or row.get("declared")):
        raise FactsError(f"{where}: one of calls, files, enough, having and declared is needed to recognise it")
    if having - set(feeds["options"]):
        raise FactsError(f"{where}: having names {min(having - set(feeds['options']))!r}, which is not among options")
    if enough - set(feeds["properties"]):
        stray = sorted(enough - set(feeds["properties"]))[0]
        raise FactsError(f"{where}: enough names {stray!r}, which is not among properties")
    telling = [*(call[-1] for call in calls), *sorted(name.split(".")[-1] for name in enough | having)]
    words = _texts(row.get("words")) or tuple(dict.fromkeys(telling))
    return Pattern(
        name, row.get("name") or ".".join(calls[0]) if calls else row.get("name") or "file", languages, role, calls,
        imports=_texts(row.get("imports")), words=words, files=_texts(row.get("files")),
        options=feeds["options"], properties=feeds["properties"], methods=feeds["methods"], enough=enough,
        listen=_target(f"{where}: listen", row.get("listen")), target=_target(f"{where}: target", row.get("target")),
        requests=_target(f"{where}: requests", row.get("requests")), protocol=row.get("protocol", ""),
        variant=row.get("variant") or None, only_known=row.get("only_known") == "true", bare=row.get("bare") == "true",
        implied=_implied(f"{where}: implied", row.get("implied")), uses=_texts(row.get("uses")),
        updates=_texts(row.get("updates")), having=having,
        holding=_expression(f"{where}: holding", row.get("holding")), puts=_texts(row.get("puts")),
        tables=_texts(row.get("tables")), partial=row.get("partial", ""),
        in_browsers=row.get("in_browsers") == "true", doubts=_doubts(f"{where}: doubts", row.get("doubts")),
        gives_way=_texts(row.get("gives_way")),
        takes_over=_texts(row.get("takes_over")),
        declared=frozenset(_texts(row.get("declared"))), quiet=row.get("quiet") == "true",
        strings=_texts(row.get("strings")), functions=_texts(row.get("functions")),
    )  # fmt: skip


def _expression(where: str, text: Any) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except (re.error, TypeError) as error:
        raise FactsError(f"{where}: {text!r} is no regular expression: {error}") from error


def _implied(where: str, row: Any) -> dict[str, str]:
    if row is None:
        return {}
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise FactsError(f"{where}: expected a mapping of settings to what they are then")
    return dict(row)


def _doubts(where: str, row: Any) -> dict[str, tuple[str, ...]]:
    if row is None:
        return {}
    if not isinstance(row, dict) or not all(_texts(words) for words in row.values()):
        raise FactsError(f"{where}: expected a mapping of settings to words that tell they are made by hand")
    return {name: _texts(words) for name, words in row.items()}


def _feeds(where: str, row: Any) -> dict[str, Feed]:
    if row is None:
        return {}
    if isinstance(row, list):
        return {name: _feed(where, name) for text in row for name in _braces(text)}
    if not isinstance(row, dict):
        raise FactsError(f"{where}: expected a mapping of names in the code to settings, or a list of equal names")
    shared = _feeds(where, row.get("<<")) if "<<" in row else {}
    own = {
        name: _feed(f"{where}.{name}", value) for text, value in row.items() if text != "<<" for name in _braces(text)
    }
    return {**shared, **own}


def _feed(where: str, value: Any) -> Feed:
    if isinstance(value, str):
        return Feed((value,))
    if isinstance(value, list):
        return Feed(tuple(value))
    if not isinstance(value, dict) or "setting" not in value:
        raise FactsError(f"{where}: expected a setting, or a mapping with setting, unit, argument, items, is")
    _only(where, value, _FEED_KEYS)
    unit = value.get("unit")
    if unit is not None:
        _one_of(f"{where}: unit", unit, TIMES)
    argument = value.get("argument", "0")
    if not argument.isdecimal():
        raise FactsError(f"{where}: argument {argument!r}; expected a position counted from 0")
    return Feed(_texts(value["setting"]), unit, int(argument), _texts(value.get("items")), value.get("is", ""))


def _target(where: str, row: Any) -> Target | None:
    if row is None:
        return None
    if not isinstance(row, dict):
        raise FactsError(f"{where}: expected a mapping with {', '.join(sorted(_TARGET_KEYS))}")
    _only(where, row, _TARGET_KEYS)
    methods = row.get("methods") or {}
    if isinstance(methods, list):
        methods = {key: ["0"] for key in methods}
    port = row.get("default_port", "")
    if port and not port.isdecimal():
        raise FactsError(f"{where}: default_port {port!r}; expected a number")
    return Target(
        _texts(row.get("url")), _texts(row.get("host")), _texts(row.get("port")), int(port) if port else None,
        {name: _texts(at) for text, at in methods.items() for name in _braces(text)},
    )  # fmt: skip


def _braces(text: str) -> list[str]:
    """`requests.{get,post}` as requests.get and requests.post."""
    pieces = re.split(r"\{([^{}]*)\}", text)
    choices = [piece.split(",") if at % 2 else [piece] for at, piece in enumerate(pieces)]
    return ["".join(part.strip() for part in parts) for parts in product(*choices)]


def _texts(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)


def _only(where: str, row: dict[str, Any], allowed: set[str]) -> None:
    extra = sorted(set(row) - allowed)
    if extra:
        raise FactsError(f"{where}: unknown key {extra[0]!r}; allowed: {', '.join(sorted(allowed))}")


def _one_of(where: str, word: str, allowed: tuple[str, ...]) -> None:
    if word not in allowed:
        raise FactsError(f"{where}: {word!r}; expected one of {', '.join(allowed)}")
