"""Runs commands as processes and says what they cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

__all__ = ["Cost", "cost"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over several runs: seconds of processor time (user and system), seconds on the clock; MB at the peak."""

    cpu: float
    wall: float
    memory: float


def cost(command: Sequence[str], folder: Path, runs: int, env: Mapping[str, str] | None = None) -> Cost:
    """What a command costs; its output goes nowhere. Raises RuntimeError when a signal ended it."""
    made = [_once(command, folder, {**os.environ, **(env or {})}) for _ in range(runs)]
    return Cost(median(c.cpu for c in made), median(c.wall for c in made), max(c.memory for c in made))


def _once(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> Cost:
    began = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode < 0:
        raise RuntimeError(f"{command[0]} was ended by signal {-child.returncode}")
    peak = used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return Cost(used.ru_utime + used.ru_stime, wall, peak)
