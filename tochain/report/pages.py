"""Generated pages: one beside each rule, their index, and one a product; from data and what the program prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from pathlib import PurePosixPath
from textwrap import wrap
from typing import Any

from tochain.model.finding import FAMILIES, Finding
from tochain.report.explain import Feed
from tochain.report.ladder import draw, planned, told
from tochain.report.markdown import code, escape, fenced
from tochain.report.rules import by_family, fixable
from tochain.report.words import plainly

__all__ = ["index_page", "names_page", "page_path", "product_page", "products_page", "rule_page"]

_LANGUAGES = {
    ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".py": "python", ".conf": "nginx", ".js": "js", ".go": "go",
    ".tf": "hcl", ".toml": "toml", ".xml": "xml", ".properties": "properties", ".ini": "ini", ".java": "java",
}  # fmt: skip

Rule = Mapping[str, Any]


def page_path(rule: Rule) -> str:
    """Where a rule's page belongs, relative to the folder of rules."""
    return f"{rule['family']}/{rule['id']}.md"


def rule_page(
    rule: Rule,
    *,
    example: Finding | None = None,
    output: str = "",
    feeds: Sequence[Feed] = (),
    seen: Sequence[str] = (),
) -> str:
    """The page of a rule; `example` is the finding of its first bad example, `output` what is printed for it."""
    made = f"<!-- made from {rule['id']}.yaml; edit that, not this -->"
    parts = [f"# {rule['id']}", made, _sentence(rule.get("summary")), _facts(rule)]
    parts += [part for part in _story(rule, example) if part]
    parts += [part for part in _examples(rule, output) if part]
    parts += [part for part in (_mend(rule), _params(rule), _feeds(feeds, seen), _sources(rule)) if part]
    return "\n\n".join(parts) + "\n"


def _sentence(text: object) -> str:
    plain = escape(str(text or ""))
    return plain[:1].upper() + plain[1:] + ("" if plain.endswith((".", "?", "!")) else ".")


def _facts(rule: Rule) -> str:
    safeties = sorted({str(fix.get("safety", "unsafe")) for fix in rule.get("fix") or ()})
    cells = {
        "severity": rule.get("severity"),
        "family": rule.get("family"),
        "scope": rule.get("scope"),
        "since": rule.get("since"),
        "status": rule.get("status"),
        "fix": ", ".join(safeties) if fixable(rule) else "none",
    }
    known = {name: str(value) for name, value in cells.items() if value}
    return _table(list(known), [list(known.values())])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _story(rule: Rule, example: Finding | None) -> Iterator[str]:
    rungs = told(example.steps) if example and example.steps else planned(rule.get("wire") or ())
    if rungs:
        yield "## On the wire"
        yield fenced("\n".join(draw(rungs)))
    if rule.get("why"):
        yield "## Why"
        yield "\n".join(escape(line) for line in str(rule["why"]).strip().splitlines())
    if rule.get("seen"):
        yield "Seen as:"
        yield _list(escape(plainly(line)) for line in rule["seen"])
    judged = [f"{key}: {_said(rule[key])}" for key in ("when", "require", "predicate") if rule.get(key)]
    if judged:
        yield "Judged by:"
        yield fenced("\n".join(line for text in judged for line in wrap(text, 100, subsequent_indent="    ")))


def _said(value: object) -> str:
    return " and ".join(str(part) for part in value) if isinstance(value, (list, tuple)) else str(value).strip()


