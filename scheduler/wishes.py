"""Options as the vectorised checker sees them, worked out apart from the solver.

Whatever is asked of every option is a few columns looked up once; everything else is asked of the
combinations that occur (of classes and needs, of subject, window and area) and not of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.arrays import Flags, Ints
    from scheduler.rounds import Round

_LARGEST_KEY = 2**62


@dataclass(frozen=True, slots=True)
class Wishes:
    """Single options as columns, and groups of applications that take any session.

    Attributes:
        app: Application of each single option, in no particular order.
        pool: Its pool.
        order: Number of the choice, 0 for any session.
        choice: Choice cost with reserve.
        move: Move cost; one number for all where nobody was told a seat.
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
    """The single questions that make a pool an option.

    Attributes:
        opens: First day of each application's window, closes: the day after its last one; slot:
            the day of each session. All are counted in days on which there are sessions, one
            subject after the other, so that a slot in the window is one of the subject too.
        sites_from: Where the sites of each area begin in `site`, and where the last ones end.
    """

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
        self.nothing_needed = np.array([not text for text in rows.needs.names], bool)
        self.offering = np.array([bool(text) for text in pools.offers.names], bool)
        days = np.unique(sessions.date)
        first = (np.arange(4) * (len(days) + 1)).astype(np.int32)
        place = np.searchsorted
        self.slot = first[sessions.subject] + place(days, sessions.date).astype(np.int32)
        base = first[rows.subject]
        self.opens = base + place(days, rows.earliest).astype(np.int32)
        self.closes = base + place(days, rows.latest, side="right").astype(np.int32)
        self._areas()

    def _areas(self) -> None:
        """List the sites of every area, in order of their numbers."""
        names = self.found.sessions.site.names
        number = {name: at for at, name in enumerate(names)}
        lists = [
            sorted({number[site] for site in text.split() if site in number})
            if text
            else range(len(names))
            for text in self.found.applications.area.names
        ]
        self.sites_from = np.cumsum([0, *map(len, lists)])
        self.site = np.array([site for sites in lists for site in sites], np.int64)

    def serves(self, licence_class: Ints, needs: Ints, pool: Ints) -> Flags:
        pools = self.found.pools
        fits = self.class_ok[licence_class, pools.classes.codes[pool]]
        return np.asarray(fits & self.needs_ok[needs, pools.offers.codes[pool]])

    def open(self, app: Ints, session: Ints) -> Flags:
        slot = self.slot.take(session)
        return np.asarray((self.opens.take(app) <= slot) & (slot < self.closes.take(app)))

    def reached(self, app: Ints, session: Ints) -> Flags:
        """Say who takes any session of an area in which these sessions are."""
        rows, sites = self.found.applications, self.found.sessions.site
        width = max(len(sites.names), 1)
        area = np.repeat(np.arange(len(self.sites_from) - 1), np.diff(self.sites_from))
        wanted = rows.area.codes[app].astype(np.int64) * width + sites.codes[session]
        return np.asarray(rows.any_session[app] & np.isin(wanted, area * width + self.site))

    def reserve(self, needs: Ints, pool: Ints) -> Ints:
        cost = np.int32(self.found.config.reserve_cost)
        if not (cost and self.offering.any()):
            return np.zeros(len(pool), np.int32)
        pays = self.nothing_needed[needs] & self.offering[self.found.pools.offers.codes[pool]]
        return np.where(pays, cost, np.int32(0))

    def move(self, app: Ints, pool: Ints) -> Ints:
        """Return the move cost of seats; pool -1 stands for somewhere far."""
        rows, session_of = self.found.applications, self.found.pools.session
        if (rows.prior < 0).all():
            return np.broadcast_to(np.int32(0), len(app))
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
    rows = found.applications
    app, session, order, cost, ignored = _chosen(found, tests)
    home = _homes(found, tests, app, session)
    if home.size:
        app = np.concatenate((app, home))
        session = np.concatenate((session, found.pools.session[rows.prior[home]]))
        order = np.concatenate((order, 0 * home))
        cost = np.concatenate((cost, 0 * home + found.config.any_session_cost))
    place, pool = _pools_of(found, tests, app, session)
    group, members = _groups(found, tests)
    app = app[place]
    everybody = np.arange(len(rows.rank))
    return Wishes(
        app=app,
        pool=pool,
        order=order[place],
        choice=cost[place] + tests.reserve(rows.needs.codes[app], pool),
        move=tests.move(app, pool),
        group=group,
        far=tests.move(everybody, np.full(len(everybody), -1)),
        member_group=members[0],
        member_pool=members[1],
        member_reserve=members[2],
        groups=int(group.max(initial=-1)) + 1,
        ignored=ignored,
    )


def _chosen(found: Round, tests: _Tests) -> tuple[Ints, Ints, Ints, Ints, int]:
    """Return application, session, order and cost of the choices, and how many are ignored."""
    costs, choices = found.config, found.choices
    app, session = choices.application.astype(np.intp), choices.session.astype(np.intp)
    order, valid = choices.order, tests.open(app, session)
    ignored = len(valid) - int(np.count_nonzero(valid))
    if ignored:
        app, session, order = app[valid], session[valid], order[valid]
    # The cost of every number that occurs, the last of the ladder repeated.
    ladder = np.full(int(order.max(initial=0)) + 1, costs.choice_cost[-1], np.int32)
    given = np.array(costs.choice_cost[: len(ladder) - 1], np.int32)
    ladder[1 : len(given) + 1] = given
    cost = ladder.take(order)
    dear = np.flatnonzero(cost > costs.any_session_cost)
    dear = dear[tests.reached(app[dear], session[dear])]
    if dear.size:
        order = order.copy()
        order[dear], cost[dear] = 0, costs.any_session_cost
    return app, session, order, cost, ignored


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


