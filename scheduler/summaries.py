"""What `summary.json` tells of a plan besides the plan itself."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.columns import SUBJECTS
from scheduler.plans import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.arrays import Ints
    from scheduler.plans import Plan
    from scheduler.rounds import Round


def summary_of(found: Round, plan: Plan, ignored: int, spent: tuple[int, int]) -> dict[str, Any]:
    """Return the summary of a plan, its components left open.

    Args:
        found: The round.
        plan: Who sits where, and why others do not.
        ignored: Choices of another subject or outside the window.
        spent: Total move cost and total choice cost.
    """
    rows = found.applications
    served = plan.pool >= 0
    move, choice = spent
    return {
        "format": "kaochang-summary/1",
        "round_sha256": found.sha256,
        "applications": len(served),
        "served": int(served.sum()),
        "refused": {
            reason.word: int((plan.reason == reason).sum()) for reason in Reason if reason.word
        },
        "by_tier": _asked_and_served(rows.tier, served, str),
        "by_subject": _asked_and_served(rows.subject, served, lambda at: SUBJECTS[at]),
        "by_choice": _count(plan.order[served]),
        "ignored_choices": ignored,
        "move_cost": move,
        "choice_cost": choice,
        "components": [],
        "engine": "",
        "release": _release(),
        "seconds": 0.0,
        "peak_mb": 0,
    }


def _count(values: Ints) -> dict[str, int]:
    if len(values) and values.max() < len(values):
        counts = np.bincount(values)
        found = np.flatnonzero(counts)
        counts = counts[found]
    else:
        found, counts = np.unique(values, return_counts=True)
    return {str(at): int(count) for at, count in zip(found.tolist(), counts, strict=True)}


def _asked_and_served(
    values: Ints, served: Ints, name: Callable[[int], str]
) -> dict[str, list[int]]:
    asked, got = _count(values), _count(values[served])
    return {name(int(at)): [count, got.get(at, 0)] for at, count in asked.items()}


@cache
def _release() -> str:
    try:
        return version("kaochang")
    except PackageNotFoundError:
        return "0.1.0"
