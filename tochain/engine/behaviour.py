"""What a product is known to do in the case a rule is about: as its facts say it, or as it was observed before its peer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from tochain.engine.sites import Site
from tochain.model.component import Component
from tochain.model.fact import Fact
from tochain.model.limit import Word
from tochain.model.version import Version, Versions, parse_version

__all__ = ["Behaviour", "behaves"]

Behaviour = Callable[[str], Mapping[str, object]]
"""What the facts say of a product beyond its timers, by the product's name."""

RETRIES = {"stale_reuse": "connect.stale_retry"}
"""Behaviours that hang on what a client is told to repeat, with the timer that says it."""

LEADS = {"stop": "told to stop"}
"""How what is known begins where it is not about what a caller sees."""

_METHODS = re.compile(r"([A-Z]+) (.+?)(?:, (?=[A-Z]+ )|$)")
_APART = ("source", "observed")


def behaves(key: tuple[str, str] | None, site: Site, behaviour: Behaviour) -> list[str]:
    """A line, or none: what was seen of just these two products, else what is known of the first."""
    if key is None:
        return []
    role, name = key
    component = site.ends[role].component
    known = behaviour(component.product).get(name)
    if isinstance(known, str):
        return [f"the client sees: {known}"]
    if not isinstance(known, Mapping):
        return []
    peers = {end.component.product for other, end in site.ends.items() if other != role}
    row = _row(known.get("observed"), component, peers)
    if row is not None:
        return [_observed(row)] if _as_told(row, site.ends[role].facts.get(RETRIES.get(name, ""))) else []
    told = {part: _of_version(said, component.versions) for part, said in known.items() if part not in _APART}
    same: dict[str, list[str]] = {}
    for part, said in told.items():
        same.setdefault(said, []).append(part.upper() if part in ("get", "post") else part)
    parts = [f"{' and '.join(names)} {said}" for said, names in same.items()]
    return [f"{LEADS.get(name, 'the client sees')}: {', '.join(parts)}"] if parts else []


def _of_version(said: object, versions: Versions) -> str:
    """What holds for the versions that are possible; each with its range where several do."""
    if not isinstance(said, Sequence) or isinstance(said, str):
        return str(said)
    starts: list[Version | None] = [parse_version(str(step.get("since") or "")) for step in said]
    possible = [
        (str(step["value"]), since)
        for step, since, until in zip(said, starts, [*starts[1:], None], strict=True)
        if versions.possible(since, until)
    ]
    texts = list(dict.fromkeys(text for text, _ in possible))
    if len(texts) == 1:
        return texts[0]
    return "; ".join(f"{text} (since {'.'.join(map(str, since))})" if since else text for text, since in possible)


def _row(rows: object, component: Component, peers: set[str]) -> Mapping[str, str] | None:
    """The observation of this product before one of the peers, by the version that is nearest to what may run."""
    if not isinstance(rows, Sequence):
        return None
    mine = [row for row in rows if row.get("against") in peers]
    names = {str(row["program"]) for row in mine}
    wanted = (
        component.variant
        if component.variant in names
        else next((name for name in sorted(names) if name in component.product), None)
    )
    if len(names) > 1:
        mine = [row for row in mine if row["program"] == wanted]
    return max(
        mine, key=lambda row: _nearness(parse_version(str(row["version"])) or (), component.versions), default=None
    )


def _nearness(version: Version, versions: Versions) -> tuple[bool, bool, tuple[int, ...]]:
    """What may be running first, then the newest of the older ones, then the oldest of the newer ones."""
    after = (*version[:-1], version[-1] + 1) if version else version
    if versions.possible(version, after):
        return True, True, version
    older = versions.possible(version, None)
    return False, older, version if older else tuple(-part for part in version)


def _as_told(row: Mapping[str, str], told: Sequence[Fact] | None) -> bool:
    """Whether a client repeats what it was seen to repeat; configured otherwise it does something else."""
    limit = told[0].limit if told else None
    if not isinstance(limit, Word):
        return True
    survived = {method for method, outcome in _METHODS.findall(row["saw"]) if _survives(outcome)}
    return limit.text in (("all", "blind") if "POST" in survived else ("idempotent",) if survived else ("none",))


def _observed(row: Mapping[str, str]) -> str:
    """An observation in words: which requests fail and how, and which survive."""
    where = f"on {row['program']} {row['version']}"
    by_outcome: dict[str, list[str]] = {}
    for method, outcome in _METHODS.findall(row["saw"]):
        by_outcome.setdefault(outcome, []).append(method)
    if not by_outcome or any(" or " in outcome for outcome in by_outcome):
        return f"{row['saw']} {where} (observed)"
    parts = sorted((_survives(outcome), _said(methods, outcome, where)) for outcome, methods in by_outcome.items())
    return f"{'; '.join(text for _, text in parts)} (observed)"


def _survives(outcome: str) -> bool:
    return outcome.startswith("200")


def _said(methods: list[str], outcome: str, where: str) -> str:
    who = " and ".join(methods)
    one = len(methods) == 1
    if outcome == "200 after a silent retry":
        return f"{who} {'is' if one else 'are'} retried silently"
    if _survives(outcome):
        return f"{who} {'survives' if one else 'survive'}"
    fails = f"{who} {'fails' if one else 'fail'}"
    return f"{fails} with {outcome} {where}" if re.fullmatch(r"\w+", outcome) else f"{fails} {where}: {outcome}"
