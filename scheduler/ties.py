"""Rule 3: among the cheapest plans the one of least drawn sum, and whether there is only one.

The draw is a fixed function of the round's own digest, so that nobody chooses among equals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.components import labels
from scheduler.network import Net
from scheduler.potentials import Seated, fullness, left_in, longest, strongest
from scheduler.tied import drawn

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.engines import Engine
    from scheduler.part import Part


@dataclass(frozen=True, slots=True)
class Ties:
    """The options that cost nothing more than the seat given, and what must stay full.

    `app` and `pool` are sorted by application and hold the given seat too; whoever has no other
    seat is not in them.
    """

    app: Ints
    pool: Ints
    pool_kept: Flags
    session_kept: Flags


def find_ties(part: Part, seated: Seated, prices: tuple[Ints, Ints]) -> Ties:
    """Collect the arcs of reduced cost 0 of everybody who may move."""
    total = prices[0] + prices[1][part.pool_session]
    own = seated.cost + np.where(seated.pool >= 0, total[seated.pool], 0)
    equal = part.cost + total.take(part.head) == own.take(part.tail)
    arc = np.flatnonzero(seated.movable.take(part.tail) & equal)
    app, pool = _through_hubs(part, seated, total, own)
    app, pool = np.concatenate((part.tail[arc], app)), np.concatenate((part.head[arc], pool))
    key = np.sort(app.astype(np.int64) * max(len(total), 1) + pool)
    # An arc and a hub may lead to the same seat at the same cost.
    key = key[np.concatenate(([True], key[1:] != key[:-1]))] if len(key) else key
    app, pool = np.divmod(key, max(len(total), 1))
    several = np.bincount(app, minlength=len(seated.pool)) > 1
    mine = several[app]
    return Ties(app[mine], pool[mine], prices[0] > 0, prices[1] > 0)


def _through_hubs(part: Part, seated: Seated, total: Ints, own: Ints) -> tuple[Ints, Ints]:
    if not len(part.hub_head):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    way = total[part.hub_head] + part.hub_extra
    sizes = np.bincount(part.hub_tail, minlength=part.hubs)
    first = np.cumsum(sizes) - sizes
    least = np.minimum.reduceat(way, first)
    best = way == np.repeat(least, sizes)
    pools = part.hub_head[best]
    counts = np.add.reduceat(best.astype(np.int64), first)
    starts = np.cumsum(counts) - counts
    people = np.flatnonzero(seated.movable & (part.hub >= 0))
    people = people[part.hub_cost[people] + least[part.hub[people]] == own[people]]
    hub = part.hub[people]
    app = np.repeat(people, counts[hub])
    within = np.arange(len(app)) - np.repeat(np.cumsum(counts[hub]) - counts[hub], counts[hub])
    return app, pools[np.repeat(starts[hub], counts[hub]) + within]


def draw(part: Part, ties: Ties, pool: Ints, salt: int, engine: Engine) -> Ints:
    """Return the pools under rule 3, from those of one of the cheapest plans.

    Asked is which moves make the drawn sum least: a flow that goes round, from the pool of
    somebody over him to another one. Nodes: people, pools, sessions, and last the sink.
    """
    if not len(ties.app):
        return pool
    first = np.concatenate(([True], ties.app[1:] != ties.app[:-1]))
    people, person = ties.app[first], np.cumsum(first) - 1
    number = drawn(salt, part.people[ties.app], part.pools[ties.pool])
    sits = pool[ties.app] == ties.pool
    other = np.flatnonzero(~sits)
    saved = number[sits][person[other]]
    pools = len(people) + np.arange(len(part.pools))
    sessions = pools[-1] + 1 + part.pool_session
    sink = pools[-1] + 1 + len(part.session_seats)
    used = np.bincount(pool[people], minlength=len(pools))
    net = Net(int(sink))
    net.add(pools[pool[people]], np.arange(len(people)), 1, 0)
    net.add(person[other], pools[ties.pool[other]], 1, number[other] - saved)
    left, session_left = left_in(part, pool)
    loose = np.flatnonzero(~ties.pool_kept)
    net.both(pools[loose], sessions[loose], left[loose], used[loose])
    loose = np.flatnonzero(~ties.session_kept)
    used = np.bincount(part.pool_session, used, len(session_left)).astype(np.int64)
    net.both(pools[-1] + 1 + loose, sink, session_left[loose], used[loose])
    goes = other[net.flow(engine)[1] > 0]
    seat = pool.copy()
    seat[ties.app[goes]] = ties.pool[goes]
    return seat


def has_rival(part: Part, ties: Ties, pool: Ints, salt: int) -> bool:
    """Say whether there is another plan of the same drawn sum.

    Args:
        part: The component.
        ties: All options of reduced cost 0.
        pool: The pool of each application under rule 3.
        salt: The salt of the draw.

    Raises:
        SolveError: The plan has not the least sum.
    """
    pools, sessions = len(part.pool_seats), len(part.session_seats)
    sink = pools + sessions
    given = pool[ties.app]
    other = given != ties.pool
    app, given, to = ties.app[other], given[other], ties.pool[other]
    who = part.people[app]
    saved = drawn(salt, who, part.pools[given]) - drawn(salt, who, part.pools[to])
    moves = strongest(given, to, saved)
    movable = np.zeros(len(pool), bool)
    movable[ties.app] = True
    used = np.bincount(pool[movable], minlength=pools)
    session_used = np.zeros(sessions, np.int64)
    np.add.at(session_used, part.pool_session, used)
    down = np.concatenate((part.pool_session + pools, np.full(sessions, sink)))
    loose = np.concatenate((~ties.pool_kept, ~ties.session_kept))
    onward = loose & ~np.concatenate(fullness(part, pool))
    backward = loose & (np.concatenate((used, session_used)) > 0)
    node = np.arange(sink)
    tail = np.concatenate((moves[0], node[onward], down[backward]))
    head = np.concatenate((moves[1], down[onward], node[backward]))
    weight = np.concatenate((moves[2], np.zeros(len(tail) - len(moves[0]), np.int64)))
    value = longest(sink + 1, tail, head, weight, np.zeros(sink + 1, np.int64))
    # An arc and its reverse are no cycle: join their ends and look for cycles among the rest.
    both = onward & backward
    joined = labels(sink + 1, node[both], down[both])
    paired = np.concatenate((np.zeros(len(moves[0]), bool), both[onward], both[backward]))
    tight = (value[head] == value[tail] + weight) & ~paired
    return bool(_on_cycles(sink + 1, joined[tail[tight]], joined[head[tight]]).any())


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
