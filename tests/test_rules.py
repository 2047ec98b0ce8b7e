"""Every shipped rule passes every check that its own file implies."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tochain.check import Options, check, sample
from tochain.engine.schema import Rule, load_rules, rules_dir
from tochain.engine.selftest import check_rule, unfired
from tochain.model.finding import FAMILIES, Finding

ROOT = Path(__file__).parent.parent
RULES = load_rules()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule(rule: Rule) -> None:
    """Schema, examples, fixes, double entry, grid and mutations."""
    assert [str(failure) for failure in check_rule(rule, RULES, sample)] == []


def test_every_file_is_a_rule_in_a_family() -> None:
    """Nothing stands beside the rules that would be overlooked."""
    assert rules_dir() == ROOT / "rules"
    assert {path.parent.name for path in rules_dir().rglob("*.yaml")} <= set(FAMILIES)
    assert len(RULES) == len(list(rules_dir().rglob("*.yaml")))


def test_replaced_rules_exist() -> None:
    """What a rule names in instead_of is a rule."""
    known = {rule.id for rule in RULES}
    assert {old for rule in RULES for old in rule.instead_of} <= known


@cache
def findings() -> tuple[Finding, ...]:
    """What is found in all whole repositories of fixtures/."""
    folders = [path.parent for path in sorted((ROOT / "fixtures").glob("*/*/tochain.yaml"))]
    folders += sorted((ROOT / "fixtures").glob("incidents/*/before"))
    folders += sorted(path for path in (ROOT / "fixtures").glob("bad/*") if path not in folders)
    return tuple(f for folder in folders for f in check([folder], Options(base=folder)).findings)


def test_every_rule_fires_in_some_fixture() -> None:
    """A rule that no whole repository triggers may work on its own examples only."""
    assert unfired(RULES, findings()) == []
