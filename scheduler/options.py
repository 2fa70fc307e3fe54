"""The options of every application, as arcs and hubs.

An arc is one option: an application, a pool and its cost. Applications that may be seated in any
session of the same window, area, class and needs share a hub, so that such a wish costs one arc
and not one for every pool. Where an arc and a hub lead to the same pool, the arc is never dearer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.arrays import Flags, Ints

if TYPE_CHECKING:
    from scheduler.rounds import Round


#: Codes up to here are numbered through a table, larger ones by sorting.
_TABLE = 2**20


@dataclass(frozen=True, slots=True)
class Options:
    """Options as columns; applications, pools and hubs by number.

    Attributes:
        app, pool: The two ends of each arc, sorted by application.
        order: Number of the choice, 0 where the option comes from `any_session`.
        choice: Choice cost including the reserve cost.
        move: Move cost: 0, 1, or 1 + the tier's cost.
        hub: Hub of each application, -1 without one.
        hub_move: Move cost of an application through its hub.
        hub_start: Pools of hub h are `hub_pool[hub_start[h]:hub_start[h + 1]]`.
        hub_pool, hub_reserve: Pool and reserve cost of each hub arc.
        ignored: Number of choices of another subject or outside the window.
    """

    app: Ints
    pool: Ints
    order: Ints
    choice: Ints
    move: Ints
    hub: Ints
    hub_move: Ints
    hub_start: Ints
    hub_pool: Ints
    hub_reserve: Ints
    ignored: int


class Fits:
    """Which pools serve which profile (class and needs), grouped by session."""

    def __init__(self, found: Round) -> None:
        rows, pools = found.applications, found.pools
        width = max(len(rows.needs.names), 1)
        distinct, self.profile = _distinct(
            rows.licence_class.codes, rows.needs.codes, len(rows.licence_class.names), width
        )
        self.needs = [rows.needs.lists()[code % width] for code in distinct.tolist()]
        classes = [rows.licence_class.names[code // width] for code in distinct.tolist()]
        served, offers = pools.classes.lists(), pools.offers.lists()
        self.serves = np.zeros((len(distinct), len(pools.seats)), bool)
        for place, (name, needs) in enumerate(zip(classes, self.needs, strict=True)):
            by_class = np.array(["*" in words or name in words for words in served], bool)
            by_needs = np.array([needs <= words for words in offers], bool)
            self.serves[place] = by_class[pools.classes.codes] & by_needs[pools.offers.codes]
        offering = np.array([bool(words) for words in offers], bool)[pools.offers.codes]
        free = np.array([not needs for needs in self.needs], bool)
        self.reserve = np.where(offering, found.config.reserve_cost, 0)
        self.pays = free
        self.sessions = len(found.sessions.seats)
        profile, pool = np.nonzero(self.serves)
        group = profile * self.sessions + pools.session[pool]
        self.pools = pool[np.argsort(group, kind="stable")].astype(np.int32)
        counts = np.bincount(group, minlength=len(distinct) * self.sessions)
        self.counts = counts.astype(np.int32)
        self.start = np.cumsum(self.counts, dtype=np.int32) - self.counts

    def expand(self, app: Ints, session: Ints) -> tuple[Ints | slice, Ints]:
        """Return for (application, session) pairs the pair's place and each serving pool."""
        group = (self.profile * np.int32(self.sessions)).take(app) + session
        first, count = self.start.take(group), self.counts.take(group)
        if (count == 1).all():
            return slice(None), self.pools.take(first)
        place = np.repeat(np.arange(len(app), dtype=np.int32), count)
        first -= np.cumsum(count, dtype=np.int32) - count
        return place, self.pools[np.arange(len(place), dtype=np.int32) + np.repeat(first, count)]


def _distinct(one: Ints, two: Ints, count: int, width: int) -> tuple[Ints, Ints]:
    """Return the distinct codes one * width + two in order, and the place of each row's."""
    if count * width > _TABLE:
        codes, places = np.unique(one.astype(np.int64) * width + two, return_inverse=True)
        return codes, places.astype(np.int32)
    both = one.astype(np.int32) * width + two
    occurs = np.zeros(count * width, bool)
    occurs[both] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs, dtype=np.int32) - 1)[both]


