"""Why somebody has no seat, what would have got one, and where one more seat helps.

Everything is read off the plan: `reach` of a pool is the largest rank that a newcomer there could
push out, or endless where a free seat can be reached. An application of rank r is served through a
pool if and only if r is smaller than the pool's reach; `seat_with` lets anybody try by solving
again. Where there are chains the `if` stays true, and for a second nothing is said, since no seat
of one subject alone would be enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scheduler.chains import bound_partners, seconds_of
from scheduler.columns import SUBJECTS
from scheduler.options import find_options
from scheduler.potentials import Residual
from scheduler.pricing import price_seats
from scheduler.reach import reach_of
from scheduler.seating import total_costs, whole
from scheduler.solving import solve

if TYPE_CHECKING:
    from scheduler.arrays import Ints
    from scheduler.plans import Plan
    from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class FullOption:
    """An option that was full: of how many, and up to which rank.

    Attributes:
        session, pool: Where it is.
        seats: Seats of the pool.
        seated: People who sit there.
        last_rank: The largest rank among them, 0 if nobody sits there (the session is full).
    """

    session: str
    pool: str
    seats: int
    seated: int
    last_rank: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a candidate may know about the decision on one application.

    Attributes:
        application: Its id.
        subject: S1, S2, S3R or S3T.
        rank: Its rank in the subject, from 1.
        asked: Number of applications in the subject.
        reason: Empty if served, else `no_session`, `full` or `chain`.
        full: The options that were full.
        needed_rank: The largest rank that would have got a seat, 0 if no rank would.
        other_sessions: Sessions inside the window that would have got a seat if chosen too.
        other_days: The same outside the window.
    """

    application: str
    subject: str
    rank: int
    asked: int
    reason: str
    full: tuple[FullOption, ...]
    needed_rank: int
    other_sessions: tuple[str, ...]
    other_days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """What one more seat in a pool (and its session) would bring.

    Attributes:
        session, pool: Where.
        rank: Rank of the person who would be served besides, 0 if nobody would.
        saving: How much the cost of the same served people could fall.
    """

    session: str
    pool: str
    rank: int
    saving: int


