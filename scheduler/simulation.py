"""The coming weeks, simulated: how long people will wait by site and subject, and what would help.

A week is the step. Whoever is ready queues at a site for a subject, first come first served; some
do not come, some fail and return, and whoever passes goes on to the next subject. Many runs with
one seed give the forecast and its error; a what-if uses the same arrivals, so that the difference
is due to the change and not to luck.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scheduler.errors import SolveError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.arrays import Ints

#: Whoever has waited longer is counted as having waited this many weeks.
_LONGEST = 104


@dataclass(frozen=True, slots=True)
class Queue:
    """One subject at one site.

    Attributes:
        site: The site.
        subject: The subject.
        arrivals: People who become ready here for the first time each week, on average.
        waiting: People in the queue at the start, by full weeks they have waited already.
        vehicles: Vehicles or terminals.
        turns: Sittings of each on an ordinary day.
        days: Days of exams in a week.
        pass_rate: Share of those sitting who pass, the retake of the day included; 0 … 1.
        no_show: Share of seats whose people do not come, and queue again later; 0 … 1.
        retake_weeks: Weeks until somebody who failed or did not come is ready again.
        goes_to: Subject at the same site that people go on to after passing; empty for none.
        goes_after: Weeks until they are ready for it.
        evening_turns: Further sittings of each vehicle on days with an evening.
        evenings: Days with an evening in a week.
        sundays: Sundays worked in a week, on average 0 … 1; a day like any other.
    """

    site: str
    subject: str
    arrivals: float
    waiting: tuple[int, ...] = ()
    vehicles: int = 1
    turns: int = 1
    days: int = 5
    pass_rate: float = 1.0
    no_show: float = 0.0
    retake_weeks: int = 2
    goes_to: str = ""
    goes_after: int = 1
    evening_turns: int = 0
    evenings: int = 0
    sundays: float = 0.0

    def seats(self) -> int:
        """Return the seats of a week, Sundays on average, rounded down."""
        daily = self.vehicles * self.turns
        return int(
            daily * (self.days + self.sundays) + self.vehicles * self.evening_turns * self.evenings
        )


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change of one queue: more vehicles, evenings or Sundays."""

    site: str
    subject: str
    vehicles: int = 0
    evenings: int = 0
    evening_turns: int = 0
    sundays: float = 0.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """Waiting in the last weeks of the simulation.

    Attributes:
        site: The site.
        subject: The subject.
        weeks: Weeks between being ready and sitting, on average over people and runs.
        low: Nine runs in ten lie between this
        high: and this.
        error: Standard error of `weeks` that comes from the number of runs.
        queue: People waiting at the end, on average.
        seats: Seats of a week.
    """

    site: str
    subject: str
    weeks: float
    low: float
    high: float
    error: float
    queue: float
    seats: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to one queue: weeks gained (positive is better) and their error."""

    site: str
    subject: str
    weeks: float
    error: float
    queue: float


def simulate(
    queues: Sequence[Queue], *, weeks: int = 26, measured: int = 4, runs: int = 200, seed: int
) -> list[Forecast]:
    """Forecast the waiting of every queue.

    Args:
        queues: One for each site and subject.
        weeks: Weeks to simulate.
        measured: The last weeks, over which waiting is measured.
        runs: Independent runs; the error falls with their square root.
        seed: The same seed gives the same forecast.

    Raises:
        SolveError: A queue stands twice or leads nowhere, or a number is outside its range.
    """
    waited, left = _runs(queues, weeks, measured, runs, seed)
    return [_forecast(queue, waited[at], left[at]) for at, queue in enumerate(queues)]


def what_if(
    queues: Sequence[Queue],
    changes: Sequence[WhatIf],
    *,
    weeks: int = 26,
    measured: int = 4,
    runs: int = 200,
    seed: int,
) -> list[Effect]:
    """Say what some changes together would do to every queue, run by run with the same arrivals.

    Args:
        queues: As in `simulate`.
        changes: Changes of some of them.
        weeks: As in `simulate`.
        measured: As in `simulate`.
        runs: As in `simulate`.
        seed: As in `simulate`.

    Raises:
        SolveError: As in `simulate`, or a change of a queue that is not there.
    """
    before, left = _runs(queues, weeks, measured, runs, seed)
    after, then = _runs(changed(queues, changes), weeks, measured, runs, seed)
    return [
        Effect(
            queue.site,
            queue.subject,
            round(float((before[at] - after[at]).mean()), 3),
            round(_error(before[at] - after[at]), 3),
            round(float((left[at] - then[at]).mean()), 1),
        )
        for at, queue in enumerate(queues)
    ]


def changed(queues: Sequence[Queue], changes: Sequence[WhatIf]) -> list[Queue]:
    """Return the queues after some changes.

    Raises:
        SolveError: A change of a queue that is not there.
    """
    found = {(queue.site, queue.subject): queue for queue in queues}
    for change in changes:
        key = (change.site, change.subject)
        if key not in found:
            raise SolveError(f"there is no queue for {change.subject} at {change.site}")
        queue = found[key]
        found[key] = replace(
            queue,
            vehicles=queue.vehicles + change.vehicles,
            evenings=queue.evenings + change.evenings,
            evening_turns=queue.evening_turns + change.evening_turns,
            sundays=queue.sundays + change.sundays,
        )
    return list(found.values())


def _validate(queues: Sequence[Queue], weeks: int, measured: int, runs: int) -> None:
    names = {(queue.site, queue.subject) for queue in queues}
    if len(names) != len(queues):
        raise SolveError("a queue stands twice: one for each site and subject")
    if not (weeks >= measured >= 1 and runs >= 2):
        raise SolveError("there must be at least 2 runs, and 1 measured week within the weeks")
    for queue in queues:
        where = f"queue {queue.subject} at {queue.site}"
        counts = (queue.vehicles, queue.turns, queue.days, queue.evenings, queue.evening_turns)
        if min(*counts, *queue.waiting, queue.arrivals, queue.sundays, 0) < 0:
            raise SolveError(f"{where}: a number is negative")
        if not (0 <= queue.pass_rate <= 1 and 0 <= queue.no_show <= 1):
            raise SolveError(f"{where}: pass_rate and no_show are shares from 0 to 1")
        if min(queue.retake_weeks, queue.goes_after) < 1:
            raise SolveError(f"{where}: retake_weeks and goes_after are at least 1")
        if queue.goes_to and (queue.site, queue.goes_to) not in names:
            raise SolveError(f"{where}: there is no queue for {queue.goes_to} to go on to")


def _runs(
    queues: Sequence[Queue], weeks: int, measured: int, runs: int, seed: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return for each queue the mean waiting and the final queue of every run."""
    _validate(queues, weeks, measured, runs)
    place = {(queue.site, queue.subject): at for at, queue in enumerate(queues)}
    lines = [_Line(queue, weeks, runs, (seed, at)) for at, queue in enumerate(queues)]
    for week in range(weeks):
        for line in lines:
            passed = line.step(week, measure=week >= weeks - measured)
            queue = line.queue
            if queue.goes_to:
                lines[place[queue.site, queue.goes_to]].join(week + queue.goes_after, passed)
    return [line.mean_waiting() for line in lines], [line.ages.sum(axis=1) for line in lines]