def find_options(found: Round) -> Options:
    """Work out all options of a round."""
    fits = Fits(found)
    reach = area_matrix(found)
    app, session, order, cost, ignored = _wished_sessions(found, reach)
    place, pool = fits.expand(app, session)
    app, order, cost = app[place], order[place], cost[place]
    del place, session
    if fits.reserve.any():
        cost += np.where(fits.pays[fits.profile[app]], fits.reserve[pool], 0).astype(np.int32)
    hub, start, hub_pool, hub_reserve = _hubs(found, fits, reach)
    return Options(
        app=app,
        pool=pool,
        order=order,
        choice=cost,
        move=_moves(found, app, pool),
        hub=hub,
        hub_move=_far(found),
        hub_start=start,
        hub_pool=hub_pool,
        hub_reserve=hub_reserve,
        ignored=ignored,
    )


def area_matrix(found: Round) -> Flags:
    """Say for each area code and site code whether `any_session` reaches it."""
    sites = {name: at for at, name in enumerate(found.sessions.site.names)}
    areas = found.applications.area.lists()
    reach = np.zeros((len(areas), len(sites)), bool)
    for at, area in enumerate(areas):
        reach[at, [sites[name] for name in area if name in sites]] = True
        reach[at] |= not area
    return reach


def _wished_sessions(found: Round, reach: Flags) -> tuple[Ints, Ints, Ints, Ints, int]:
    """Return (application, session, order, choice cost) of single wishes, and the ignored ones.

    A told application that takes any session has, besides its choices, its prior session: there
    it costs less than elsewhere, which a hub could not tell.
    """
    rows, sessions, costs = found.applications, found.sessions, found.config
    choices = found.choices
    app, session, order = choices.application, choices.session, choices.order
    open_ = _open(found, app, session)
    ignored = len(open_) - int(np.count_nonzero(open_))
    if ignored:
        app, session, order = app[open_], session[open_], order[open_]
    ladder = np.array(costs.choice_cost, np.int32)
    cost = ladder.take(np.minimum(order, len(ladder)) - 1)
    dear = np.flatnonzero(cost > costs.any_session_cost)
    mine = app[dear]
    covered = reach[rows.area.codes[mine], sessions.site.codes[session[dear]]]
    dear = dear[rows.any_session[mine] & covered]
    if dear.size:
        order = order.copy()
        order[dear], cost[dear] = 0, costs.any_session_cost
    stay, at = _prior_sessions(found, reach)
    if not stay.size:
        return app, session, order, cost, ignored
    app, session = np.concatenate((app, stay)), np.concatenate((session, at))
    order = np.concatenate((order, np.zeros(len(stay), np.int32)))
    cost = np.concatenate((cost, np.full(len(stay), costs.any_session_cost, np.int32)))
    sort = np.argsort(app, kind="stable")
    return app[sort], session[sort], order[sort], cost[sort], ignored


def _open(found: Round, app: Ints, session: Ints) -> Flags:
    """Say of (application, session) pairs whether subject and window agree."""
    rows, sessions = found.applications, found.sessions
    days = np.unique(sessions.date)
    # Days of sessions are numbered one subject after the other: a number inside the window is one
    # of the subject too.
    first = (np.arange(4) * (len(days) + 1)).astype(np.int32)
    number = first[sessions.subject] + np.searchsorted(days, sessions.date).astype(np.int32)
    base = first[rows.subject]
    opens = base + np.searchsorted(days, rows.earliest).astype(np.int32)
    closes = base + np.searchsorted(days, rows.latest, side="right").astype(np.int32)
    at = number.take(session)
    return np.asarray((opens.take(app) <= at) & (at < closes.take(app)))


def _prior_sessions(found: Round, reach: Flags) -> tuple[Ints, Ints]:
    """Return who was told, takes any session and has not chosen his own; and that session."""
    rows, sessions = found.applications, found.sessions
    told = np.flatnonzero(rows.any_session & (rows.prior >= 0)).astype(np.int32)
    if not told.size:
        return told, told
    at = found.pools.session[rows.prior[told]]
    wanted = _open(found, told, at) & reach[rows.area.codes[told], sessions.site.codes[at]]
    wanted &= ~found.has_chosen(told, at)
    return told[wanted], at[wanted]


