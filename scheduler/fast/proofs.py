"""What proves a plan of one component: levels for rule 1 and the least prices for rule 2.

Both only ask who sits where, not how the seats were found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Ints, Whole
from scheduler.fast.cheapest import Ways
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.tree import SINK, Bins, Seating


class Rows(NamedTuple):
    """Who may move in each pool: `person[start[node]:start[node + 1]]`; and a queue of nodes."""

    start: Ints
    person: Ints
    queue: Ints


@compiled
def seat_rows(sits: Seating, turn: Ints, hubs: Whole) -> Rows:
    """List those in `turn` by their seats."""
    start = np.zeros(sits.people + 2, np.int32)
    people = np.empty(len(turn), np.int32)
    _list_by_seat(sits, turn, start, people)
    return Rows(start, people, np.zeros(sits.people + hubs, np.int32))


@inner
def _list_by_seat(sits: Seating, turn: Ints, start: Ints, people: Ints) -> None:
    """Sort people by seat, counting."""
    for person in turn:
        start[sits.seat[person] + 2] += 1
    for node in range(sits.people + 1):
        start[node + 1] += start[node]
    for person in turn:
        seat = sits.seat[person]
        people[start[seat + 1]] = person
        start[seat + 1] += 1


@compiled
def levels(
    bins: Bins, rows: Rows, ways: Ways, pools: tuple[Ints, Ints], refused: Ints, rank: Ints
) -> Ints:
    """Return the level of every node, 0 for none: the rank of the refused who first reach it.

    Args:
        bins: Pools and sessions with the seats that are taken.
        rows: Who may move in each pool.
        ways: Everybody's options.
        pools: Of each session, where its pools start in the list, and the list.
        refused: Applications without a seat, best rank first.
        rank: Of each application.
    """
    level = np.zeros(len(rows.queue), np.int32)
    _levels(bins, rows, ways, pools, refused, rank, level)
    return level


@inner
def _levels(
    bins: Bins,
    rows: Rows,
    ways: Ways,
    pools: tuple[Ints, Ints],
    refused: Ints,
    rank: Ints,
    level: Ints,
) -> None:
    """Go on from every refused person in turn."""
    for person in refused:
        end = _stamp(level, rows.queue, 0, ways, person, rank[person], len(bins.onto))
        _spread(bins, rows, ways, pools, rank[person], level, end)


@inner
def _spread(
    bins: Bins,
    rows: Rows,
    ways: Ways,
    pools: tuple[Ints, Ints],
    rank: Whole,
    level: Ints,
    end: Whole,
) -> None:
    """Stamp whatever can be reached from the nodes that wait in the queue."""
    count = len(bins.onto)
    place = 0
    while place < end:
        node = rows.queue[place]
        place += 1
        if node >= count:
            hub = node - count
            for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
                end = _visit(level, rows.queue, end, ways.hub_pool[way], rank)
        elif bins.onto[node] == SINK:
            for at in range(pools[0][node], pools[0][node + 1]):
                pool = pools[1][at]
                if rows.start[pool] < rows.start[pool + 1]:
                    end = _visit(level, rows.queue, end, pool, rank)
        else:
            if bins.flow[node] < bins.room[node]:
                end = _visit(level, rows.queue, end, bins.onto[node], rank)
            for at in range(rows.start[node], rows.start[node + 1]):
                end = _stamp(level, rows.queue, end, ways, rows.person[at], rank, count)


@inner
def _visit(level: Ints, queue: Ints, end: Whole, node: Whole, rank: Whole) -> Whole:
    """Stamp a node that has no level and queue it; return the new end of the queue."""
    if level[node] > 0:
        return end
    level[node] = rank
    queue[end] = node
    return end + 1


@inner
def _stamp(
    level: Ints, queue: Ints, end: Whole, ways: Ways, person: Whole, rank: Whole, count: Whole
) -> Whole:
    """Stamp all options of a person; return the new end of the queue."""
    for way in range(ways.start[person], ways.start[person + 1]):
        end = _visit(level, queue, end, ways.pool[way], rank)
    if ways.hub[person] >= 0:
        end = _visit(level, queue, end, count + ways.hub[person], rank)
    return end


@compiled
def prices(bins: Bins, rows: Rows, ways: Ways, pools: tuple[Ints, Ints], paid: Ints) -> Ints:
    """Return the least price of every node: of a session its own, of a pool both together.

    Nodes whose price has grown wait in a ring until what follows from it is worked out.
    """
    count = len(bins.onto)
    value = np.zeros(len(rows.queue), np.int64)
    value[count:] = -(2**62)
    _prices(bins, rows, ways, pools, paid, value, np.zeros(len(rows.queue), np.bool_))
    return value


@inner
def _prices(
    bins: Bins,
    rows: Rows,
    ways: Ways,
    pools: tuple[Ints, Ints],
    paid: Ints,
    value: Ints,
    waits: Ints,
) -> None:
    """Raise values until nobody would rather move."""
    count = len(bins.onto)
    ring, length = rows.queue, len(rows.queue)
    first, held = 0, 0
    for node in range(1, count):
        if bins.onto[node] != SINK:
            ring[held], waits[node] = node, True
            held += 1
    while held:
        node = ring[first]
        first = first + 1 if first + 1 < length else 0
        held -= 1
        waits[node] = False
        here = value[node]
        if node >= count:
            hub = node - count
            for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
                pool, grown = ways.hub_pool[way], here - ways.hub_extra[way]
                if grown > value[pool]:
                    value[pool] = grown
                    held = _queue(ring, waits, first, held, pool)
        elif bins.onto[node] == SINK:
            for at in range(pools[0][node], pools[0][node + 1]):
                pool = pools[1][at]
                if here > value[pool]:
                    value[pool] = here
                    held = _queue(ring, waits, first, held, pool)
        else:
            above = bins.onto[node]
            if bins.flow[node] < bins.room[node] and here > value[above]:
                value[above] = here
                held = _queue(ring, waits, first, held, above)
            for at in range(rows.start[node], rows.start[node + 1]):
                person = rows.person[at]
                held = _press(value, ring, waits, first, held, ways, person, here + paid[person])


@inner
def _press(
    value: Ints,
    ring: Ints,
    waits: Ints,
    first: Whole,
    held: Whole,
    ways: Ways,
    person: Whole,
    total: Whole,
) -> Whole:
    """Raise the options of a person until none is cheaper than his seat; return the queue."""
    for way in range(ways.start[person], ways.start[person + 1]):
        pool, grown = ways.pool[way], total - ways.cost[way]
        if grown > value[pool]:
            value[pool] = grown
            held = _queue(ring, waits, first, held, pool)
    if ways.hub[person] >= 0:
        node = len(value) - len(ways.hub_start) + 1 + ways.hub[person]
        grown = total - ways.hub_cost[person]
        if grown > value[node]:
            value[node] = grown
            held = _queue(ring, waits, first, held, node)
    return held


@inner
def _queue(ring: Ints, waits: Ints, first: Whole, held: Whole, node: Whole) -> Whole:
    """Let a node wait, once; return how many wait."""
    if waits[node]:
        return held
    place = first + held
    ring[place if place < len(ring) else place - len(ring)] = node
    waits[node] = True
    return held + 1
