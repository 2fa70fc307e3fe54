"""Options as the vectorised checker sees them, worked out apart from the solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Wishes:
    """Single options as columns, and groups of applications that take any session.

    Attributes:
        app: Application of each single option.
        pool: Its pool.
        order: Number of the choice, 0 for any session.
        choice: Choice cost with reserve.
        move: Move cost.
        group: Group of each application, -1 without one.
        far: Move cost of each application through its group.
        member_group: Group of each (group, pool) pair, ascending.
        member_pool: Its pool.
        member_reserve: Its reserve cost.
        groups: Number of groups.
        ignored: Choices of another subject or outside the window.
    """

    app: Ints
    pool: Ints
    order: Ints
    choice: Ints
    move: Ints
    group: Ints
    far: Ints
    member_group: Ints
    member_pool: Ints
    member_reserve: Ints
    groups: int
    ignored: int


class _Tests:
    """The single questions that make a pool an option."""

    def __init__(self, found: Round) -> None:
        self.found = found
        rows, pools, sessions = found.applications, found.pools, found.sessions
        classes = [set(text.split()) for text in pools.classes.names]
        self.class_ok = np.array(
            [
                ["*" in served or name in served for served in classes]
                for name in rows.licence_class.names
            ],
            bool,
        ).reshape(len(rows.licence_class.names), len(classes))
        offers = [set(text.split()) for text in pools.offers.names]
        self.needs_ok = np.array(
            [[set(text.split()) <= offered for offered in offers] for text in rows.needs.names],
            bool,
        ).reshape(len(rows.needs.names), len(offers))
        self.area_ok = np.array(
            [
                [not text or site in text.split() for site in sessions.site.names]
                for text in rows.area.names
            ],
            bool,
        ).reshape(len(rows.area.names), len(sessions.site.names))
        self.nothing_needed = np.array([not text for text in rows.needs.names], bool)
        self.offering = np.array([bool(text) for text in pools.offers.names], bool)

    def serves(self, app: Ints, pool: Ints) -> Flags:
        rows, pools = self.found.applications, self.found.pools
        fits = self.class_ok[rows.licence_class.codes[app], pools.classes.codes[pool]]
        return np.asarray(fits & self.needs_ok[rows.needs.codes[app], pools.offers.codes[pool]])

    def open(self, app: Ints, session: Ints) -> Flags:
        rows, sessions = self.found.applications, self.found.sessions
        day = sessions.date[session]
        inside = (rows.earliest[app] <= day) & (rows.latest[app] >= day)
        return np.asarray(inside & (rows.subject[app] == sessions.subject[session]))

    def reached(self, app: Ints, session: Ints) -> Flags:
        rows, sites = self.found.applications, self.found.sessions.site.codes
        return np.asarray(
            rows.any_session[app] & self.area_ok[rows.area.codes[app], sites[session]]
        )

    def reserve(self, app: Ints, pool: Ints) -> Ints:
        rows, pools = self.found.applications, self.found.pools
        if not (self.found.config.reserve_cost and self.offering.any()):
            return np.zeros(len(app), np.int32)
        pays = self.nothing_needed[rows.needs.codes[app]] & self.offering[pools.offers.codes[pool]]
        return np.where(pays, self.found.config.reserve_cost, 0)

    def move(self, app: Ints, pool: Ints) -> Ints:
        """Return the move cost of seats; pool -1 stands for somewhere far."""
        rows, session_of = self.found.applications, self.found.pools.session
        if (rows.prior < 0).all():
            return np.zeros(len(app), np.int32)
        prior = rows.prior[app]
        ladder = np.array(self.found.config.move_cost, np.int64)
        cost = 1 + ladder[np.minimum(rows.tier[app], len(ladder) - 1)]
        if len(session_of):
            near = (pool >= 0) & (session_of[prior] == session_of[pool])
            cost = np.where(near, 1, cost)
        cost = np.where(pool == prior, 0, cost)
        return np.where((prior < 0) | rows.pinned[app], 0, cost)


def find_wishes(found: Round) -> Wishes:
    """Work out the options of everybody."""
    tests = _Tests(found)
    rows, costs, choices = found.applications, found.config, found.choices
    valid = tests.open(choices.application, choices.session)
    app, session = choices.application[valid], choices.session[valid]
    ladder = np.array(costs.choice_cost, np.int32)
    order = choices.order[valid]
    cost = ladder[np.minimum(order, len(ladder)) - 1]
    by_any = tests.reached(app, session) & (cost > costs.any_session_cost)
    order, cost = (
        np.where(by_any, 0, order),
        np.where(by_any, np.int32(costs.any_session_cost), cost),
    )
    home = _homes(found, tests, app, session)
    if home.size:
        app = np.concatenate((app, home))
        session = np.concatenate((session, found.pools.session[rows.prior[home]]))
        order = np.concatenate((order, 0 * home))
        cost = np.concatenate((cost, 0 * home + costs.any_session_cost))
    place, pool = _pools_of(found, tests, app, session)
    group, members = _groups(found, tests)
    everybody = np.arange(len(rows.rank))
    return Wishes(
        app=app[place],
        pool=pool,
        order=order[place],
        choice=cost[place] + tests.reserve(app[place], pool),
        move=tests.move(app[place], pool),
        group=group,
        far=tests.move(everybody, np.full(len(everybody), -1)),
        member_group=members[0],
        member_pool=members[1],
        member_reserve=members[2],
        groups=int(group.max(initial=-1)) + 1,
        ignored=int((~valid).sum()),
    )


def _homes(found: Round, tests: _Tests, app: Ints, session: Ints) -> Ints:
    """Return the told who take any session and have not chosen their prior session."""
    rows = found.applications
    told = np.flatnonzero((rows.prior >= 0) & rows.any_session)
    if not told.size:
        return told
    home = found.pools.session[rows.prior[told]]
    told_here = np.zeros(len(rows.rank), bool)
    prior_session = found.pools.session[rows.prior[app]]
    told_here[app[(rows.prior[app] >= 0) & (prior_session == session)]] = True
    return told[tests.open(told, home) & tests.reached(told, home) & ~told_here[told]]


def _pools_of(found: Round, tests: _Tests, app: Ints, session: Ints) -> tuple[Ints, Ints]:
    """Return (place in `app`, pool) of each pool of each session that serves.

    Whoever agrees in session, class and needs is served by the same pools, which are asked once.
    """
    rows, sessions = found.applications, len(found.sessions.seats)
    width = max(len(rows.needs.names), 1)
    kind = rows.licence_class.codes.astype(np.int32) * width + rows.needs.codes
    kinds = len(rows.licence_class.names) * width
    key = session.astype(np.int64) * kinds + kind[app]
    example = np.full(sessions * kinds, -1, np.int32)
    example[key] = app
    asked = np.flatnonzero(example >= 0)
    by_session = np.argsort(found.pools.session, kind="stable")
    count = np.bincount(found.pools.session, minlength=sessions)
    start, at = np.cumsum(count) - count, asked // max(kinds, 1)
    held = np.repeat(np.arange(len(asked)), count[at])
    within = np.arange(len(held)) - np.repeat(np.cumsum(count[at]) - count[at], count[at])
    pool = by_session[start[at[held]] + within]
    fits = tests.serves(example[asked[held]], pool)
    held, pool = held[fits], pool[fits].astype(np.int32)
    first, many = np.zeros((2, sessions * kinds), np.int32)
    many[asked] = np.bincount(held, minlength=len(asked))
    first[asked] = np.cumsum(many[asked]) - many[asked]
    mine = many[key]
    place = np.repeat(np.arange(len(app), dtype=np.int32), mine)
    shift = np.repeat(first[key] - (np.cumsum(mine) - mine).astype(np.int32), mine)
    return place, pool[np.arange(len(place), dtype=np.int32) + shift]


def _groups(found: Round, tests: _Tests) -> tuple[Ints, tuple[Ints, Ints, Ints]]:
    """Return the group of each application, and groups, pools and reserves of the members."""
    rows = found.applications
    taking = np.flatnonzero(rows.any_session)
    # Windows that hold the same days of sessions are the same window.
    days = np.unique(found.sessions.date)
    parts = (
        rows.subject,
        rows.licence_class.codes,
        rows.needs.codes,
        rows.area.codes,
        np.searchsorted(days, rows.earliest),
        np.searchsorted(days, rows.latest, side="right"),
    )
    order = taking[np.lexsort([part[taking] for part in parts])]
    new = np.zeros(len(order), bool)
    new[:1] = True
    for part in parts:
        new[1:] |= part[order[1:]] != part[order[:-1]]
    number = np.full(len(rows.rank), -1, np.int64)
    number[order] = np.cumsum(new) - 1
    leaders = order[new]
    members = _members(found, tests, leaders, np.stack([part[leaders] for part in parts[:4]]))
    sizes = np.array([len(pool) for pool in members], np.int64)
    if not sizes.all():
        number[(number >= 0) & (sizes == 0)[number]] = -1
    pool = np.concatenate([np.zeros(0, np.int64), *members])
    group = np.repeat(np.arange(len(sizes)), sizes)
    return number, (group, pool, tests.reserve(leaders[group], pool))


def _members(found: Round, tests: _Tests, leaders: Ints, kinds: Ints) -> list[Ints]:
    """Return the pools of the group that each leader stands for.

    kinds: subject, class, needs and area of each, one column a leader: whoever agrees in them
    differs only in the days, so that everything else is asked once.
    """
    rows, pools = found.applications, found.pools
    day = found.sessions.date[pools.session]
    subject = found.sessions.subject[pools.session]
    known: dict[bytes, Ints] = {}
    members = []
    earliest, latest = rows.earliest[leaders], rows.latest[leaders]
    for at, (leader, kind) in enumerate(zip(leaders.tolist(), kinds.T, strict=True)):
        key = kind.tobytes()
        if key not in known:
            pool = np.flatnonzero(subject == kind[0])
            app = np.full(len(pool), leader)
            known[key] = pool[tests.reached(app, pools.session[pool]) & tests.serves(app, pool)]
        pool = known[key]
        days = day[pool]
        members.append(pool[(earliest[at] <= days) & (days <= latest[at])])
    return members
