"""The generated pages: one beside each rule, one a product under docs/, the output quoted in README.md; written or compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tochain.catalogue import all_product_data, all_rule_data, feeds, seen
from tochain.check import Options, check, check_files
from tochain.engine.schema import rules_dir
from tochain.model.finding import Finding
from tochain.model.result import Result
from tochain.model.span import SourceFile
from tochain.model.timers import TIMERS
from tochain.products.facts import KINDS, Known, ProductFacts, load, product_names
from tochain.report.observed import observed_lines
from tochain.report.pages import index_page, names_page, page_path, product_page, products_page, rule_page
from tochain.report.text import render
from tochain.report.view import View

__all__ = ["pages", "stale"]

_ASKED = (
    "accept.idle_close", "connect.idle_keep", "connect.connect", "connect.response_header", "connect.read_stall",
    "connect.request_total", "connect.attempts", "accept.header_read", "accept.request_total", "connect.tcp_keepalive_time",
    "accept.tcp_keepalive_time", "flow.idle_tcp", "session.idle_session", "lifecycle.termination_grace", "lifecycle.drain",
)  # fmt: skip
"""The timers people ask about by another product's name for them."""

_QUOTED = re.compile(r"(?ms)(^<!-- output: tochain check (?P<path>\S+) -->\n+```text\n)(?P<body>.*?)(^```$)")


def pages(root: Path) -> dict[Path, str]:
    """Every generated file of a checkout with the text it should have."""
    rules = all_rule_data()
    made = {rules_dir() / page_path(rule): _rule(rule) for rule in rules}
    made[root / "docs" / "rules.md"] = index_page(rules).replace("](", "](../rules/")
    for name in product_names():
        facts = load(name)
        if facts is not None and facts.settings:
            made[root / "docs" / "products" / f"{name}.md"] = product_page(_product(facts))
    made[root / "docs" / "products.md"] = products_page(_by_kind(made))
    made[root / "docs" / "names.md"] = names_page(
        [(t, TIMERS[t].meaning, list(feeds({"labels": [{"of": t}]}))) for t in _ASKED]
    )
    readme = root / "README.md"
    made[readme] = _with_output(readme.read_text(encoding="utf-8"), root)
    return made


def _rule(rule: Mapping[str, Any]) -> str:
    examples = rule.get("examples") or {}
    bad = next(iter(examples.get("bad") or ()), None)
    if bad is None:
        return rule_page(rule, feeds=feeds(rule), seen=seen(rule))
    files = {str(path): str(text) for path, text in bad["files"].items()}
    result = check_files(files)
    mine = next((finding for finding in result.findings if finding.rule == rule["id"]), None)
    return rule_page(rule, example=mine, output=_printed(result, mine, files), feeds=feeds(rule), seen=seen(rule))


def _printed(result: Result, mine: Finding | None, files: Mapping[str, str]) -> str:
    if mine is None:
        return ""
    view = View(lines=lambda path: SourceFile(path, files[path]) if path in files else None, columns=110)
    return render(Result(findings=(mine,)), view).split("\n\nread ")[0].rstrip()


def _product(facts: ProductFacts) -> dict[str, Any]:
    return {
        "name": facts.product,
        "title": facts.title,
        "kind": facts.kind,
        "protocols": list(facts.protocols),
        "settings": [_row(known) for known in facts.settings],
        "traps": list(facts.traps),
    }


def _row(known: Known) -> dict[str, Any]:
    steps = [f"{d.value} since {'.'.join(map(str, d.since))}" if d.since else d.value for d in known.defaults]
    return {
        "setting": f"{known.setting} ({known.variant})" if known.variant else known.setting,
        "timers": known.timers,
        "default": "; ".join(steps),
        "unit": "" if known.unit == "word" else known.unit,
        "zero": known.zero or "",
        "min": known.minimum or "",
        "max": known.maximum or "",
        "source": known.source,
        "notes": known.notes,
        "observed": "; ".join(observed_lines(known.observed)),
    }


def _by_kind(made: Mapping[Path, str]) -> list[Mapping[str, Any]]:
    """Every product, those of one kind together, with whether it has a page."""
    pages = {path.stem for path in made if path.parent.name == "products"}
    known = [{**product, "page": product["name"] in pages} for product in all_product_data()]
    return sorted(known, key=lambda product: (KINDS.index(product["kind"]), product["name"]))


def _with_output(text: str, root: Path) -> str:
    """README.md with each quoted output replaced by what the program prints today."""

    def fresh(found: re.Match[str]) -> str:
        result = check([root / found["path"]], Options(base=root))
        view = View(lines=_reader(root), columns=100)
        return f"{found[1]}{render(result, view)}{found[4]}"

    return _QUOTED.sub(fresh, text)


def _reader(folder: Path) -> Any:
    def read(path: str) -> SourceFile | None:
        file = folder / path
        return SourceFile(path, file.read_text(encoding="utf-8")) if file.is_file() else None

    return read


def stale(made: Mapping[Path, str]) -> Iterator[Path]:
    """The files that do not have the text they should have."""
    for path, text in made.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield path
