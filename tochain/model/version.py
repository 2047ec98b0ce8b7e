"""Versions of products: what is known of them, and whether a statement "since X" holds.

A version is a tuple of numbers; what follows the numbers ("-alpine", "rc1") does not take part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ANY", "Version", "Versions", "parse_version", "parse_versions"]

Version = tuple[int, ...]

_NUMBER = re.compile(r"[vV]?(\d+(?:\.\d+)*)")


def parse_version(text: str) -> Version | None:
    """The leading numbers of a version text: "1.22.1-alpine" is (1, 22, 1); None where there are none."""
    found = _NUMBER.match(text.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else None


@dataclass(frozen=True, slots=True)
class Versions:
    """A range of possible versions, `low` inclusive, `high` exclusive; None is open.

    `text` is what was written; `prefix` marks a tag such as "1.28", which stands for every 1.28.x.
    """

    low: Version | None = None
    high: Version | None = None
    text: str = ""

    @property
    def known(self) -> bool:
        """Whether anything at all is known."""
        return self.low is not None or self.high is not None

    def possible(self, since: Version | None, until: Version | None) -> bool:
        """Whether some version in the range lies in [since, until)."""
        after = self.high is None or since is None or _pad(since) < _pad(self.high)
        before = self.low is None or until is None or _pad(self.low) < _pad(until)
        return after and before

    def surely_since(self, version: Version) -> bool | None:
        """True when every possible version is `version` or newer, False when every one is older, else None."""
        if self.low is not None and _pad(self.low) >= _pad(version):
            return True
        if self.high is not None and _pad(self.high) <= _pad(version):
            return False
        return None

    def __str__(self) -> str:
        return self.text or "any version"


ANY = Versions()


def _pad(version: Version) -> Version:
    return version + (0,) * (6 - len(version))


def _next(version: Version) -> Version:
    return (*version[:-1], version[-1] + 1)


def parse_versions(text: str) -> Versions:
    """The range a text stands for: "1.22.1", "1.28" (every 1.28.x), ">=1.20,<1.29", "latest" (any).

    Raises ValueError for a comparison that has no version.
    """
    text = text.strip()
    low: Version | None = None
    high: Version | None = None
    if not re.match(r"[<>=~^]", text):
        exact = parse_version(text)
        return Versions(exact, _next(exact), text) if exact else Versions(text=text)
    for part in text.split(","):
        found = re.fullmatch(r"\s*(>=|<=|==|=|<|>|~>?=?|\^)\s*(\S+)\s*", part)
        version = parse_version(found[2]) if found else None
        if found is None or version is None:
            raise ValueError(f"not a version range: {part.strip()!r}; expected >=1.20, <1.29 or 1.22.1")
        low, high = _narrow(found[1], version, low, high)
    return Versions(low, high, text)


def _narrow(
    op: str, version: Version, low: Version | None, high: Version | None
) -> tuple[Version | None, Version | None]:
    if op == ">=":
        return version, high
    if op == ">":
        return _next(version), high
    if op == "<":
        return low, version
    if op == "<=":
        return low, _next(version)
    if op in ("=", "=="):
        return version, _next(version)
    if op == "^":
        return version, (version[0] + 1,)
    return version, _next(version[:-1] or version)
