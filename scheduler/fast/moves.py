"""Who could go elsewhere at the cost of his seat: the tight ways of those who sit, pool by pool.

They are listed anew for each round of prices, as the search for these has met them, and follow
everybody who moves. So a search for a way looks only at ways that cost what prices say.
"""

from __future__ import annotations

import numpy as np

from scheduler.arrays import Whole
from scheduler.fast.compiled import index, inner
from scheduler.fast.lobby import NEVER, Lobby
from scheduler.fast.seats import enter, leave
from scheduler.fast.tree import SINK


@inner
def list_moves(lobby: Lobby, noted: Whole) -> None:
    """List those of the noted moves that cost what the prices of now say."""
    crowd, field, moves, ways = lobby.crowd, lobby.field, lobby.moves, lobby.ways
    moves.head[:] = -1
    moves.into[:] = -1
    for at in range(noted):
        move = np.int64(moves.noted[at])
        person, to = np.int64(moves.who[move]), target(lobby, move)
        seat, hub = np.int64(crowd.seat[person]), move >= len(ways.pool)
        cost = ways.hub_cost[person] if hub else ways.cost[move]
        if cost + field.price[to] == crowd.paid[person] + field.price[seat]:
            enter(moves.head, moves.after, moves.before, move, seat)
            enter(moves.into, moves.later, moves.sooner, move, to)
    for node in range(1, len(moves.head)):
        if lobby.bins.onto[node] != SINK:
            field.place[node] = moves.head[node]
    _list_hubs(lobby)


@inner
def _list_hubs(lobby: Lobby) -> None:
    """List by pool the hubs whose cheapest pool it is."""
    takers, price, count, held = lobby.takers, lobby.field.price, len(lobby.bins.onto), 0
    for node in range(count):
        for at in range(index(takers.hub_start[node]), index(takers.hub_start[node + 1])):
            hub = np.int64(takers.hub[at])
            takers.cheap[held] = hub
            held += np.int64(price[node] + takers.hub_extra[at] == price[index(count + hub)])
        takers.cheap_start[node + 1] = held


@inner
def target(lobby: Lobby, move: Whole) -> Whole:
    """Return the pool or hub into which a move leads."""
    ways = lobby.ways
    if move < len(ways.pool):
        return np.int64(ways.pool[move])
    return np.int64(len(lobby.bins.onto) + ways.hub[move - len(ways.pool)])


@inner
def sit_down(lobby: Lobby, who: Whole, pool: Whole, paid: Whole) -> None:
    """Let somebody leave his seat, if he has one, and take another that costs the same."""
    crowd, onto, ways, field = lobby.crowd, lobby.bins.onto, lobby.ways, lobby.field
    old, total = np.int64(crowd.seat[who]), paid + field.price[pool]
    for way in range(index(ways.start[who]), index(ways.start[who + 1])):
        to = index(ways.pool[way])
        if ways.cost[way] + field.price[to] == total and field.step[to] != NEVER:
            _go_on(lobby, np.int64(way), old, pool, np.int64(to))
    if ways.hub[who] >= 0:
        hub = len(onto) + ways.hub[who]
        if ways.hub_cost[who] + field.price[hub] == total and field.step[hub] != NEVER:
            _go_on(lobby, np.int64(len(ways.pool) + who), old, pool, np.int64(hub))
    if old != SINK:
        crowd.taken[old] -= 1
        crowd.taken[onto[old]] -= 1
    crowd.seat[who], crowd.paid[who] = pool, paid
    crowd.taken[pool] += 1
    crowd.taken[onto[pool]] += 1


@inner
def _go_on(lobby: Lobby, move: Whole, old: Whole, new: Whole, to: Whole) -> None:
    """Let a move begin at another seat, where somebody goes; the search goes on after it."""
    moves, place = lobby.moves, lobby.field.place
    if old not in (SINK, to):
        if place[old] == move:
            place[old] = moves.after[move]
        leave(moves.head, moves.after, moves.before, move, old)
        if to == new:
            leave(moves.into, moves.later, moves.sooner, move, to)
    if to != new:
        enter(moves.head, moves.after, moves.before, move, new)
        if old in (SINK, to):
            enter(moves.into, moves.later, moves.sooner, move, to)