def _list(lines: Iterator[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _examples(rule: Rule, output: str) -> Iterator[str]:
    examples = rule.get("examples") or {}
    for bad in (examples.get("bad") or ())[:1]:
        yield f"## Wrong: {escape(str(bad.get('name', '')))}"
        yield _files(bad.get("files") or {})
        if output:
            yield "tochain says:"
            yield fenced(output.rstrip("\n"))
        if bad.get("fixed"):
            yield "Mended:"
            yield fenced(_diff(bad.get("files") or {}, bad["fixed"]), "diff")
    for good in (examples.get("good") or ())[:1]:
        yield f"## Right: {escape(str(good.get('name', '')))}"
        yield _files(good.get("files") or {})


def _files(files: Mapping[str, str]) -> str:
    parts = []
    for path, text in files.items():
        language = _LANGUAGES.get(PurePosixPath(path).suffix, "text")
        parts.append(f"{code(path)}\n\n{fenced(str(text).rstrip(), language)}")
    return "\n\n".join(parts)


def _diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    lines: list[str] = []
    for path, text in after.items():
        old, new = str(before.get(path, "")).splitlines(), str(text).splitlines()
        lines += unified_diff(old, new, path, path, lineterm="", n=1)
    return "\n".join(lines)


def _mend(rule: Rule) -> str:
    lines = []
    for fix in rule.get("fix") or ():
        why = f" ({escape(plainly(fix['because']))})" if fix.get("because") else ""
        lines.append(f"- set {code(str(fix.get('set', '')))} to {code(str(fix.get('to', '')))}{why}")
    lines += [escape(line) for line in plainly(rule.get("mend") or "").strip().splitlines()]
    return "\n".join(["## How to mend it", "", *lines]) if lines else ""


def _params(rule: Rule) -> str:
    params = rule.get("params") or {}
    rows = [
        [code(str(n)), escape(str(p.get("default", ""))), escape(str(p.get("help", "")))] for n, p in params.items()
    ]
    return f"## Parameters\n\n{_table(['name', 'default', 'meaning'], rows)}" if rows else ""


def _feeds(feeds: Sequence[Feed], seen: Sequence[str]) -> str:
    """Which setting feeds each timer, product by product, with default and source, and what was seen to happen."""
    rows = [
        [
            code(str(feed["timer"])),
            escape(str(feed["product"])),
            code(str(feed["setting"])),
            escape(str(feed.get("default") or "")),
            _links(feed.get("source")),
        ]
        for feed in feeds
    ]
    if not rows and not seen:
        return ""
    parts = ["## Who is affected"]
    if rows:
        parts.append(_table(["timer", "product", "setting", "default", "source"], rows))
    seen = [
        *seen,
        *(f"{feed['product']} {feed['setting']}: {feed['observed']}" for feed in feeds if feed.get("observed")),
    ]
    if seen:
        parts += ["Seen on running programs:", _list(escape(line) for line in dict.fromkeys(seen))]
    return "\n\n".join(parts)


def _links(source: object) -> str:
    """Sources as links where they are addresses; a text holds several with semicolons between them."""
    texts = [part.strip() for part in str(source or "").split(";") if part.strip()]
    return "; ".join(_link(text) for text in texts)


def _link(text: str) -> str:
    plain = text.startswith("https://") and not set(text) & set(' <>()|\\"')
    return f"<{text}>" if plain else escape(text)


def _sources(rule: Rule) -> str:
    lines = [_links(source) for source in rule.get("sources") or ()]
    return "\n".join(["## Sources", "", *(f"- {line}" for line in lines)]) if lines else ""


def index_page(rules: Sequence[Rule]) -> str:
    """The table of all rules by family, each with a link to its page."""
    parts = ["# Rules", "<!-- made from the rule files; edit those, not this -->"]
    ordered = by_family(rules)
    for family in FAMILIES:
        rows = [
            [f"[{rule['id']}]({page_path(rule)})", str(rule.get("severity", "")), _sentence(rule.get("summary"))]
            for rule in ordered
            if rule.get("family") == family
        ]
        if rows:
            parts += [f"## {family}", _table(["rule", "severity", "summary"], rows)]
    return "\n\n".join(parts) + "\n"


def products_page(products: Sequence[Mapping[str, Any]]) -> str:
    """The table of all products by kind; keys: name, title, kind, settings (how many), files, page (whether it has one)."""
    parts = ["# Products", "<!-- made from the facts files; edit those, not this -->"]
    for kind in dict.fromkeys(str(product["kind"]) for product in products):
        rows = [
            [
                f"[{product['name']}](products/{product['name']}.md)"
                if product["page"]
                else escape(str(product["name"])),
                escape(str(product["title"])),
                str(product["settings"] or ""),
                " ".join(code(glob) for glob in str(product["files"]).split()[:4]),
            ]
            for product in products
            if product["kind"] == kind
        ]
        parts += [f"## {kind}", _table(["product", "what it is", "settings", "files"], rows)]
    return "\n\n".join(parts) + "\n"


def names_page(rows: Sequence[tuple[str, str, Sequence[Mapping[str, Any]]]]) -> str:
    """What each product calls a timer: for each of the timers given with their meaning, setting and default by product."""
    parts = [
        "# What is the setting called here?",
        "<!-- made from the facts files; edit those, not this -->",
        "For each timer that matters most: what a product calls it, and what it is when nobody sets it. The names in the titles are "
        "tochain's own, as `tochain facts` prints them; *accept* is the end that takes requests, *connect* the end that sends them.",
    ]
    for timer, meaning, feeds in rows:
        table = [
            [
                f"[{feed['product']}](products/{feed['product']}.md)",
                code(str(feed["setting"])),
                escape(str(feed["default"] or "")),
            ]
            for feed in feeds
        ]
        parts += [f"## {timer}", _sentence(meaning), _table(["product", "setting", "default"], table)]
    return "\n\n".join(parts) + "\n"


def product_page(product: Mapping[str, Any]) -> str:
    """The page of a product: its settings with the timers they feed, defaults by version, bounds and sources.

    Keys: name, title, kind, protocols, settings (rows with setting, timers, default, unit, zero, min, max, source,
    notes, observed) and traps; all texts.
    """
    name, title = str(product["name"]), str(product.get("title") or product["name"])
    rows = [
        [
            code(str(row["setting"])),
            ", ".join(code(str(timer)) for timer in row.get("timers") or ()),
            escape(str(row.get("default") or "")),
            escape(str(row.get("unit") or "")),
            escape(_bounds(row)),
            _links(row.get("source")),
        ]
        for row in product.get("settings") or ()
    ]
    parts = [f"# {escape(title)}", "<!-- made from the product's facts.yaml; edit that, not this -->"]
    parts.append(f"{code(name)}, a {escape(str(product.get('kind', 'component')))}.")
    if rows:
        parts.append(_table(["setting", "timers", "default", "unit", "bounds", "source"], rows))
    for head, lines in (("Notes", _notes(product)), ("Traps", product.get("traps") or ())):
        if lines:
            parts += [f"## {head}", _list(escape(str(line)) for line in lines)]
    return "\n\n".join(parts) + "\n"


def _bounds(row: Mapping[str, Any]) -> str:
    named = (("min", "min"), ("max", "max"), ("0 means", "zero"))
    return ", ".join(f"{label} {row[key]}" for label, key in named if row.get(key))


def _notes(product: Mapping[str, Any]) -> list[str]:
    rows = [row for row in product.get("settings") or () if row.get("notes") or row.get("observed")]
    return [f"{row['setting']}: {text}" for row in rows for text in (row.get("notes"), row.get("observed")) if text]