def _far(found: Round) -> Ints:
    """Return the move cost of another session for each application; newcomers and pins: 0."""
    rows = found.applications
    ladder = np.array(found.config.move_cost, np.int32)
    cost = 1 + ladder[np.minimum(rows.tier, len(ladder) - 1)]
    return np.where((rows.prior >= 0) & ~rows.pinned, cost, np.int32(0))


def _moves(found: Round, app: Ints, pool: Ints) -> Ints:
    """Return the move cost of each arc."""
    rows, session = found.applications, found.pools.session
    if not (rows.prior >= 0).any():
        return np.zeros(len(app), np.int32)
    prior = rows.prior[app]
    cost = _far(found)[app]
    near = (prior >= 0) & (session[prior] == session[pool]) & ~rows.pinned[app]
    return np.where(near, (prior != pool).astype(np.int32), cost)


def _hubs(found: Round, fits: Fits, reach: Flags) -> tuple[Ints, Ints, Ints, Ints]:
    """Group the applications that take any session; return hub of each, and pools of each hub."""
    rows, sessions, pools = found.applications, found.sessions, found.pools
    days = np.unique(sessions.date)
    open_ = np.flatnonzero(rows.any_session)
    first = np.searchsorted(days, rows.earliest[open_])
    last = np.searchsorted(days, rows.latest[open_], side="right")
    parts = (rows.subject, fits.profile, rows.area.codes)
    key = np.zeros(len(open_), np.int64)
    size = 1
    for part in (*(part[open_] for part in parts), first, last):
        width = int(part.max(initial=0)) + 1
        if size * width >= 2**62:
            # Coded densely there are at most as many as applications, so that products stay small.
            key = np.unique(key, return_inverse=True)[1]
            size = len(key) + 1
        key, size = key * width + part, size * width
    by_key = np.argsort(key)
    key = key[by_key]
    new = np.ones(len(key), bool)
    new[1:] = key[1:] != key[:-1]
    leader, number = by_key[new], np.empty(len(key), np.int64)
    number[by_key] = np.cumsum(new) - 1
    hub = np.full(len(rows.subject), -1, np.int32)
    place, pool = _hub_pools(found, fits, reach, open_[leader])
    day = np.searchsorted(days, sessions.date)[pools.session[pool]]
    inside = (day >= first[leader][place]) & (day < last[leader][place])
    place, pool = place[inside], pool[inside]
    sizes = np.bincount(place, minlength=len(leader))
    keep = sizes > 0
    renumber = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
    hub[open_] = renumber[number]
    start = np.concatenate(([0], np.cumsum(sizes[keep]))).astype(np.int64)
    pays = fits.pays[fits.profile[open_[leader[keep]]]]
    reserve = np.where(np.repeat(pays, np.diff(start)), fits.reserve[pool], 0)
    return hub, start, pool, reserve


def _hub_pools(found: Round, fits: Fits, reach: Flags, people: Ints) -> tuple[Ints, Ints]:
    """Return (place of the person, pool) of what some of those may take who take any session.

    Days are not asked here; whoever agrees in everything else is asked once.
    """
    rows, sessions, session = found.applications, found.sessions, found.pools.session
    site, subject = sessions.site.codes[session], sessions.subject[session]
    known: dict[tuple[int, int, int], int] = {}
    lists: list[Ints] = [np.zeros(0, np.int32)]
    columns = (rows.subject, fits.profile, rows.area.codes)
    mine = np.zeros(len(people), np.int64)
    for place, group in enumerate(zip(*(part[people].tolist() for part in columns), strict=True)):
        if group not in known:
            known[group] = len(lists)
            inside = fits.serves[group[1]] & (subject == group[0]) & reach[group[2], site]
            lists.append(np.flatnonzero(inside).astype(np.int32))
        mine[place] = known[group]
    sizes = np.array([len(pools) for pools in lists], np.int64)
    start, count = (np.cumsum(sizes) - sizes)[mine], sizes[mine]
    held = np.repeat(np.arange(len(people)), count)
    shift = np.repeat(start - np.cumsum(count) + count, count)
    return held, np.concatenate(lists)[np.arange(len(held)) + shift]
