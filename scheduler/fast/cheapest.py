"""The network simplex itself: seats for everybody who is served, at the least cost.

Applications look for a cheaper way in blocks, in an order in which those of one hub stand together,
so that the cheapest pool of a hub is worked out once for all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.compiled import compiled, index, inner
from scheduler.fast.tree import SINK, Bins, Seating, Tree, pivot

#: Applications looked at before the best way found is taken.
_BLOCK = 20


class Ways(NamedTuple):
    """What each application may take: arcs to pools, and a hub or -1; pools are nodes.

    Arcs of application t are `start[t]` to `start[t + 1]`, hub arcs of hub h likewise. A way
    through a hub costs `hub_cost` of the application and `hub_extra` of the pool.
    """

    start: Ints
    pool: Ints
    cost: Ints
    hub: Ints
    hub_cost: Ints
    hub_start: Ints
    hub_pool: Ints
    hub_extra: Ints


@compiled
def optimise(tree: Tree, bins: Bins, sits: Seating, ways: Ways, turn: Ints) -> Whole:
    """Move those in `turn` until nobody and no bin can lower the cost; return the pivots made."""
    hubs = len(ways.hub_start) - 1
    least, best = np.zeros(hubs, np.int64), np.zeros(hubs, np.int32)
    known = np.full(hubs, -1, np.int64)
    return _run(tree, bins, sits, ways, turn, least, best, known)


@inner
def _run(
    tree: Tree,
    bins: Bins,
    sits: Seating,
    ways: Ways,
    turn: Ints,
    least: Ints,
    best: Ints,
    known: Ints,
) -> Whole:
    """Do what `optimise` says; `least`, `best` and `known` are about hubs."""
    done, place, idle, version, spot = 0, 0, 0, 0, 1
    length = len(turn)
    while True:
        if length:
            saved, person, pool, cost, place, looked = _best_of_block(
                tree, sits, ways, turn, place, least, best, known, version
            )
        else:
            saved, person, pool, cost, looked = 0, 0, 0, 0, 1
        if saved < 0:
            version += pivot(tree, bins, sits, sits.people + person, pool, -1, cost, True, saved)
            done += 1
            idle = 0
            continue
        idle += looked
        if idle >= length:
            moved, spot = _move_bins(tree, bins, sits, spot)
            if moved == 0:
                return done
            done += moved
            version += 1
            idle = 0


@inner
def _best_of_block(
    tree: Tree,
    sits: Seating,
    ways: Ways,
    turn: Ints,
    place: Whole,
    least: Ints,
    best: Ints,
    known: Ints,
    version: Whole,
) -> tuple[Whole, Whole, Whole, Whole, Whole, Whole]:
    """Return (saved, application, pool, cost) of the best way, where to go on, and how many."""
    saved, who, pool, cost = 0, 0, 0, 0
    length = len(turn)
    looked = min(_BLOCK, length)
    price = tree.price
    for _ in range(looked):
        person = turn[place]
        place += 1
        if place == length:
            place = 0
        now = sits.paid[index(person)] + price[index(sits.seat[index(person)])]
        for way in range(index(ways.start[person]), index(ways.start[person + 1])):
            gain = ways.cost[way] + price[index(ways.pool[way])] - now
            if gain < saved:
                saved, who, pool, cost = gain, person, ways.pool[way], ways.cost[way]
        hub = ways.hub[index(person)]
        if hub < 0:
            continue
        if known[hub] != version:
            _look_at_hub(price, ways, hub, least, best)
            known[hub] = version
        gain = ways.hub_cost[person] + least[hub] - now
        if gain < saved:
            saved, who, pool = gain, person, ways.hub_pool[best[hub]]
            cost = ways.hub_cost[person] + ways.hub_extra[best[hub]]
    return saved, who, pool, cost, place, looked


@inner
def _look_at_hub(price: Ints, ways: Ways, hub: Whole, least: Ints, best: Ints) -> None:
    """Find the cheapest pool of a hub at the prices of the moment."""
    lowest, at = np.int64(2**62), ways.hub_start[hub]
    for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
        total = price[ways.hub_pool[way]] + ways.hub_extra[way]
        if total < lowest:
            lowest, at = total, way
    least[hub], best[hub] = lowest, at


@inner
def _move_bins(tree: Tree, bins: Bins, sits: Seating, spot: Whole) -> tuple[Whole, Whole]:
    """Let arcs of pools and sessions enter until no price is wrong; return how many, and where."""
    done, idle = 0, 0
    while idle < sits.people:
        saved, node, forward, spot = _best_bin(tree, bins, sits, spot)
        if saved == 0:
            idle += _BLOCK
            continue
        saved = saved if forward else -saved
        pivot(tree, bins, sits, node, np.int64(bins.onto[node]), node, 0, forward, saved)
        done += 1
        idle = 0
    return done, spot


@inner
def _best_bin(
    tree: Tree, bins: Bins, sits: Seating, spot: Whole
) -> tuple[Whole, Whole, Truth, Whole]:
    """Return (saved, bin, direction) of the most wrong of a block, and where to go on."""
    saved, node, forward = 0, 0, True
    for _ in range(min(_BLOCK, sits.people)):
        low = spot
        spot = spot + 1 if spot + 1 < sits.people else 1
        if in_tree(tree, bins, low) or bins.frozen[low] or bins.room[low] == 0:
            continue
        gain = tree.price[bins.onto[low]] - tree.price[low]
        full = bins.flow[low] > 0
        if full:
            gain = -gain
        if gain < saved:
            saved, node, forward = gain, low, not full
    return saved, node, forward, spot


@inner
def in_tree(tree: Tree, bins: Bins, low: Whole) -> Truth:
    """Say whether the real arc of a bin is in the tree, from below or from above."""
    return tree.arc[low] == low or (bins.onto[low] != SINK and tree.arc[bins.onto[low]] == low)
