"""Every error tochain raises on purpose.

TochainError            something a user can mend; the text says where and what was expected
├── UsageError          the command line asks for what does not exist (exit 2)
├── ConfigError         tochain.yaml is wrong: file, line, column, nearest allowed word
├── RuleError           a rule file is wrong: file, line, column, allowed words
└── FactsError          a facts file is wrong: file, line, column
"""

from __future__ import annotations

from tochain.model.span import Span

__all__ = ["ConfigError", "FactsError", "RuleError", "TochainError", "UsageError"]


class TochainError(Exception):
    """Something a user can mend; `span` is its place when it has one."""

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(f"{span}: {message}" if span else message)
        self.message = message
        self.span = span


class UsageError(TochainError):
    """The command line asks for something that does not exist."""


class ConfigError(TochainError):
    """tochain.yaml is wrong."""


class RuleError(TochainError):
    """A rule file is wrong."""


class FactsError(TochainError):
    """A product's facts file is wrong."""
