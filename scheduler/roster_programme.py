"""Whole numbers, linear rows and a cost, kept so that a part can be cut out quickly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from scheduler.roster_rules import RosterRule

    Numbers = NDArray[np.int64]

#: No limit of a row.
FREE = 10**6


class Row(NamedTuple):
    """low <= sum of terms <= high, and the rule it comes from; without one it always holds."""

    terms: list[tuple[int, int]]
    low: int
    high: int
    rule: RosterRule | None


@dataclass(frozen=True, slots=True)
class Arrays:
    """A programme as columns, its rows one after another.

    Attributes:
        lower: Least value of each variable.
        upper: Greatest value of each variable.
        cost: Price of each variable.
        low: Least sum of each row.
        high: Greatest sum of each row.
        first: Where the terms of each row begin, and the end of the last.
        at: Variable of each term.
        price: Factor of each term.
    """

    lower: Numbers
    upper: Numbers
    cost: Numbers
    low: Numbers
    high: Numbers
    first: Numbers
    at: Numbers
    price: Numbers

    def rows(self) -> Numbers:
        """Return the row of each term."""
        return np.repeat(np.arange(len(self.low)), np.diff(self.first))

    def sums(self, values: Numbers) -> Numbers:
        """Return the sum of each row."""
        rows = self.rows()
        weights = (self.price * values[self.at]).astype(float)
        return np.bincount(rows, weights, len(self.low)).astype(np.int64)

    def total(self, values: Numbers) -> int:
        """Return what values cost."""
        return int(self.cost @ values)

    def hold(self, values: Numbers) -> bool:
        """Say whether values keep all limits and rows."""
        sums = self.sums(values)
        return bool(
            ((values >= self.lower) & (values <= self.upper)).all()
            and ((sums >= self.low) & (sums <= self.high)).all()
        )

    def part(self, free: Numbers, values: Numbers) -> Arrays:
        """Return the programme of some variables while the others keep their values."""
        place = np.full(len(self.upper), -1, np.int64)
        place[free] = np.arange(len(free))
        kept = np.where(place < 0, values, 0)
        fixed = self.sums(kept)
        mine = place[self.at] >= 0
        rows = self.rows()[mine]
        count = np.bincount(rows, minlength=len(self.low))
        some = np.flatnonzero(count)
        return Arrays(
            self.lower[free],
            self.upper[free],
            self.cost[free],
            (self.low - fixed)[some],
            (self.high - fixed)[some],
            np.concatenate(([0], np.cumsum(count[some]))),
            place[self.at[mine]],
            self.price[mine],
        )


class Programme:
    """Variables are numbers from 0; all are whole and not below 0."""

    def __init__(self) -> None:
        self.upper: list[int] = []
        self.rows: list[Row] = []
        self.cost: dict[int, int] = {}

    def variable(self, upper: int = 1, cost: int = 0) -> int:
        """Return the number of a new variable."""
        self.upper.append(upper)
        number = len(self.upper) - 1
        if cost:
            self.cost[number] = cost
        return number

    def row(
        self,
        terms: Iterable[tuple[int, int]],
        low: int,
        high: int,
        rule: RosterRule | None = None,
    ) -> None:
        """Demand low <= sum of terms <= high."""
        self.rows.append(Row(list(terms), low, high, rule))

    def arrays(self, wanted: Callable[[Row], bool] = lambda _: True) -> Arrays:
        """Return the programme as columns, with the wanted rows."""
        rows = [row for row in self.rows if wanted(row)]
        cost = np.zeros(len(self.upper), np.int64)
        cost[[*self.cost]] = [*self.cost.values()]
        lengths = [len(row.terms) for row in rows]
        terms = np.array([term for row in rows for term in row.terms], np.int64)
        terms = terms.reshape(-1, 2)
        return Arrays(
            np.zeros(len(self.upper), np.int64),
            np.array(self.upper, np.int64),
            cost,
            np.array([row.low for row in rows], np.int64),
            np.array([row.high for row in rows], np.int64),
            np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))),
            terms[:, 0],
            terms[:, 1],
        )