class Explainer:
    """Explains the decisions of one plan of a round."""

    def __init__(self, found: Round, plan: Plan) -> None:
        self.found, self.plan = found, plan
        self.options = find_options(found)
        self.part = whole(found, self.options, total_costs(found, self.options))
        seated = price_seats(self.part, plan.pool)
        # Partners keep their seats here: what is said to get a seat then breaks no chain.
        stays = found.applications.pinned | bound_partners(found, self.options)
        seated = replace(seated, movable=seated.movable & ~stays)
        residual = Residual(self.part, seated)
        self.reach = reach_of(self.part, residual, plan.pool, seated.movable)
        taken = plan.pool[plan.pool >= 0]
        self.waits = seconds_of(found)
        self.seated = np.bincount(taken, minlength=len(found.pools.seats))
        self.last = np.zeros(len(found.pools.seats), np.int64)
        np.maximum.at(self.last, taken, found.applications.rank[plan.pool >= 0])
        self.asked = np.bincount(found.applications.subject, minlength=len(SUBJECTS))
        self.first_arc = np.searchsorted(self.options.app, np.arange(len(plan.pool) + 1))

    def explain(self, application: str) -> Explanation:
        """Explain the decision on one application.

        Raises:
            KeyError: The round has no such application.
        """
        number = self._number(application)
        rows = self.found.applications
        rank, subject = int(rows.rank[number]), int(rows.subject[number])
        reason = self.plan.reason[number]
        own = self._own(number)
        refused = self.plan.pool[number] < 0
        named = refused and not self.waits[number]
        needed = int(self.reach[own].max(initial=0)) if named and len(own) else 0
        inside, outside = self._others(number, own) if named else ((), ())
        return Explanation(
            application=application,
            subject=SUBJECTS[subject],
            rank=rank,
            asked=int(self.asked[subject]),
            reason=("", "no_session", "full", "chain")[reason],
            full=tuple(self._full(pool) for pool in own.tolist()) if refused else (),
            needed_rank=needed,
            other_sessions=inside,
            other_days=outside,
        )

    def gains(self) -> list[Gain]:
        """Say for every pool what one more seat would bring; most urgent first."""
        pools, (levels, session_levels) = self.found.pools, self.plan.levels
        above = session_levels[pools.session]
        # A seat is added to pool and session alike, so the smaller of the two levels is freed.
        rank = np.where(levels == 0, above, np.where(above == 0, levels, np.minimum(levels, above)))
        prices = self.plan.prices[0] + self.plan.prices[1][pools.session]
        ids, sessions = pools.ids.to_pylist(), self.found.sessions.ids.to_pylist()
        found = [
            Gain(sessions[pools.session[at]], ids[at], int(rank[at]), int(prices[at]))
            for at in np.flatnonzero((rank > 0) | (prices > 0)).tolist()
        ]
        return sorted(found, key=lambda gain: (gain.rank == 0, gain.rank, -gain.saving, gain.pool))

    def seat_with(
        self, application: str, *, session: str | None = None, rank: int | None = None
    ) -> bool:
        """Say by solving again whether a change would have got the application a seat.

        Args:
            application: Its id.
            session: A session chosen besides, on any day.
            rank: Another rank; those from there on move back by one.
        """
        number = self._number(application)
        found = self.found
        if rank is not None:
            found = _with_rank(found, number, rank)
        if session is not None:
            found = _with_session(found, number, found.sessions.ids.index(session).as_py())
        return bool(solve(found).pool[number] >= 0)

    def _number(self, application: str) -> int:
        number = int(self.found.applications.ids.index(application).as_py())
        if number < 0:
            raise KeyError(application)
        return number

    def _own(self, number: int) -> Ints:
        """Return the pools that are options of an application."""
        options = self.options
        pools = options.pool[self.first_arc[number] : self.first_arc[number + 1]]
        hub = int(options.hub[number])
        if hub >= 0:
            through = options.hub_pool[options.hub_start[hub] : options.hub_start[hub + 1]]
            pools = np.concatenate((pools, through))
        return np.unique(pools)

    def _full(self, pool: int) -> FullOption:
        pools = self.found.pools
        return FullOption(
            session=self.found.sessions.ids[int(pools.session[pool])].as_py(),
            pool=pools.ids[pool].as_py(),
            seats=int(pools.seats[pool]),
            seated=int(self.seated[pool]),
            last_rank=int(self.last[pool]),
        )

    def _others(self, number: int, own: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the sessions that would have seated the application, inside and outside."""
        rows, pools, sessions = self.found.applications, self.found.pools, self.found.sessions
        name = rows.licence_class.names[rows.licence_class.codes[number]]
        needs = set(rows.needs.names[rows.needs.codes[number]].split())
        by_class = np.array([bool(words & {"*", name}) for words in pools.classes.lists()], bool)
        by_needs = np.array([needs <= words for words in pools.offers.lists()], bool)
        fits = by_class[pools.classes.codes] & by_needs[pools.offers.codes]
        fits &= sessions.subject[pools.session] == rows.subject[number]
        fits &= self.reach > rows.rank[number]
        fits[own] = False
        found = np.unique(pools.session[fits])
        day = sessions.date[found]
        inside = (rows.earliest[number] <= day) & (day <= rows.latest[number])
        names = sessions.ids
        return (
            tuple(names[at].as_py() for at in found[inside].tolist()),
            tuple(names[at].as_py() for at in found[~inside].tolist()),
        )


def _with_rank(found: Round, number: int, rank: int) -> Round:
    """Return the round with one application at another rank of its subject."""
    rows = found.applications
    ranks = rows.rank.copy()
    mine = rows.subject == rows.subject[number]
    ranks[mine & (ranks >= rank) & (ranks < rows.rank[number])] += 1
    ranks[number] = rank
    return replace(found, applications=replace(rows, rank=ranks))


def _with_session(found: Round, number: int, session: int) -> Round:
    """Return the round with one more choice, the last one, and a window that reaches it."""
    rows, choices = found.applications, found.choices
    first, at = choices.start[number : number + 2].tolist()
    day = found.sessions.date[session]
    earliest, latest = rows.earliest.copy(), rows.latest.copy()
    outside = not earliest[number] <= day <= latest[number]
    before, start = choices.session[:at], choices.start.copy()
    if outside:
        # Only this session is added: other sessions must not come into a wider window.
        before, earliest[number], latest[number] = choices.session[:first], day, day
    start[number + 1 :] += 1 - (at - len(before))
    listed = np.concatenate((before, [session], choices.session[at:]), dtype=np.int32)
    chosen = replace(choices, start=start, session=listed)
    any_session = rows.any_session.copy()
    any_session[number] &= not outside
    changed = replace(rows, earliest=earliest, latest=latest, any_session=any_session)
    return replace(found, applications=changed, choices=chosen)
