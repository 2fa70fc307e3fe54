"""From where a free seat is reached at the cost that prices say, and in how many steps."""

from __future__ import annotations

import numpy as np

from scheduler.arrays import Whole
from scheduler.fast.compiled import inner
from scheduler.fast.lobby import Lobby
from scheduler.fast.tree import SINK


@inner
def step_anew(lobby: Lobby) -> None:
    """Let every node from which a free seat can be reached at its price look for ways again."""
    field, bins, crowd, held, first = lobby.field, lobby.bins, lobby.crowd, 0, 0
    field.done[:] = True
    for node in range(1, len(bins.onto)):
        if bins.onto[node] == SINK and crowd.taken[node] < bins.room[node]:
            held = _reach(lobby, np.int64(node), np.int64(0), held)
    while first < held:
        held = _spread(lobby, np.int64(field.queue[first]), held)
        first += 1


@inner
def _spread(lobby: Lobby, node: Whole, held: Whole) -> Whole:
    """Reach whatever can go on to a node at the cost that prices say; return the queue's length."""
    field, bins, crowd, moves = lobby.field, lobby.bins, lobby.crowd, lobby.moves
    count, price, step = len(bins.onto), field.price[node], np.int64(field.step[node]) + 1
    if node < count and bins.onto[node] == SINK:
        for at in range(lobby.lists.start[node], lobby.lists.start[node + 1]):
            pool = np.int64(lobby.lists.pool[at])
            same = field.price[pool] == price and crowd.taken[pool] < bins.room[pool]
            if same and field.done[pool]:
                held = _reach(lobby, pool, step, held)
        return held
    if node < count:
        above, takers = np.int64(bins.onto[node]), lobby.takers
        if field.done[above] and crowd.taken[node] > 0 and field.price[above] == price:
            held = _reach(lobby, above, step, held)
        for at in range(takers.cheap_start[node], takers.cheap_start[node + 1]):
            hub = np.int64(count + takers.cheap[at])
            if field.done[hub]:
                held = _reach(lobby, hub, step, held)
    move = np.int64(moves.into[node])
    while move >= 0:
        seat = np.int64(crowd.seat[moves.who[move]])
        if field.done[seat]:
            held = _reach(lobby, seat, step, held)
        move = np.int64(moves.later[move])
    return held


@inner
def _reach(lobby: Lobby, node: Whole, step: Whole, held: Whole) -> Whole:
    """Let a node look for ways from its first, and wait in the queue; return its length."""
    field, count = lobby.field, len(lobby.bins.onto)
    field.done[node], field.step[node], field.queue[held] = False, step, node
    if node < count and lobby.bins.onto[node] != SINK:
        field.place[node] = lobby.moves.head[node]
    else:
        field.place[node] = lobby.lists.start[node]
    return held + 1
