"""Levels and prices: what proves rules 1 and 2, read off the residual graph of a plan.

Everything here is one question: the longest distance from a few given values over the moves that
the plan still allows. Nodes are pools, then sessions, then hubs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.errors import SolveError

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.part import Part
    from scheduler.rounds import Round

NEVER = -(2**62)
#: Bits of a number that is not negative.
_WORD = 63


@dataclass(frozen=True, slots=True)
class Seated:
    """A plan being made: who sits where, at which cost.

    Attributes:
        pool: Pool of each application, -1 for none.
        cost: Cost of its seat (0 where it has none).
        movable: Who may be moved.
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

    def __init__(self, part: Part, seated: Seated) -> None:
        self.part = part
        pools, sessions = len(part.pool_seats), len(part.session_seats)
        self.session_node, self.hub_node = pools, pools + sessions
        self.count = self.hub_node + part.hubs
        self.pool_full, self.session_full = fullness(part, seated.pool)
        self.occupied = np.bincount(seated.pool[seated.movable], minlength=pools) > 0
        other = seated.pool.take(part.tail) != part.head
        arc = np.flatnonzero(seated.movable.take(part.tail) & other)
        app = part.tail.take(arc)
        through = np.flatnonzero(seated.movable & (part.hub >= 0))
        self.moves = strongest(
            np.concatenate((seated.pool[app], seated.pool[through], part.hub_tail + self.hub_node)),
            np.concatenate((part.head[arc], part.hub[through] + self.hub_node, part.hub_head)),
            np.concatenate(
                (
                    seated.cost[app] - part.cost[arc],
                    seated.cost[through] - part.hub_cost[through],
                    -part.hub_extra,
                )
            ),
        )

    def prices(self) -> tuple[Ints, Ints]:
        """Return the least prices of pools and sessions that prove rule 2."""
        pools = np.arange(self.session_node)
        session = self.part.pool_session + self.session_node
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
        of_pool = value[: self.session_node] - of_session[self.part.pool_session]
        if (of_session[~self.session_full] > 0).any() or (of_pool[room] > 0).any():
            raise SolveError("the plan can be improved: a free seat has a price")
        return of_pool, of_session

    def levels(self, refused: Ints) -> tuple[Ints, Ints]:
        """Return the levels of pools and sessions, 0 for infinite, that prove rule 1."""
        part, rank = self.part, self.part.rank.astype(np.int64)
        pools = np.arange(self.session_node)
        session = part.pool_session + self.session_node
        room, back = ~self.pool_full, self.occupied
        tail, head, _ = self.moves
        start = np.full(self.count, NEVER)
        out = np.zeros(len(rank), bool)
        out[refused] = True
        arc = np.flatnonzero(out.take(part.tail))
        np.maximum.at(start, part.head[arc], -rank[part.tail[arc]])
        through = refused[part.hub[refused] >= 0]
        np.maximum.at(start, part.hub[through] + self.hub_node, -rank[through])
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


def best(part: Part, values: Ints) -> Ints:
    """Return of each application the largest value, at least 0, among the pools it may take."""
    by_hub = np.zeros(part.hubs + 1, np.int64)
    np.maximum.at(by_hub, part.hub_tail, values[part.hub_head])
    found = np.where(part.hub >= 0, by_hub[part.hub], 0)
    np.maximum.at(found, part.tail, values[part.head])
    return np.asarray(found)


def seats_left(found: Round, pool: Ints) -> tuple[Ints, Ints]:
    """Return the free seats of each pool and session of a round."""
    pools = found.pools
    return _left(pools.seats, pools.session, found.sessions.seats, pool)


def left_in(part: Part, pool: Ints) -> tuple[Ints, Ints]:
    """Return the free seats of each pool and session of a part."""
    return _left(part.pool_seats, part.pool_session, part.session_seats, pool)


def fullness(part: Part, pool: Ints) -> tuple[Flags, Flags]:
    """Say of each pool and session whether all its seats are taken."""
    in_pool, in_session = left_in(part, pool)
    return in_pool == 0, in_session == 0


def _left(seats: Ints, session: Ints, session_seats: Ints, pool: Ints) -> tuple[Ints, Ints]:
    taken = np.bincount(pool[pool >= 0], minlength=len(seats))
    in_session = np.zeros(len(session_seats), np.int64)
    np.add.at(in_session, session, taken)
    return seats - taken, session_seats - in_session
