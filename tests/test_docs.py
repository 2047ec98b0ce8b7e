"""Links of the pages people read: each leads to a file that is there, and to a heading it has."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path
    for path in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("rules/**/*.md"),
        ROOT / "tochain/products/README.md",
    )
)
_FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1\s*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(?:(?!\1).)+?\1", re.DOTALL)
_LINK = re.compile(r"(?<!\\)\]\((?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
_BARE = re.compile(r"<(?P<url>https?://[^>\s]*)>")
_HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.MULTILINE)


def prose(text: str) -> str:
    """A page without its code."""
    return _CODE.sub("", _FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """The headings of a page as links name them."""
    plain = [re.sub(r"[`*_\\]", "", heading) for heading in _HEADING.findall(_FENCE.sub("", text))]
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in plain}


def broken(page: Path, text: str) -> list[str]:
    """The links of a page that lead nowhere."""
    wrong = []
    for target in [*(found["target"] for found in _LINK.finditer(prose(text))), *_BARE.findall(prose(text))]:
        parts = urlsplit(target)
        if parts.scheme:
            if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.-]+\.[a-z]+", parts.netloc.lower()):
                wrong.append(target)
            continue
        file = (page.parent / parts.path).resolve() if parts.path else page
        there = text if file == page else file.read_text(encoding="utf-8") if file.is_file() else ""
        if not file.exists() or (parts.fragment and parts.fragment not in anchors(there)):
            wrong.append(target)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page, page.read_text(encoding="utf-8")) == []


def test_a_link_that_leads_nowhere_is_noticed() -> None:
    page = ROOT / "README.md"
    text = (
        "# Some `heading`, here\n[a](#some-heading-here) [b](#other) [c](docs/faq.md) [d](docs/none.md) [e](docs/faq.md#none)\n"
        "[f](https://nginx.org/en/) [g](https:///x) `[h](code)`\n```\n[i](block)\n```\n"
    )
    assert broken(page, text) == ["#other", "docs/none.md", "docs/faq.md#none", "https:///x"]


def test_the_example_of_tochain_yaml_is_valid() -> None:
    """Every key of the page is one that is read, every rule, timer and product one that is known."""
    from tochain.config import load
    from tochain.engine.schema import load_rules
    from tochain.model.span import SourceFile
    from tochain.products.facts import product_names

    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    config = load(SourceFile("tochain.yaml", example))
    assert [problem.message for problem in config.problems] == []
    assert {spec.product for spec in config.components.values()} <= set(product_names())
    known = {name for rule in load_rules([]) for name in (rule.id, rule.family)}
    assert {name for name, _ in config.named_rules} <= known
    assert set(re.findall(r"(?m)^([a-z]+):", example)) == {
        "version",
        "components",
        "paths",
        "assume",
        "rules",
        "products",
    }
