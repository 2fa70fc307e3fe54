"""Rule 1: down the ranks, seat whoever can be seated together with all before.

Those seated before move along a shortest way to a free seat. Every pool, session and hub knows how
far a free seat is at least; these distances only ever grow (Goldberg and Tarjan 1988, Ahuja and
Orlin 1991), so that each is worked out a few times only. If no way of some length is left, nothing
farther off has a way either.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.cheapest import Ways
from scheduler.fast.compiled import compiled, index, inner
from scheduler.fast.seats import enter, leave
from scheduler.fast.tree import SINK


class Hall(NamedTuple):
    """Who sits where while the ranks are gone through.

    `onto`, `taken` and `room` run over nodes as in `Bins`; pools have the nodes of `pool_start` of
    their session. `head` lists who may move in a pool, through `after` and `before`. `away` is the
    distance of a node, hubs after all bins, and `level` counts the nodes of each distance.
    """

    onto: Ints
    taken: Ints
    room: Ints
    pool_start: Ints
    pool_list: Ints
    seat: Ints
    head: Ints
    after: Ints
    before: Ints
    away: Ints
    level: Ints


class Path(NamedTuple):
    """A way being looked for: nodes, and who would go there (-1: nobody moves)."""

    node: Ints
    who: Ints


@compiled
def serve(hall: Hall, ways: Ways, turn: Ints) -> None:
    """Seat those in `turn`, best rank first; who cannot be seated keeps seat 0."""
    size = len(hall.away) + 2
    _serve_all(hall, ways, turn, Path(np.zeros(size, np.int32), np.zeros(size, np.int32)))


@inner
def _serve_all(hall: Hall, ways: Ways, turn: Ints, path: Path) -> None:
    """Do what `serve` says."""
    _measure(hall, ways)
    for person in turn:
        while True:
            node = _nearest(hall, ways, person)
            if node == SINK:
                break
            if _is_free(hall, node):
                _sit_down(hall, person, node)
                break
            path.node[0], path.who[0] = node, person
            if _reach(hall, ways, path):
                break


@inner
def _is_free(hall: Hall, node: Whole) -> Truth:
    """Say whether a node is a pool with a seat that nobody need leave."""
    if node >= len(hall.onto) or hall.taken[node] >= hall.room[node]:
        return False
    above = hall.onto[node]
    return hall.taken[above] < hall.room[above]


@inner
def _measure(hall: Hall, ways: Ways) -> None:
    """Set the distances while nobody who may move is seated."""
    bins = len(hall.onto)
    never = len(hall.away)
    hall.away[:] = never
    for node in range(1, bins):
        above = hall.onto[node]
        if hall.taken[node] < hall.room[node]:
            if above == SINK:
                hall.away[node] = 1
            elif hall.away[above] == 1:
                hall.away[node] = 2
    for hub in range(len(ways.hub_start) - 1):
        for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
            if hall.away[ways.hub_pool[way]] == 2:
                hall.away[bins + hub] = 3
    for node in range(1, len(hall.away)):
        hall.level[hall.away[node]] += 1


@inner
def _nearest(hall: Hall, ways: Ways, person: Whole) -> Whole:
    """Return the nearest node an application may take, the cheapest of equals; 0 for none."""
    best, distance, price = SINK, np.int64(len(hall.away)), np.int64(0)
    for way in range(index(ways.start[person]), index(ways.start[person + 1])):
        pool = index(ways.pool[way])
        away = np.int64(hall.away[pool])
        if away < distance or (away == distance and ways.cost[way] < price):
            best, distance, price = np.int64(pool), away, ways.cost[way]
    hub = ways.hub[person]
    if hub >= 0 and hall.away[len(hall.onto) + hub] < distance:
        best = np.int64(len(hall.onto) + hub)
    if distance == len(hall.away) and best < len(hall.onto):
        return SINK
    return best


@inner
def _reach(hall: Hall, ways: Ways, path: Path) -> Truth:
    """Follow a way from its first node; seat all on it if it ends at a free seat."""
    last = 0
    while last >= 0:
        node = path.node[last]
        if hall.away[node] == 1 and hall.taken[node] < hall.room[node]:
            _seat_all(hall, path, last)
            return True
        to, who, nearest = _next(hall, ways, node)
        if nearest == hall.away[node] - 1:
            last += 1
            path.node[last], path.who[last] = to, who
        else:
            _farther(hall, node, nearest + 1)
            last -= 1
    return False


@inner
def _next(hall: Hall, ways: Ways, node: Whole) -> tuple[Whole, Whole, Whole]:
    """Return the nearest node after another, who would go there, and its distance."""
    bins = len(hall.onto)
    wanted = hall.away[node] - 1
    to, who, nearest = 0, -1, len(hall.away)
    if node >= bins:
        hub = node - bins
        for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
            pool = ways.hub_pool[way]
            if hall.away[pool] < nearest:
                to, nearest = pool, hall.away[pool]
                if nearest == wanted:
                    break
        return to, who, nearest
    above = hall.onto[node]
    if above == SINK:
        for place in range(hall.pool_start[node], hall.pool_start[node + 1]):
            pool = hall.pool_list[place]
            if hall.head[pool] >= 0 and hall.away[pool] < nearest:
                to, nearest = pool, hall.away[pool]
        return to, who, nearest
    if hall.taken[node] < hall.room[node] and hall.away[above] < nearest:
        to, nearest = above, hall.away[above]
    person = hall.head[node]
    while person >= 0 and nearest > wanted:
        for way in range(ways.start[person], ways.start[person + 1]):
            pool = ways.pool[way]
            if hall.away[pool] < nearest:
                to, who, nearest = pool, person, hall.away[pool]
        hub = ways.hub[person]
        if hub >= 0 and hall.away[bins + hub] < nearest:
            to, who, nearest = bins + hub, person, hall.away[bins + hub]
        person = hall.after[person]
    return to, who, nearest


@inner
def _farther(hall: Hall, node: Whole, away: Whole) -> None:
    """Set a larger distance; where it leaves a gap nothing beyond has a way any more."""
    never = len(hall.away)
    old = hall.away[node]
    away = min(away, never)
    hall.level[old] -= 1
    hall.away[node] = away
    hall.level[away] += 1
    if hall.level[old] > 0 or old >= never:
        return
    for other in range(1, never):
        if old < hall.away[other] < never:
            hall.level[hall.away[other]] -= 1
            hall.away[other] = never
            hall.level[never] += 1


@inner
def _seat_all(hall: Hall, path: Path, last: Whole) -> None:
    """Let everybody on a way take the next pool of it."""
    bins = len(hall.onto)
    for place in range(last + 1):
        who = path.who[place]
        if who < 0:
            continue
        pool = path.node[place]
        if pool >= bins:
            pool = path.node[place + 1]
        _sit_down(hall, who, pool)


@inner
def _sit_down(hall: Hall, who: Whole, pool: Whole) -> None:
    """Let somebody leave his seat, if he has one, and take another."""
    old = hall.seat[who]
    if old != SINK:
        leave(hall.head, hall.after, hall.before, who, old)
        hall.taken[old] -= 1
        hall.taken[hall.onto[old]] -= 1
    hall.seat[who] = pool
    hall.taken[pool] += 1
    hall.taken[hall.onto[pool]] += 1
    enter(hall.head, hall.after, hall.before, who, pool)
