"""All refusals of a round explained at once: what stood in the way, and the smallest change.

`Explainer` answers for one person and looks at every session of the round. Here people are taken
component by component and, within it, all who are served by the same pools; who has options hears
of sessions that share seats with them, so that nobody is sent to a city at the other end of the
province.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.columns import SUBJECTS
from scheduler.components import split
from scheduler.explain import Explainer
from scheduler.plans import Reason
from scheduler.potentials import best

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.arrays import Flags, Ints
    from scheduler.plans import Plan
    from scheduler.rounds import Round

_LATE = 2**40


@dataclass(frozen=True, slots=True)
class Refusals:
    """What every refused application may know; one row each, by number of application.

    Attributes:
        application: Numbers of the refused.
        rank, asked: Rank in the subject, and how many asked there.
        reason: A `Reason`.
        needed_rank: The largest rank that would have got a seat, 0 if no rank would.
        last_rank: The largest rank that sits in one of the options, 0 if nobody does.
        inside: Sessions inside the window that would have got a seat if chosen too, up to some
            number of them, -1 where there are fewer.
        outside: The same outside the window, nearest days first.
        days: Days between the window and the nearest session outside; 0 where there is none.
    """

    application: Ints
    rank: Ints
    asked: Ints
    reason: Ints
    needed_rank: Ints
    last_rank: Ints
    inside: Ints
    outside: Ints
    days: Ints

    def change(self, row: int) -> str:
        """Return the smallest change: `session`, `day`, `rank`, or nothing where none helps."""
        if self.inside[row, 0] >= 0:
            return "session"
        if self.outside[row, 0] >= 0:
            return "day"
        return "rank" if self.needed_rank[row] else ""


def refusals(found: Round, plan: Plan, *, named: int = 3) -> Refusals:
    """Explain every refusal of a round.

    Args:
        found: The round.
        plan: Its plan.
        named: How many sessions to name at most, inside and outside the window each.
    """
    explainer = Explainer(found, plan)
    rows = found.applications
    people = np.flatnonzero(plan.pool < 0)
    last = best(explainer.part, explainer.last)
    needed = best(explainer.part, explainer.reach)[people]
    inside, outside = (np.full((len(people), named), -1, np.int64) for _ in range(2))
    days = np.zeros(len(people), np.int64)
    for mine, sessions, reach in _groups(found, explainer, people):
        step = max(1, 4_000_000 // max(len(sessions), 1))
        for start in range(0, len(mine), step):
            some = mine[start : start + step]
            near = _near(found, explainer.waits, (people[some], sessions, reach), named)
            inside[some], outside[some], days[some] = near
    return Refusals(
        application=people,
        rank=rows.rank[people].astype(np.int64),
        asked=np.bincount(rows.subject, minlength=len(SUBJECTS))[rows.subject[people]],
        reason=plan.reason[people].astype(np.int64),
        needed_rank=np.where(
            (plan.reason[people] == Reason.FULL) & ~explainer.waits[people], needed, 0
        ),
        last_rank=last[people],
        inside=inside,
        outside=outside,
        days=days,
    )


def _groups(found: Round, explainer: Explainer, people: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Return (rows of the refused, sessions, reach) of those who share component and pools.

    The reach of a session is the largest of those of its pools that serve them.
    """
    rows, pools = found.applications, found.pools
    of_person = np.full(len(rows.rank), -1, np.int64)
    of_session = np.full(len(found.sessions.seats), -1, np.int64)
    for number, part in enumerate(split(found, explainer.options)):
        of_person[part.applications] = number
        of_session[part.sessions] = number
    kinds = np.stack(
        (
            of_person[people],
            rows.subject[people],
            rows.licence_class.codes[people],
            rows.needs.codes[people],
        )
    )
    classes, offers = pools.classes.lists(), pools.offers.lists()
    distinct, kind = np.unique(kinds, axis=1, return_inverse=True)
    order = np.argsort(kind.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(kind.ravel(), minlength=distinct.shape[1])).tolist()
    known: dict[tuple[int, int, int], Flags] = {}
    for at, (part, subject, licence, need) in enumerate(distinct.T.tolist()):
        key = (subject, licence, need)
        if key not in known:
            name, needs = rows.licence_class.names[licence], rows.needs.lists()[need]
            fits = np.array([bool(words & {"*", name}) for words in classes], bool)
            meets = np.array([needs <= words for words in offers], bool)
            known[key] = fits[pools.classes.codes] & meets[pools.offers.codes]
            known[key] &= found.sessions.subject[pools.session] == subject
        mine = known[key] if part < 0 else known[key] & (of_session[pools.session] == part)
        sessions, place = np.unique(pools.session[mine], return_inverse=True)
        reach = np.zeros(len(sessions), np.int64)
        np.maximum.at(reach, place, explainer.reach[mine])
        yield order[ends[at - 1] if at else 0 : ends[at]], sessions, reach


def _near(
    found: Round, waits: Flags, group: tuple[Ints, Ints, Ints], named: int
) -> tuple[Ints, Ints, Ints]:
    """Return the first sessions inside and outside the windows, and the days to the latter."""
    people, sessions, reach = group
    rows = found.applications
    day = found.sessions.date[sessions].astype(np.int64)
    first, last = (bound[people, None].astype(np.int64) for bound in (rows.earliest, rows.latest))
    helps = reach[None, :] > rows.rank[people, None]
    helps &= ~waits[people, None]
    # In an empty window no day lies inside; then the day it would begin is the one asked for.
    far = np.maximum(np.maximum(first - day, day - last), 0)
    far = np.where(first > last, np.abs(day - first) + 1, far)
    inside = np.where(helps & (far == 0), np.arange(len(sessions)), _LATE)
    # Nearest days first, then by name: distance and place in one number.
    key = far * len(sessions) + np.arange(len(sessions))
    outside = np.where(helps & (far > 0), key, _LATE)
    one, two = (_least(part, named) for part in (inside, outside))
    days = np.where(two[:, 0] < _LATE, two[:, 0] // max(len(sessions), 1), 0)
    numbers = np.append(sessions, -1)
    place = [np.where(part < _LATE, part % max(len(sessions), 1), -1) for part in (one, two)]
    return numbers[place[0]], numbers[place[1]], days


def _least(values: Ints, count: int) -> Ints:
    """Return the least values of every row in order, filled up to `count`."""
    width = values.shape[1]
    if width > count:
        values = np.partition(values, count - 1, axis=1)[:, :count]
    missing = max(0, count - width)
    return np.pad(np.sort(values, axis=1), ((0, 0), (0, missing)), constant_values=_LATE)
