"""The network simplex itself: seats for everybody who is served, at the least cost.

Applications look for a cheaper way in blocks, in an order in which those of one hub stand together,
so that the cheapest pool of a hub is worked out once for all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.tree import SINK, Bins, Seating, Tree, link, new_tree, pivot

#: Applications looked at before the best way found is taken.
_BLOCK = 40


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
def first_basis(bins: Bins, sits: Seating, dear: Whole) -> Tree:
    """Return a tree for given seats; what is too many in a pool or session flows at a dear cost."""
    tree = new_tree(sits.people, len(sits.seat))
    _grow(tree, bins, sits, dear)
    return tree


@inner
def _grow(tree: Tree, bins: Bins, sits: Seating, dear: Whole) -> None:
    """Hang everybody on his seat, and every bin on its real or on its artificial arc."""
    count = sits.people
    bins.flow[:] = 0
    for person in range(len(sits.seat)):
        node = sits.seat[person]
        if node != SINK:
            bins.flow[node] += 1
            tree.parent[sits.people + person] = node
            tree.cost[sits.people + person] = sits.paid[person]
    for node in range(count - 1, 0, -1):
        # Pools come after sessions, so that what they pass on is known in time.
        arc = node
        if bins.flow[node] >= bins.room[node]:
            bins.flow[count + node] = bins.flow[node] - bins.room[node]
            bins.flow[node] = bins.room[node]
            arc = count + node
        if bins.onto[node] != SINK:
            bins.flow[bins.onto[node]] += bins.flow[node]
        tree.arc[node] = arc
        tree.parent[node] = bins.onto[node] if arc == node else SINK
        tree.cost[node] = 0 if arc == node else dear
    for node in range(1, count):
        above = tree.parent[node]
        link(tree, node, above)
        tree.depth[node] = tree.depth[above] + 1
        tree.price[node] = tree.price[above] + tree.cost[node]


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
    done, place, idle, version = 0, 0, 0, 0
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
            if not _best_bin(tree, bins, sits):
                return done
            done += 1
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
        now = sits.paid[person] + price[sits.seat[person]]
        for way in range(ways.start[person], ways.start[person + 1]):
            gain = ways.cost[way] + price[ways.pool[way]] - now
            if gain < saved:
                saved, who, pool, cost = gain, person, ways.pool[way], ways.cost[way]
        hub = ways.hub[person]
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
def _best_bin(tree: Tree, bins: Bins, sits: Seating) -> Truth:
    """Let the arc of the pool or session enter whose price is most wrong; say whether one was."""
    saved, node, forward = 0, 0, True
    for low in range(1, sits.people):
        if in_tree(tree, bins, low) or bins.frozen[low] or bins.room[low] == 0:
            continue
        gain = tree.price[bins.onto[low]] - tree.price[low]
        full = bins.flow[low] > 0
        if full:
            gain = -gain
        if gain < saved:
            saved, node, forward = gain, low, not full
    if saved == 0:
        return False
    pivot(tree, bins, sits, node, bins.onto[node], node, 0, forward, saved if forward else -saved)
    return True


@inner
def in_tree(tree: Tree, bins: Bins, low: Whole) -> Truth:
    """Say whether the real arc of a bin is in the tree, from below or from above."""
    return tree.arc[low] == low or (bins.onto[low] != SINK and tree.arc[bins.onto[low]] == low)
