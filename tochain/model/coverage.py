"""What was understood of each file, said in every summary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tochain.model.span import Span

__all__ = ["FileReport", "Problem", "Status", "worse"]

Status = Literal["understood", "partly", "unrecognised", "failed"]
_ORDER: tuple[Status, ...] = ("understood", "partly", "unrecognised", "failed")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that could not be read or understood: where, what, what was expected.

    `status` is how bad it is for the file as a whole: "partly" or "failed".
    """

    message: str
    span: Span
    status: Status = "partly"


@dataclass(slots=True)
class FileReport:
    """One file: which product read it, how well, and what was not understood."""

    path: str
    product: str | None = None
    status: Status = "understood"
    problems: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Records a problem; the status can only get worse."""
        self.problems.append(problem)
        self.status = worse(self.status, problem.status)


def worse(one: Status, other: Status) -> Status:
    """The worse of two statuses."""
    return max(one, other, key=_ORDER.index)