class _Line:
    """One queue in all runs at once; `ages[r, w]` people of run r have waited w weeks."""

    def __init__(self, queue: Queue, weeks: int, runs: int, seed: tuple[int, int]) -> None:
        self.queue, self.seed = queue, seed
        arrivals = np.random.default_rng((*seed, 0)).poisson(queue.arrivals, (weeks, runs))
        self.coming = arrivals.astype(np.int64)
        self.ages = np.zeros((runs, _LONGEST + 1), np.int64)
        known = np.array(queue.waiting[: _LONGEST + 1], np.int64)
        self.ages[:, : len(known)] = known
        self.ages[:, _LONGEST] += sum(queue.waiting[_LONGEST + 1 :])
        self.waited, self.sat = np.zeros(runs), np.zeros(runs)

    def join(self, week: int, people: Ints) -> None:
        """Let people become ready in some week."""
        if week < len(self.coming):
            self.coming[week] += people

    def step(self, week: int, *, measure: bool) -> Ints:
        """Run one week; return how many pass in each run."""
        queue, rng = self.queue, np.random.default_rng((*self.seed, 1, week))
        self.ages[:, 0] += self.coming[week]
        behind = np.cumsum(self.ages[:, ::-1], axis=1)[:, ::-1]
        called = np.clip(queue.seats() - (behind - self.ages), 0, self.ages)
        if measure:
            self.waited += called @ np.arange(called.shape[1])
            self.sat += called.sum(axis=1)
        self.ages -= called
        self.ages[:, -1] += self.ages[:, -2]
        self.ages[:, 1:-1] = self.ages[:, :-2].copy()
        self.ages[:, 0] = 0
        came = rng.binomial(called.sum(axis=1), 1 - queue.no_show)
        passed = rng.binomial(came, queue.pass_rate)
        self.join(week + queue.retake_weeks, called.sum(axis=1) - passed)
        return np.asarray(passed)

    def mean_waiting(self) -> np.ndarray:
        """Return the mean waiting of every run; where nobody sat, of those who still wait."""
        still = self.ages @ np.arange(self.ages.shape[1])
        waiting = np.maximum(self.ages.sum(axis=1), 1)
        return np.where(self.sat > 0, self.waited / np.maximum(self.sat, 1), still / waiting)


def _error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def _forecast(queue: Queue, waited: np.ndarray, left: np.ndarray) -> Forecast:
    low, high = np.percentile(waited, (5, 95))
    return Forecast(
        queue.site,
        queue.subject,
        round(float(waited.mean()), 3),
        round(float(low), 3),
        round(float(high), 3),
        round(_error(waited), 3),
        round(float(left.mean()), 1),
        queue.seats(),
    )
