"""The one door to the engine. Only the jobs process imports it: pages never solve.

Folders in, folders out; what the engine writes is read with `exam.booking.round_files`.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exam.booking.round_files import CHECKER
from scheduler.api import SchedulerError, config_source, read_round, solve, write_plan

CHECK_SECONDS = 600
HOLDS = 0

__all__ = ["SchedulerError", "Verdict", "check_plan", "config_source", "hash_round", "solve_round"]


def hash_round(folder: Path) -> str:
    """The ``round_sha256`` of a round folder.

    Raises:
        SchedulerError: the round is not valid; names table, row and column.
    """
    return read_round(folder).sha256


def solve_round(
    round_folder: Path, plan_folder: Path, *, progress: Callable[[int, int], None]
) -> dict[str, Any]:
    """Solve a round and write its plan; an earlier try is replaced.

    Args:
        round_folder: the frozen round.
        plan_folder: where the four files go.
        progress: called with (components done, components in all).

    Returns:
        The engine's summary.

    Raises:
        SchedulerError: the engine refuses or fails; nothing is written.
    """
    found = read_round(round_folder)
    plan = solve(found, progress=progress)
    write_plan(found, plan, plan_folder, force=True)
    return dict(plan.summary)


@dataclass(frozen=True)
class Verdict:
    """What the independent checker says."""

    holds: bool
    text: str


def check_plan(round_folder: Path, plan_folder: Path) -> Verdict:
    """Ask the checker that the public downloads, in a process of its own."""
    done = subprocess.run(  # noqa: S603 - a fixed program of our own, no shell
        [sys.executable, "-I", str(CHECKER), str(round_folder), str(plan_folder)],
        capture_output=True,
        text=True,
        timeout=CHECK_SECONDS,
        check=False,
    )
    return Verdict(done.returncode == HOLDS, (done.stdout + done.stderr).strip())
