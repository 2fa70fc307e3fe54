"""Rule 3: among the cheapest plans the one of least drawn sum, and whether there is only one.

The draw is a fixed function of the round's own digest, so that nobody chooses among equals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.arrays import Flags, Ints, Words64
from scheduler.components import labels
from scheduler.potentials import Seated, fullness, longest, seats_left, strongest
from scheduler.tied import Tied, drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.components import Component
    from scheduler.options import Options
    from scheduler.rounds import Round
    from scheduler.seating import Costs


@dataclass(frozen=True, slots=True)
class Ties:
    """The options that cost nothing more than the seat given, and what must stay full.

    `app` and `pool` are sorted by application and hold the given seat too; whoever has no other
    seat is not in them. Those of application a are `start[a]` to `start[a + 1]`. `seats` and
    `session_seats` are what those with a single seat to sit in leave.
    """

    start: Ints
    app: Ints
    pool: Ints
    pool_kept: Flags
    session_kept: Flags
    seats: Ints
    session_seats: Ints


def find_ties(
    found: Round, options: Options, costs: Costs, seated: Seated, prices: tuple[Ints, Ints]
) -> Ties:
    """Collect the arcs of reduced cost 0 of everybody who may move."""
    total = prices[0] + prices[1][found.pools.session]
    own = seated.cost + np.where(seated.pool >= 0, total[seated.pool], 0)
    equal = costs.arc + total.take(options.pool) == own.take(options.app)
    arc = np.flatnonzero(seated.movable.take(options.app) & equal)
    app, pool = _through_hubs(options, costs, seated, total, own)
    app, pool = np.concatenate((options.app[arc], app)), np.concatenate((options.pool[arc], pool))
    key = np.sort(app.astype(np.int64) * max(len(total), 1) + pool)
    # An arc and a hub may lead to the same seat at the same cost.
    key = key[np.concatenate(([True], key[1:] != key[:-1]))] if len(key) else key
    app, pool = np.divmod(key, max(len(total), 1))
    count = np.bincount(app, minlength=len(seated.pool))
    several = count > 1
    left = seats_left(found, np.where(several, -1, seated.pool))
    start = np.concatenate(([0], np.cumsum(np.where(several, count, 0))))
    mine = several[app]
    return Ties(start, app[mine], pool[mine], prices[0] > 0, prices[1] > 0, *left)


def tied(found: Round, ties: Ties, part: Component, place: Mapping[str, Ints], salt: int) -> Tied:
    """Return what rule 3 asks in a component; `place` numbers its pools and sessions."""
    start = ties.start[part.applications]
    count = ties.start[part.applications + 1] - start
    free = np.flatnonzero(count)
    start, count = start[free], count[free]
    arc = np.arange(count.sum()) + np.repeat(start - np.cumsum(count) + count, count)
    return Tied(
        people=part.applications[free],
        person=np.repeat(np.arange(len(free)), count),
        at=place["pools"][ties.pool[arc]],
        pools=part.pools,
        pool_session=place["sessions"][found.pools.session[part.pools]],
        seats=ties.seats[part.pools],
        session_seats=ties.session_seats[part.sessions],
        kept=ties.pool_kept[part.pools],
        session_kept=ties.session_kept[part.sessions],
        salt=salt,
    )


def _through_hubs(
    options: Options, costs: Costs, seated: Seated, total: Ints, own: Ints
) -> tuple[Ints, Ints]:
    if not len(options.hub_pool):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    way = total[options.hub_pool] + options.hub_reserve
    least = np.minimum.reduceat(way, options.hub_start[:-1])
    sizes = np.diff(options.hub_start)
    best = way == np.repeat(least, sizes)
    pools = options.hub_pool[best]
    counts = np.add.reduceat(best.astype(np.int64), options.hub_start[:-1])
    starts = np.cumsum(counts) - counts
    people = np.flatnonzero(seated.movable & (options.hub >= 0))
    people = people[costs.hub[people] + least[options.hub[people]] == own[people]]
    hub = options.hub[people]
    app = np.repeat(people, counts[hub])
    within = np.arange(len(app)) - np.repeat(np.cumsum(counts[hub]) - counts[hub], counts[hub])
    return app, pools[np.repeat(starts[hub], counts[hub]) + within]


def rivals(found: Round, ties: Ties, pool: Ints, salt: Words64, part: Ints) -> Flags:
    """Say of each pool whether another plan of the same drawn sum would change its component.

    Args:
        found: The round.
        ties: All options of reduced cost 0.
        pool: The pool of each application under rule 3.
        salt: The salt of each application.
        part: The component of each session; nothing passes from one to another.

    Raises:
        SolveError: The plan has not the least sum.
    """
    pools, sessions = len(found.pools.seats), len(found.sessions.seats)
    sinks = pools + sessions
    count = sinks + sessions
    given = pool[ties.app]
    other = given != ties.pool
    app, given, to = ties.app[other], given[other], ties.pool[other]
    moves = strongest(given, to, drawn(salt[app], app, given) - drawn(salt[app], app, to))
    movable = np.zeros(len(pool), bool)
    movable[ties.app] = True
    used = np.bincount(pool[movable], minlength=pools)
    session_used = np.zeros(sessions, np.int64)
    np.add.at(session_used, found.pools.session, used)
    down = np.concatenate((found.pools.session + pools, part + sinks))
    loose = np.concatenate((~ties.pool_kept, ~ties.session_kept))
    onward = loose & ~np.concatenate(fullness(found, pool))
    backward = loose & (np.concatenate((used, session_used)) > 0)
    node = np.arange(sinks)
    tail = np.concatenate((moves[0], node[onward], down[backward]))
    head = np.concatenate((moves[1], down[onward], node[backward]))
    weight = np.concatenate((moves[2], np.zeros(len(tail) - len(moves[0]), np.int64)))
    value = longest(count, tail, head, weight, np.zeros(count, np.int64))
    # An arc and its reverse are no cycle: join their ends and look for cycles among the rest.
    both = onward & backward
    joined = labels(count, node[both], down[both])
    paired = np.concatenate((np.zeros(len(moves[0]), bool), both[onward], both[backward]))
    tight = (value[head] == value[tail] + weight) & ~paired
    return _on_cycles(count, joined[tail[tight]], joined[head[tight]])[joined[:pools]]


def _on_cycles(count: int, tail: Ints, head: Ints) -> Flags:
    """Say of each node whether it is on a cycle or behind one, by removing what has no way in."""
    left = np.ones(count, bool)
    while len(tail):
        entered = np.zeros(count, bool)
        entered[head] = True
        left &= entered
        stays = left[tail]
        if stays.all():
            return left
        tail, head = tail[stays], head[stays]
    return np.zeros(count, bool)
