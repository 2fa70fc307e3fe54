"""A good beginning for rule 3: an auction of the seats among those who could sit elsewhere.

Everybody bids for the seat that is best at the prices of the moment, a step more than it is worth
to him against his second choice; who is outbid bids again (Bertsekas 1988, Bertsekas and Castanon
1989). Nobody is then worse off than by a step. The simplex that follows is exact whatever it begins
with; from here it makes less than half as many pivots.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Ints, Whole
from scheduler.fast.cheapest import Ways
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.tree import Seating, Tree

#: A step, of drawn numbers of 32 bits. Smaller ones ask for more bids and spare fewer pivots.
STEP = np.int64(2**30)
#: Bids of each bidder on average that are worth their while.
MOST_BIDS = 32


class Slots(NamedTuple):
    """The seats of every node from `start[node]` on: a heap by price, and who holds each (-1)."""

    start: Ints
    price: Ints
    holder: Ints


@compiled
def auction(tree: Tree, sits: Seating, ways: Ways, turn: Ints, most: Whole) -> Ints:
    """Let those in `turn` change seats; return what the cheapest seat of each bin costs at last.

    As many sit in every pool as before. Who is more than a leaf of the tree keeps his seat. If
    `most` bids for each do not end it all keep theirs, and nothing is said of what seats are worth.
    """
    start = np.zeros(sits.people + 1, np.int32)
    left = np.empty(len(turn), np.int32)
    size = _invite(tree, sits, turn, start, left)
    slots = Slots(start, np.zeros(start[-1], np.int64), np.full(start[-1], -1, np.int32))
    worth = np.zeros(sits.people, np.int64)
    if _bid_all(ways, slots, left, size, size * most) == 0:
        _take_seats(tree, sits, ways, slots, worth)
    return worth


@inner
def _invite(tree: Tree, sits: Seating, turn: Ints, start: Ints, left: Ints) -> Whole:
    """List who bids, and count the seats of every node that are bid for; return how many."""
    size = 0
    for person in turn:
        if tree.many[sits.people + person] == 0:
            start[sits.seat[person] + 1] += 1
            left[size] = person
            size += 1
    for node in range(sits.people):
        start[node + 1] += start[node]
    return size


@inner
def _bid_all(ways: Ways, slots: Slots, left: Ints, size: Whole, most: Whole) -> Whole:
    """Let all bid until everybody holds a seat, at most so often; return how many hold none."""
    for _ in range(most):
        if size == 0:
            break
        outbid = _bid(ways, slots, np.int64(left[size - 1]))
        if outbid < 0:
            size -= 1
        else:
            left[size - 1] = outbid
    return size


@inner
def _bid(ways: Ways, slots: Slots, person: Whole) -> Whole:
    """Let somebody bid for his best seat; return who held it, or -1."""
    best, second, node = np.int64(2**62), np.int64(2**62), np.int64(0)
    for way in range(ways.start[person], ways.start[person + 1]):
        pool = ways.pool[way]
        first = slots.start[pool]
        if first == slots.start[pool + 1]:
            continue
        total = ways.cost[way] + slots.price[first]
        if total < best:
            best, second, node = total, best, np.int64(pool)
        elif total < second:
            second = total
    first = np.int64(slots.start[node])
    # With one pool to go to nothing says how much it is worth: more than any two numbers differ.
    more = min(second - best, np.int64(2**33)) + STEP
    outbid = np.int64(slots.holder[first])
    _replace_first(slots, first, np.int64(slots.start[node + 1]) - first, more, person)
    return outbid


@inner
def _replace_first(slots: Slots, first: Whole, size: Whole, more: Whole, person: Whole) -> None:
    """Give the cheapest of some seats to somebody who pays so much more; put it in its place."""
    price, holder = slots.price, slots.holder
    total, at = price[first] + more, 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and price[first + below + 1] < price[first + below]:
            below += 1
        if price[first + below] >= total:
            break
        price[first + at], holder[first + at] = price[first + below], holder[first + below]
        at = below
    price[first + at], holder[first + at] = total, person


@inner
def _take_seats(tree: Tree, sits: Seating, ways: Ways, slots: Slots, worth: Ints) -> None:
    """Seat everybody where he holds a seat, and write down what the cheapest of each bin costs."""
    for node in range(sits.people):
        if slots.start[node + 1] > slots.start[node]:
            worth[node] = slots.price[slots.start[node]]
        for at in range(slots.start[node], slots.start[node + 1]):
            person = slots.holder[at]
            sits.seat[person], tree.parent[sits.people + person] = node, node
            for way in range(ways.start[person], ways.start[person + 1]):
                if ways.pool[way] == node:
                    sits.paid[person] = ways.cost[way]