def _spelled(start: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Return of lists that stand one after the other (number of the list, place) of all items."""
    held = np.repeat(np.arange(len(count)), count)
    return held, np.arange(len(held)) + np.repeat(start - np.cumsum(count) + count, count)


def _listed(numbers: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """Return (start, count) of the list of every number below `size`, and the places in lists."""
    count = np.bincount(numbers, minlength=size)
    return np.cumsum(count) - count, count, np.argsort(numbers, kind="stable")


def _pools_of(found: Round, tests: _Tests, app: Ints, session: Ints) -> tuple[Ints | slice, Ints]:
    """Return (place in `app`, pool) of each pool of each session that serves.

    Whoever agrees in session, class and needs is served by the same pools, which are asked once.
    """
    rows, sessions = found.applications, len(found.sessions.seats)
    width = max(len(rows.needs.names), 1)
    kinds = len(rows.licence_class.names) * width
    kind = rows.licence_class.codes.astype(np.intp) * width + rows.needs.codes
    key = kind.take(app)
    key += session * kinds
    occurs = np.zeros(sessions * kinds, bool)
    occurs[key] = True
    asked = np.flatnonzero(occurs)
    start, count, by_session = _listed(found.pools.session, sessions)
    at, kind = np.divmod(asked, max(kinds, 1))
    held, place = _spelled(start[at], count[at])
    pool = by_session[place]
    fits = tests.serves(*np.divmod(kind[held], width), pool)
    held, pool = held[fits], pool[fits]
    first, many = np.zeros((2, sessions * kinds), np.int32)
    many[asked] = np.bincount(held, minlength=len(asked))
    first[asked] = np.cumsum(many[asked]) - many[asked]
    mine, first = many.take(key), first.take(key)
    # Mostly one pool serves; where there are more the second ones follow after all first ones.
    places = [np.flatnonzero(mine > layer) for layer in range(int(many.max(initial=0)))]
    if len(places) == 1 and len(places[0]) == len(mine):
        return slice(None), pool.take(first)
    pools = [pool[first[place] + layer] for layer, place in enumerate(places)]
    nothing = np.zeros(0, np.intp)
    return np.concatenate([nothing, *places]), np.concatenate([nothing, *pools])


def _numbered(columns: Iterable[Ints], rows: int) -> tuple[Ints, Ints]:
    """Return a row of each combination that occurs, and the number of each row's combination."""
    key, size = np.zeros(rows, np.int64), 1
    for column in columns:
        width = int(column.max(initial=0)) + 1
        if size * width > _LARGEST_KEY:
            key = np.unique(key, return_inverse=True)[1]
            size = rows
        key *= width
        key += column
        size *= width
    order = np.argsort(key)
    key = key[order]
    new = np.ones(rows, bool)
    new[1:] = key[1:] != key[:-1]
    number = np.empty(rows, np.int64)
    number[order] = np.cumsum(new) - 1
    return order[new], number


def _groups(found: Round, tests: _Tests) -> tuple[Ints, tuple[Ints, Ints, Ints]]:
    """Return the group of each application, and groups, pools and reserves of the members."""
    rows = found.applications
    taking = np.flatnonzero(rows.any_session)
    kinds = (rows.licence_class.codes, rows.needs.codes, rows.area.codes)
    # Windows that hold the same days of sessions are the same window.
    columns = (*kinds, tests.opens, tests.closes)
    leaders, mine = _numbered((column[taking] for column in columns), len(taking))
    leaders = taking[leaders]
    group, pool = _members(found, tests, leaders)
    number = np.full(len(rows.rank), -1, np.int64)
    number[taking] = mine
    sizes = np.bincount(group, minlength=len(leaders))
    if not sizes.all():
        number[(number >= 0) & (sizes == 0)[number]] = -1
    return number, (group, pool, tests.reserve(rows.needs.codes[leaders[group]], pool))


def _members(found: Round, tests: _Tests, leaders: Ints) -> tuple[Ints, Ints]:
    """Return (number of the leader, pool) of all pools that those leaders may take.

    Whoever agrees in subject, class, needs and area differs only in the days, so that everything
    else is asked once.
    """
    rows, pools, sessions = found.applications, found.pools, found.sessions
    columns = (rows.subject, rows.licence_class.codes, rows.needs.codes, rows.area.codes)
    first, kind = _numbered((column[leaders] for column in columns), len(leaders))
    subject, licence_class, needs, area = (column[leaders[first]] for column in columns)
    sites = _listed(sessions.site.codes[pools.session], len(sessions.site.names))
    held, place = _spelled(tests.sites_from[area], np.diff(tests.sites_from)[area])
    site = tests.site[place]
    inner, place = _spelled(sites[0][site], sites[1][site])
    held, pool = held[inner], sites[2][place]
    fits = tests.serves(licence_class[held], needs[held], pool)
    fits &= subject[held] == sessions.subject[pools.session[pool]]
    held, pool = held[fits], pool[fits]
    count = np.bincount(held, minlength=len(first))
    group, place = _spelled((np.cumsum(count) - count)[kind], count[kind])
    pool = pool[place]
    slot, leader = tests.slot[pools.session[pool]], leaders[group]
    inside = (tests.opens[leader] <= slot) & (slot < tests.closes[leader])
    return group[inside], pool[inside]
