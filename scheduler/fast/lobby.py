"""What the search for nearest free seats knows: who sits where, and how far a free seat is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Flags, Ints
from scheduler.fast.cheapest import Ways
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.tree import SINK, Bins, Seating

#: The `step` of nodes from which no free seat can be reached.
NEVER = 2**30
#: Farther than any way.
FAR = np.int64(2**62)


class Takers(NamedTuple):
    """Who has which option: `Ways` the other way round, of those who are to be seated.

    The people of pool p, their ways to it and what it costs them stand from `start[p]` to
    `start[p + 1]`, its hubs and their extra costs likewise; the people of hub h are `first[h]` to
    `first[h + 1]`. The hubs whose cheapest pool it is at the prices of now are
    `cheap[cheap_start[p]:cheap_start[p + 1]]`.
    """

    start: Ints
    person: Ints
    way: Ints
    cost: Ints
    hub_start: Ints
    hub: Ints
    hub_extra: Ints
    first: Ints
    cheap_start: Ints
    cheap: Ints


class Crowd(NamedTuple):
    """Who sits where; `taken` counts by pool and session.

    `paid` is what a seat costs; of those who wait what their cheapest option does, its price
    included.
    """

    seat: Ints
    paid: Ints
    taken: Ints


class Moves(NamedTuple):
    """Who could go elsewhere from his seat at the same cost, prices included.

    Each way is one move, of its person in `who`; the moves into hubs come after all ways, one for
    every person. `head` lists the moves out of a pool, through `after` and `before`; `into` those
    into a pool or hub, through `later` and `sooner`. `noted` is room for those to be listed.
    """

    who: Ints
    head: Ints
    after: Ints
    before: Ints
    into: Ints
    later: Ints
    sooner: Ints
    noted: Ints


class Field(NamedTuple):
    """How far free seats are; columns over pools and sessions as in `Bins`, hubs after them.

    `price` is the cost of the cheapest way to a free seat, `far` the same while it is worked out
    anew. `step` grows along every way that is looked at, away from the free seats. The cheapest way
    goes on to `onward`, by `via` moving there (-1: nobody moves). A node goes on looking for a way
    at `place`, and is `done` when it has none. `queue`, `heap` and `spot` are room to search in.
    """

    price: Ints
    far: Ints
    step: Ints
    via: Ints
    onward: Ints
    place: Ints
    done: Flags
    queue: Ints
    heap: Ints
    spot: Ints


class Lists(NamedTuple):
    """The pools of every session and hub: `pool[start[node]:start[node + 1]]`, at extra costs."""

    start: Ints
    pool: Ints
    extra: Ints


class Lobby(NamedTuple):
    """All of it together."""

    bins: Bins
    ways: Ways
    lists: Lists
    takers: Takers
    crowd: Crowd
    moves: Moves
    field: Field


@compiled
def open_lobby(
    bins: Bins, sits: Seating, ways: Ways, pools: tuple[Ints, Ints], turn: Ints
) -> Lobby:
    """Return the lobby with those in `turn` waiting and every seat free but those of the pinned."""
    nodes, people, hubs = len(bins.onto), len(sits.seat), len(ways.hub_start) - 1
    size = nodes + hubs
    takers = Takers(
        np.zeros(nodes + 2, np.int32),
        np.empty(len(ways.pool), np.int32),
        np.empty(len(ways.pool), np.int32),
        np.empty(len(ways.pool), np.int64),
        np.zeros(nodes + 2, np.int32),
        np.empty(len(ways.hub_pool), np.int32),
        np.empty(len(ways.hub_pool), np.int64),
        np.zeros(hubs + 1, np.int32),
        np.zeros(nodes + 1, np.int32),
        np.empty(len(ways.hub_pool) + 1, np.int32),
    )
    _list_takers(ways, turn, takers)
    crowd = Crowd(
        sits.seat,
        sits.paid,
        np.zeros(nodes, np.int64),
    )
    most = len(ways.pool) + people
    moves = Moves(
        np.empty(most, np.int32),
        np.full(nodes, -1, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.full(size, -1, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most + 1, np.int32),
    )
    _name_movers(ways, moves)
    field = Field(
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.full(size, NEVER, np.int32),
        np.full(size, -1, np.int32),
        np.full(size, SINK, np.int32),
        np.zeros(size, np.int32),
        np.zeros(size, np.bool_),
        np.zeros(size, np.int32),
        np.zeros(size + 1, np.int32),
        np.zeros(size, np.int32),
    )
    sits.seat[turn] = SINK
    listed = len(pools[1])
    lists = Lists(
        np.full(size + 1, listed, np.int64),
        np.concatenate((pools[1], ways.hub_pool)),
        np.zeros(listed + len(ways.hub_pool), np.int64),
    )
    lists.start[: len(pools[0])] = pools[0]
    lists.start[nodes:] = listed + ways.hub_start
    lists.extra[listed:] = ways.hub_extra
    return Lobby(bins, ways, lists, takers, crowd, moves, field)


@inner
def _list_takers(ways: Ways, turn: Ints, found: Takers) -> None:
    """Do for single wishes, for hubs and for those who take them what `Takers` says."""
    _list_people(ways, turn, found)
    _list_hubs(ways, found)
    # Those of one hub stand together, after all who have none.
    for person in range(len(ways.hub)):
        found.first[ways.hub[person] + 1] += 1
    for hub in range(len(found.first) - 1):
        found.first[hub + 1] += found.first[hub]


@inner
def _list_people(ways: Ways, turn: Ints, found: Takers) -> None:
    """Sort the ways of people by pool, counting."""
    for person in turn:
        for way in range(ways.start[person], ways.start[person + 1]):
            found.start[ways.pool[way] + 2] += 1
    for node in range(len(found.start) - 1):
        found.start[node + 1] += found.start[node]
    for person in turn:
        for way in range(ways.start[person], ways.start[person + 1]):
            pool = ways.pool[way]
            at = found.start[pool + 1]
            found.person[at], found.way[at], found.cost[at] = person, way, ways.cost[way]
            found.start[pool + 1] = at + 1


@inner
def _name_movers(ways: Ways, moves: Moves) -> None:
    """Write down whose every move is."""
    for person in range(len(ways.hub)):
        moves.who[len(ways.pool) + person] = person
        for way in range(ways.start[person], ways.start[person + 1]):
            moves.who[way] = person


@inner
def _list_hubs(ways: Ways, found: Takers) -> None:
    """Sort the ways of hubs by pool, counting."""
    for pool in ways.hub_pool:
        found.hub_start[pool + 2] += 1
    for node in range(len(found.hub_start) - 1):
        found.hub_start[node + 1] += found.hub_start[node]
    for hub in range(len(found.first) - 1):
        for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
            pool = ways.hub_pool[way]
            at = found.hub_start[pool + 1]
            found.hub[at], found.hub_extra[at] = hub, ways.hub_extra[way]
            found.hub_start[pool + 1] = at + 1
