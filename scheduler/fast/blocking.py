"""Seats along ways that cost what prices say, until none is left (Dinic 1970).

A way only leads to nodes of a smaller step, so that it never turns in a ring. A node without such a
way is done until steps are counted anew, which goes on while that seats anybody.
"""

from __future__ import annotations

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.compiled import index, inner
from scheduler.fast.lobby import FAR, NEVER, Lobby
from scheduler.fast.moves import list_moves, sit_down, target
from scheduler.fast.steps import step_anew
from scheduler.fast.tree import SINK


@inner
def seat_some(lobby: Lobby, left: Ints, size: Whole, noted: Whole, path: Ints) -> Whole:
    """Seat whom the prices allow of the first `size` in `left`; return how many stay there.

    `path` is room for a way: nodes, who moves there, and what he and the node's price cost.
    """
    list_moves(lobby, noted)
    for at in range(size):
        lobby.crowd.paid[left[at]] = _least(lobby, np.int64(left[at]))
    while size > 0:
        kept = 0
        for at in range(size):
            person = np.int64(left[at])
            if not _seat(lobby, person, lobby.crowd.paid[person], path):
                left[kept] = person
                kept += 1
        if kept == size:
            break
        size = kept
        step_anew(lobby)
    return size


@inner
def _least(lobby: Lobby, person: Whole) -> Whole:
    """Return what the cheapest option of somebody costs, its price included."""
    field, ways, count = lobby.field, lobby.ways, len(lobby.bins.onto)
    least = FAR
    for way in range(index(ways.start[person]), index(ways.start[person + 1])):
        pool = index(ways.pool[way])
        if field.step[pool] != NEVER:
            least = min(least, ways.cost[way] + field.price[pool])
    hub = ways.hub[person]
    if hub >= 0 and field.step[count + hub] != NEVER:
        least = min(least, ways.hub_cost[person] + field.price[count + hub])
    return least


@inner
def _seat(lobby: Lobby, person: Whole, total: Whole, path: Ints) -> Truth:
    """Seat somebody at a cost, moving others on, if there is a way."""
    while True:
        node = _option(lobby, person, total)
        if node == SINK:
            return False
        path[0, 0], path[1, 0], path[2, 0] = node, person, total
        if _walk(lobby, path):
            return True


@inner
def _option(lobby: Lobby, person: Whole, total: Whole) -> Whole:
    """Return an option of somebody at a cost that is not done, or 0."""
    field, ways, count = lobby.field, lobby.ways, len(lobby.bins.onto)
    for way in range(index(ways.start[person]), index(ways.start[person + 1])):
        pool = index(ways.pool[way])
        same = ways.cost[way] + field.price[pool] == total
        if same and not field.done[pool]:
            return np.int64(pool)
    if ways.hub[person] >= 0:
        hub = count + ways.hub[person]
        same = ways.hub_cost[person] + field.price[hub] == total
        if same and not field.done[hub]:
            return np.int64(hub)
    return np.int64(SINK)


@inner
def _walk(lobby: Lobby, path: Ints) -> Truth:
    """Follow a way from its first node; move everybody along it if it ends at a free seat."""
    bins, field, last = lobby.bins, lobby.field, 0
    while last >= 0:
        node = path[0, last]
        session = node < len(bins.onto) and bins.onto[node] == SINK
        if session and lobby.crowd.taken[node] < bins.room[node]:
            _move_all(lobby, path, last)
            return True
        to, who, total = _next(lobby, node)
        if to != SINK:
            last += 1
            path[0, last], path[1, last], path[2, last] = to, who, total
            continue
        field.done[node] = True
        last -= 1
    return False


@inner
def _next(lobby: Lobby, node: Whole) -> tuple[Whole, Whole, Whole]:
    """Return the next node of a way, who would move there and at what cost; (0, -1, 0): none."""
    field, bins, lists = lobby.field, lobby.bins, lobby.lists
    if node < len(bins.onto) and bins.onto[node] != SINK:
        return _next_of_pool(lobby, node)
    price, step = field.price[node], field.step[node]
    for place in range(field.place[node], lists.start[node + 1]):
        pool = lists.pool[place]
        same = field.price[pool] + lists.extra[place] == price
        if same and field.step[pool] < step and not field.done[pool]:
            field.place[node] = place
            return np.int64(pool), np.int64(-1), np.int64(0)
    field.place[node] = lists.start[node + 1]
    return np.int64(SINK), np.int64(-1), np.int64(0)


@inner
def _next_of_pool(lobby: Lobby, node: Whole) -> tuple[Whole, Whole, Whole]:
    """Return what `_next` does, of a pool: its session, or where one of its people would go."""
    field, crowd, moves = lobby.field, lobby.crowd, lobby.moves
    price, step, above = field.price[node], np.int64(field.step[node]), lobby.bins.onto[node]
    free = crowd.taken[node] < lobby.bins.room[node] and field.price[above] == price
    if free and field.step[above] < step and not field.done[above]:
        return np.int64(above), np.int64(-1), np.int64(0)
    move = np.int64(field.place[node])
    while move >= 0:
        to = target(lobby, move)
        if field.step[to] < step and not field.done[to]:
            field.place[node] = move
            person = np.int64(moves.who[move])
            return to, person, crowd.paid[person] + price
        move = np.int64(moves.after[move])
    field.place[node] = -1
    return np.int64(SINK), np.int64(-1), np.int64(0)


@inner
def _move_all(lobby: Lobby, path: Ints, last: Whole) -> None:
    """Let everybody on a way take the next pool of it."""
    count = len(lobby.bins.onto)
    for at in range(last + 1):
        who = path[1, at]
        if who >= 0:
            pool = path[0, at] if path[0, at] < count else path[0, at + 1]
            sit_down(lobby, who, pool, path[2, at] - lobby.field.price[pool])
