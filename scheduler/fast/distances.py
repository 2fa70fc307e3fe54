"""How far free seats are from every pool, session and hub: Dijkstra's search, backwards.

Only by how much a price grows is searched for, as every price so far is a bound on the next one
(Johnson 1977). Most grow by nothing and wait in a queue; the others in a heap.
"""

from __future__ import annotations

import numpy as np

from scheduler.arrays import Whole
from scheduler.fast.compiled import index, inner
from scheduler.fast.lobby import FAR, NEVER, Field, Lobby
from scheduler.fast.tree import SINK


@inner
def measure(lobby: Lobby, before: Whole, dear: Whole) -> tuple[Whole, Whole]:
    """Set prices, steps and ways for the seats that are free now; return how many nodes have a way.

    These stand first in the queue, each after the one that its way goes on to. Returned as well is
    how many moves are noted, among them all that cost what the new prices say. Who has no way now
    will never have one. If they are more than `before`, all of them become dearer than any way:
    those who have lost theirs earlier stay dearer than the others by as much.
    """
    field, bins, crowd = lobby.field, lobby.bins, lobby.crowd
    field.far[:] = FAR
    field.far[SINK] = -FAR
    field.step[:] = NEVER
    held, waiting, first, grown, noted = 0, 0, 0, np.int64(0), 0
    for node in range(1, len(bins.onto)):
        if bins.onto[node] == SINK and crowd.taken[node] < bins.room[node]:
            field.far[node], field.step[node] = 0, 0
            field.via[node], field.onward[node] = -1, SINK
            field.queue[held] = node
            held += 1
    while True:
        if first == held:
            if waiting == 0:
                break
            node = np.int64(field.heap[0])
            waiting = _take_first(field, waiting)
            grown = field.far[node] - field.price[node]
            field.step[node] = field.step[field.onward[node]] + 1
            field.queue[held] = node
            held += 1
        node = np.int64(field.queue[first])
        held, waiting, noted = _spread(lobby, node, grown, held, waiting, noted)
        first += 1
    _begin(lobby, dear if held < before else np.int64(0))
    return held, noted


@inner
def _begin(lobby: Lobby, dear: Whole) -> None:
    """Take the new prices over and let every node look for ways from its first."""
    field = lobby.field
    for node in range(1, len(field.price)):
        if field.step[node] != NEVER:
            field.price[node] = field.far[node]
        else:
            field.price[node] += dear
        field.done[node] = field.step[node] == NEVER
        field.place[node] = lobby.lists.start[node]


@inner
def _spread(
    lobby: Lobby, node: Whole, grown: Whole, held: Whole, waiting: Whole, noted: Whole
) -> tuple[Whole, Whole, Whole]:
    """Reach whatever has a way to a node; return how many are in queue and heap, and noted."""
    field, crowd, takers = lobby.field, lobby.crowd, lobby.takers
    far, count, here = field.far, len(lobby.bins.onto), field.far[node]
    if node >= count:
        for person in range(takers.first[node - count], takers.first[node - count + 1]):
            total = here + lobby.ways.hub_cost[index(person)] - crowd.paid[index(person)]
            seat = crowd.seat[index(person)]
            lobby.moves.noted[index(noted)] = len(lobby.ways.pool) + person
            noted += np.int64(total <= far[index(seat)])
            if total < far[index(seat)]:
                held, waiting = _reach(field, seat, total, person, node, grown, held, waiting)
        return held, waiting, noted
    above = lobby.bins.onto[node]
    if above == SINK:
        for at in range(lobby.lists.start[node], lobby.lists.start[node + 1]):
            pool = lobby.lists.pool[at]
            if here < far[pool] and crowd.taken[pool] < lobby.bins.room[pool]:
                held, waiting = _reach(field, pool, here, -1, node, grown, held, waiting)
        return held, waiting, noted
    if here < far[above] and crowd.taken[node] > 0:
        held, waiting = _reach(field, above, here, -1, node, grown, held, waiting)
    for at in range(takers.hub_start[node], takers.hub_start[node + 1]):
        total, hub = here + takers.hub_extra[at], count + takers.hub[at]
        if total < far[hub]:
            held, waiting = _reach(field, hub, total, -1, node, grown, held, waiting)
    for at in range(index(takers.start[node]), index(takers.start[node + 1])):
        person = np.int64(takers.person[at])
        total = here + takers.cost[at] - crowd.paid[index(person)]
        seat = np.int64(crowd.seat[index(person)])
        # Not a branch: it would be foreseen wrongly too often.
        lobby.moves.noted[index(noted)] = takers.way[at]
        noted += np.int64(total <= far[index(seat)]) & np.int64(seat != node)
        if total < far[index(seat)]:
            held, waiting = _reach(field, seat, total, person, node, grown, held, waiting)
    return held, waiting, noted


@inner
def _reach(
    field: Field,
    node: Whole,
    total: Whole,
    via: Whole,
    onward: Whole,
    grown: Whole,
    held: Whole,
    waiting: Whole,
) -> tuple[Whole, Whole]:
    """Write a shorter way down and let its node wait; return how many are in queue and heap."""
    new = field.far[node] == FAR
    field.far[node], field.via[node], field.onward[node] = total, via, onward
    at = waiting if new else np.int64(field.spot[node])
    if total - field.price[node] > grown:
        _rise(field, node, at)
        return held, waiting + new
    if not new:
        waiting = _take_out(field, at, waiting)
    field.step[node] = field.step[onward] + 1
    field.queue[held] = node
    return held + 1, waiting


@inner
def _key(field: Field, node: Whole) -> Whole:
    """Return by how much the price of a node would grow."""
    return field.far[node] - field.price[node]


@inner
def _rise(field: Field, node: Whole, at: Whole) -> None:
    """Put a node into the heap at a place or above it."""
    key = _key(field, node)
    while at > 0:
        above = (at - 1) >> 1
        other = field.heap[above]
        if _key(field, other) <= key:
            break
        field.heap[at], field.spot[other] = other, at
        at = above
    field.heap[at], field.spot[node] = node, at


@inner
def _take_first(field: Field, waiting: Whole) -> Whole:
    """Take the first node out of the heap; return how many are left."""
    return _take_out(field, np.int64(0), waiting)


@inner
def _take_out(field: Field, at: Whole, waiting: Whole) -> Whole:
    """Take the node at a place out of the heap; return how many are left."""
    last = waiting - 1
    node = np.int64(field.heap[last])
    if at == last:
        return last
    key = _key(field, node)
    while True:
        below = 2 * at + 1
        if below >= last:
            break
        if below + 1 < last and _key(field, field.heap[below + 1]) < _key(field, field.heap[below]):
            below += 1
        if _key(field, field.heap[below]) >= key:
            break
        field.heap[at], field.spot[field.heap[below]] = field.heap[below], at
        at = below
    _rise(field, node, at)
    return last
