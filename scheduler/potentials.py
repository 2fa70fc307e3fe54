"""Levels and prices: what proves rules 1 and 2, read off the residual graph of a plan.

Everything here is one question: the longest distance from a few given values over the moves that
the plan still allows. Nodes are pools, then sessions, then hubs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.arrays import Flags, Ints
from scheduler.errors import SolveError

if TYPE_CHECKING:
    from scheduler.options import Options
    from scheduler.rounds import Round
    from scheduler.seating import Costs

NEVER = -(2**62)
#: Bits of a number that is not negative.
_WORD = 63


@dataclass(frozen=True, slots=True)
class Seated:
    """A plan being made: who sits where, at which cost.

    Attributes:
        pool: Pool of each application, -1 for none.
        cost: Cost of its seat by `Costs` (0 where it has none).
        movable: Served and not pinned.
    """

    pool: Ints
    cost: Ints
    movable: Flags


def longest(count: int, tail: Ints, head: Ints, weight: Ints, start: Ints) -> Ints:
    """Return the least values >= `start` with value[head] >= value[tail] + weight on every edge.

    Raises:
        SolveError: There is a cycle of positive weight, so that no such values exist.
    """
    value, use = start.astype(np.int64), np.arange(len(head))
    for _ in range(count + 1):
        # Only a node whose value has just grown can make that of another one grow.
        total = value.take(tail.take(use)) + weight.take(use)
        better = np.flatnonzero((total > value.take(head.take(use))) & (total > NEVER // 2))
        if not len(better):
            return value
        ends = head.take(use.take(better))
        np.maximum.at(value, ends, total.take(better))
        grown = np.zeros(count, bool)
        grown[ends] = True
        use = np.flatnonzero(grown.take(tail))
    raise SolveError("the plan can be improved: a cycle of moves costs less than nothing")


def strongest(tail: Ints, head: Ints, weight: Ints) -> tuple[Ints, Ints, Ints]:
    """Keep of parallel edges the one of largest weight; edges come in order of tail and head."""
    if not len(tail):
        return tail, head, weight
    width, low = int(head.max()) + 1, int(weight.min())
    key, over = tail.astype(np.int64) * width + head, weight.astype(np.int64) - low
    bits = int(over.max()).bit_length()
    if int(key.max()).bit_length() + bits < _WORD:
        # Edge and weight in one number are sorted in half the time of places.
        key = np.sort((key << bits) | over)
        key, over = key >> bits, key & ((1 << bits) - 1)
    else:
        order = np.lexsort((over, key))
        key, over = key[order], over[order]
    last = np.flatnonzero(np.concatenate((key[1:] != key[:-1], [True])))
    tail, head = np.divmod(key[last], width)
    return tail, head, over[last] + low


class Residual:
    """The moves a plan still allows, with what they would save."""

    def __init__(self, found: Round, options: Options, costs: Costs, seated: Seated) -> None:
        self.found, self.options = found, options
        pools, sessions = len(found.pools.seats), len(found.sessions.seats)
        self.session_node, self.hub_node = pools, pools + sessions
        self.count = self.hub_node + len(options.hub_start) - 1
        self.pool_full, self.session_full = fullness(found, seated.pool)
        self.occupied = np.bincount(seated.pool[seated.movable], minlength=pools) > 0
        other = seated.pool.take(options.app) != options.pool
        arc = np.flatnonzero(seated.movable.take(options.app) & other)
        app = options.app.take(arc)
        through = np.flatnonzero(seated.movable & (options.hub >= 0))
        hubs = np.repeat(np.arange(len(options.hub_start) - 1), np.diff(options.hub_start))
        self.moves = strongest(
            np.concatenate((seated.pool[app], seated.pool[through], hubs + self.hub_node)),
            np.concatenate(
                (options.pool[arc], options.hub[through] + self.hub_node, options.hub_pool)
            ),
            np.concatenate(
                (
                    seated.cost[app] - costs.arc[arc],
                    seated.cost[through] - costs.hub[through],
                    -options.hub_reserve,
                )
            ),
        )

    def prices(self) -> tuple[Ints, Ints]:
        """Return the least prices of pools and sessions that prove rule 2."""
        pools = np.arange(self.session_node)
        session = self.found.pools.session + self.session_node
        room = ~self.pool_full
        tail, head, weight = self.moves
        start = np.zeros(self.count, np.int64)
        start[self.hub_node :] = NEVER
        value = longest(
            self.count,
            np.concatenate((tail, session, pools[room])),
            np.concatenate((head, pools, session[room])),
            np.concatenate((weight, 0 * pools, 0 * pools[room])),
            start,
        )
        of_session = value[self.session_node : self.hub_node]
        of_pool = value[: self.session_node] - of_session[self.found.pools.session]
        if (of_session[~self.session_full] > 0).any() or (of_pool[room] > 0).any():
            raise SolveError("the plan can be improved: a free seat has a price")
        return of_pool, of_session

    def levels(self, refused: Ints) -> tuple[Ints, Ints]:
        """Return the levels of pools and sessions, 0 for infinite, that prove rule 1."""
        options, rank = self.options, self.found.applications.rank.astype(np.int64)
        pools = np.arange(self.session_node)
        session = self.found.pools.session + self.session_node
        room, back = ~self.pool_full, self.occupied
        tail, head, _ = self.moves
        start = np.full(self.count, NEVER)
        out = np.zeros(len(rank), bool)
        out[refused] = True
        arc = out[options.app]
        np.maximum.at(start, options.pool[arc], -rank[options.app[arc]])
        through = refused[options.hub[refused] >= 0]
        np.maximum.at(start, options.hub[through] + self.hub_node, -rank[through])
        edges = np.concatenate((tail, pools[room], session[back]))
        value = longest(
            self.count,
            edges,
            np.concatenate((head, session[room], pools[back])),
            np.zeros(len(edges), np.int64),
            start,
        )
        level = np.where(value == NEVER, 0, -value)
        return level[: self.session_node], level[self.session_node : self.hub_node]

    def cuts(self, refused: Ints, pool_level: Ints) -> Ints:
        """Return for each refused application the largest level among its options."""
        options = self.options
        by_hub = np.zeros(len(options.hub_start), np.int64)
        hubs = np.repeat(np.arange(len(options.hub_start) - 1), np.diff(options.hub_start))
        np.maximum.at(by_hub, hubs, pool_level[options.hub_pool])
        cut = np.where(options.hub >= 0, by_hub[options.hub], 0)
        np.maximum.at(cut, options.app, pool_level[options.pool])
        return cut[refused]


def seats_left(found: Round, pool: Ints) -> tuple[Ints, Ints]:
    """Return the free seats of each pool and session."""
    taken = pool[pool >= 0]
    in_pool = np.bincount(taken, minlength=len(found.pools.seats))
    in_session = np.bincount(found.pools.session[taken], minlength=len(found.sessions.seats))
    return found.pools.seats - in_pool, found.sessions.seats - in_session


def fullness(found: Round, pool: Ints) -> tuple[Flags, Flags]:
    """Say of each pool and session whether all its seats are taken."""
    in_pool, in_session = seats_left(found, pool)
    return in_pool == 0, in_session == 0
