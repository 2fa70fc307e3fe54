"""Rosters from the whole to the part: outline, sites day by day, and what is left mended."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scheduler.roster_engines import Answer, Limits, highs
from scheduler.roster_outline import Outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from scheduler.roster_patterns import Patterns
    from scheduler.roster_programme import Numbers

#: With more choices HiGHS is not asked for everything at once: it would not end in minutes.
_ALL_AT_ONCE = 60_000
#: With more choices days are mended one at a time, and not two.
_TWO_DAYS = 30_000
#: Share of the work for each day.
_DAILY = 0.05


def search(full: Patterns, limits: Limits, floor: int) -> Answer:
    """Return the best roster found and the best bound.

    Args:
        full: The programme of choices.
        limits: Of work, and the gap that is good enough.
        floor: No roster costs less, by counting.
    """
    outline = Outline(full)
    sketch = highs(outline.arrays(), limits, enough=floor)
    if sketch.impossible:
        return sketch
    bound = max(sketch.bound, floor)
    week = Week(full)
    if sketch.values is not None:
        week.follow(outline, sketch.values, limits)
        week.mend(bound, limits)
    if week.good_enough(bound, limits.gap) or len(full.choices) > _ALL_AT_ONCE:
        return Answer(week.allowed(), bound)
    hint = week.allowed()
    best = highs(week.arrays, limits, hint=hint, enough=bound)
    if best.impossible:
        return best
    bound = max(bound, best.bound)
    if best.values is None or (
        hint is not None and week.arrays.total(hint) <= week.arrays.total(best.values)
    ):
        return Answer(hint, bound)
    return Answer(best.values, bound)


class Week:
    """Values of all variables, changed a few days at a time; meanwhile people may be missing."""

    def __init__(self, full: Patterns) -> None:
        self.full, self.arrays = full, full.arrays()
        self.values = np.zeros(len(full.upper), np.int64)
        upper = self.arrays.upper.copy()
        upper[full.short] = [need.people for need in full.needs]
        self.loose = replace(self.arrays, upper=upper)
        self.ends = [end for one in full.spreads for end in (one.most, one.least)]
        self.choices: dict[date, list[int]] = defaultdict(list)
        for number, choice in enumerate(full.choices):
            self.choices[choice.spot[0]].append(number)
        self.missing: dict[date, list[int]] = defaultdict(list)
        for number, need in zip(full.short, full.needs, strict=True):
            self.missing[need.day].append(number)
            self.values[number] = need.people

    @property
    def cost(self) -> int:
        """What the roster costs as it is."""
        return self.loose.total(self.values)

    def allowed(self) -> Numbers | None:
        """Return the values if they break no rule."""
        return self.values if self.arrays.hold(self.values) else None

    def good_enough(self, bound: int, gap: float) -> bool:
        """Say whether the roster is allowed and within a share of the bound."""
        return self.cost - bound <= gap * abs(self.cost) and self.allowed() is not None

    def follow(self, outline: Outline, sketch: Numbers, limits: Limits) -> None:
        """Give sites to the people of an outline, day after day; some may find none."""
        wanted = sketch[np.array(outline.of, np.int64)] if outline.of else np.zeros(0, np.int64)
        for one, other in zip(self.full.spreads, outline.spreads, strict=True):
            self.values[one.most] = sketch[other.most]
        for day in sorted(self.missing):
            some = [number for number in self.choices[day] if wanted[number]]
            self._solve([*some, *self.missing[day]], Limits(_DAILY * limits.work, 0.0))
        self._solve(self.ends, Limits(_DAILY * limits.work, 0.0))

    def mend(self, bound: int, limits: Limits) -> None:
        """Plan days anew, everybody on them, worst first, as long as the roster becomes cheaper."""
        better = True
        while better and not self.good_enough(bound, limits.gap):
            before = self.cost
            for days in self._windows():
                of = [self.choices[day] + self.missing[day] for day in days]
                free = [number for some in of for number in some] + self.ends
                self._solve(free, Limits(_DAILY * limits.work, 0.0), enough=bound)
                if self.good_enough(bound, limits.gap):
                    return
            better = self.cost < before

    def _windows(self) -> Iterator[tuple[date, ...]]:
        """Yield days, those first on which most are missing, then pairs of those and others."""
        short = {day: int(self.values[some].sum()) for day, some in self.missing.items()}
        days = sorted(short, key=lambda day: (-short[day], day))
        yield from ((day,) for day in days)
        for one in days[:2]:
            for two in days:
                if one != two and len(self.choices[one]) + len(self.choices[two]) <= _TWO_DAYS:
                    yield one, two

    def _solve(self, free: Iterable[int], limits: Limits, enough: int | None = None) -> None:
        """Make some variables as cheap as can be while the others stay."""
        some = np.array(sorted(free), np.int64)
        part, now = self.loose.part(some, self.values), self.values[some]
        known = part.hold(now)
        if enough is not None:
            enough -= self.cost - part.total(now)
        found = highs(part, limits, hint=now if known else None, enough=enough).values
        if found is not None and (not known or part.total(found) <= part.total(now)):
            self.values[some] = found
