"""How a plan treats groups: served share and wishes met, with the interval chance would explain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.plans import Plan
    from scheduler.rounds import Round

#: Two-sided 95 % of the normal distribution.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """One group of a report.

    Attributes:
        group: Its name.
        asked: Its applications.
        served: Those with a seat.
        share: served / asked.
        low: Lower end of Wilson's 95 % interval of the share.
        high: Upper end of the same.
        first_choice: Those among the served who sit in their first choice.
        first_low: Lower end of the same interval of first_choice / served; 0 if nobody is served.
        first_high: Its upper end; 1 if nobody is served.
    """

    group: str
    asked: int
    served: int
    share: float
    low: float
    high: float
    first_choice: int
    first_low: float
    first_high: float


def fairness(found: Round, plan: Plan, groups: Mapping[str, str]) -> list[Share]:
    """Report the served share of each group of applications, the least served first.

    Args:
        found: The round.
        plan: Its plan.
        groups: Application → group, such as school, site or age band; who is not in it is left
            out.
    """
    ids = found.applications.ids.to_pylist()
    names = np.array([groups.get(name, "") for name in ids], object)
    member = np.array([name in groups for name in ids], bool)
    rows = []
    for group in sorted(set(groups.values())):
        mine = member & (names == group)
        asked, served = int(mine.sum()), int((mine & (plan.pool >= 0)).sum())
        if not asked:
            continue
        first = int((mine & (plan.pool >= 0) & (plan.order == 1)).sum())
        low, high = wilson(served, asked)
        choice = wilson(first, served) if served else (0.0, 1.0)
        rows.append(Share(group, asked, served, served / asked, low, high, first, *choice))
    return sorted(rows, key=lambda row: (row.share, row.group))


def wilson(served: int, asked: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of at least one case (Wilson 1927)."""
    share, weight = served / asked, _Z * _Z / asked
    centre = (share + weight / 2) / (1 + weight)
    spread = _Z * math.sqrt(share * (1 - share) / asked + weight / (4 * asked)) / (1 + weight)
    return max(0.0, centre - spread), min(1.0, centre + spread)
