"""Rule 3: the same tree goes on with the drawn numbers as costs, over what costs nothing more.

Every plan of least cost uses only ways and bins that are tight at the prices of one of them. The
tree of rule 2 consists of tight ways, so that it is a first tree of rule 3 as well.
"""

from __future__ import annotations

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.cheapest import Ways, in_tree
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.tree import Bins, Seating, Tree

_STEP = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(0xBF58476D1CE4E5B9)
_TWO = np.uint64(0x94D049BB133111EB)


@inner
def mix(value: Whole) -> Whole:
    """Return splitmix64's step of 64 bits."""
    x = np.uint64(value) + _STEP
    x = (x ^ (x >> np.uint64(30))) * _ONE
    x = (x ^ (x >> np.uint64(27))) * _TWO
    return x ^ (x >> np.uint64(31))


@inner
def drawn(salt: Whole, application: Whole, pool: Whole) -> Whole:
    """Return h, 32 bits, of an application and a pool by position in byte order of id."""
    first = mix(np.uint64(salt) ^ np.uint64(application))
    return np.int64(mix(first ^ np.uint64(pool)) >> np.uint64(32))


@compiled
def tight_ways(tree: Tree, sits: Seating, ways: Ways, turn: Ints) -> Ways:
    """Return the ways of those in `turn` that cost as much as their seats, hubs taken apart."""
    hubs = len(ways.hub_start) - 1
    least = np.full(hubs, 2**62, np.int64)
    _least_ways(tree, ways, least)
    start = np.zeros(len(sits.seat) + 1, np.int32)
    _lay_out(tree, sits, ways, turn, least, start, start[:0])
    for person in range(len(sits.seat)):
        start[person + 1] += start[person]
    pool = np.empty(start[-1], np.int32)
    _lay_out(tree, sits, ways, turn, least, start, pool)
    return Ways(
        start,
        pool,
        np.zeros(len(pool), np.int64),
        np.full(len(sits.seat), -1, np.int32),
        ways.hub_cost,
        np.zeros(1, np.int64),
        np.zeros(0, np.int32),
        np.zeros(0, np.int64),
    )


@inner
def _least_ways(tree: Tree, ways: Ways, least: Ints) -> None:
    """Set the least price of a pool of every hub."""
    for hub in range(len(least)):
        for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
            total = tree.price[ways.hub_pool[way]] + ways.hub_extra[way]
            least[hub] = min(least[hub], total)


@inner
def _lay_out(
    tree: Tree, sits: Seating, ways: Ways, turn: Ints, least: Ints, start: Ints, pool: Ints
) -> None:
    """Count the tight ways of everybody into `start`, or write them where `pool` has room."""
    for person in turn:
        at = start[person]
        found = _tight(tree, sits, ways, least, person, pool, at)
        if len(pool) == 0:
            start[person + 1] = found


@inner
def _tight(
    tree: Tree, sits: Seating, ways: Ways, least: Ints, person: Whole, into: Ints, at: Whole
) -> Whole:
    """Write the tight pools of a person from a place on, if there is room; return how many."""
    write = len(into) > 0
    found = 0
    now = sits.paid[person] + tree.price[sits.seat[person]]
    for way in range(ways.start[person], ways.start[person + 1]):
        if ways.cost[way] + tree.price[ways.pool[way]] == now:
            if write:
                into[at + found] = ways.pool[way]
            found += 1
    hub = ways.hub[person]
    if hub < 0 or ways.hub_cost[person] + least[hub] != now:
        return found
    single = found
    for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
        pool = ways.hub_pool[way]
        if tree.price[pool] + ways.hub_extra[way] != least[hub]:
            continue
        # A choice may lead to the same seat at the same cost.
        twice = False
        if single:
            for own in range(ways.start[person], ways.start[person + 1]):
                twice |= ways.pool[own] == pool
        if not twice:
            if write:
                into[at + found] = pool
            found += 1
    return found


@inner
def freeze(tree: Tree, bins: Bins, people: Whole) -> None:
    """Hold the bins whose price says that they must stay full, or stay empty."""
    for node in range(1, people):
        bins.frozen[node] = (
            not in_tree(tree, bins, node) and tree.price[node] != tree.price[bins.onto[node]]
        )


@inner
def draw_costs(
    sits: Seating, ways: Ways, turn: Ints, people: Ints, pools: Ints, salt: Whole
) -> None:
    """Set the cost of every way of those in `turn` to its drawn number.

    `people` and `pools` are the positions of applications and, by node, of pools.
    """
    for person in turn:
        for way in range(ways.start[person], ways.start[person + 1]):
            ways.cost[way] = drawn(salt, people[person], pools[ways.pool[way]])
        sits.paid[person] = drawn(salt, people[person], pools[sits.seat[person]])


@inner
def recost(
    tree: Tree, sits: Seating, turn: Ints, people: Ints, pools: Ints, salt: Whole, dear: Whole
) -> None:
    """Give the arcs of the tree their drawn costs, and all nodes their prices."""
    count = sits.people
    for node in range(1, count):
        if tree.arc[node] < 0:
            tree.cost[node] = drawn(salt, people[tree.parent[node] - count], pools[node])
        elif tree.arc[node] >= count:
            tree.cost[node] = dear
    for person in turn:
        node = tree.parent[count + person]
        tree.cost[count + person] = drawn(salt, people[person], pools[node])
    _price_all(tree)


@inner
def _price_all(tree: Tree) -> None:
    """Work out the prices of all bins from the sink down, applications between them included."""
    node = 0
    while True:
        below = tree.child[node]
        if below < 0:
            while node != 0 and tree.after[node] < 0:
                node = tree.parent[node]
            if node == 0:
                break
            below = tree.after[node]
        node = below
        cost = tree.cost[node] if tree.up[node] > 0 else -tree.cost[node]
        tree.price[node] = tree.price[tree.parent[node]] + cost


@inner
def lone(tree: Tree, bins: Bins, sits: Seating, ways: Ways, turn: Ints) -> Truth:
    """Say for certain that no other plan has the same sum; False may mean that one has."""
    for node in range(1, sits.people):
        loose = not in_tree(tree, bins, node) and not bins.frozen[node] and bins.room[node] > 0
        if loose and tree.price[node] == tree.price[bins.onto[node]]:
            return False
    for person in turn:
        now = sits.paid[person] + tree.price[sits.seat[person]]
        tight = 0
        for way in range(ways.start[person], ways.start[person + 1]):
            tight += ways.cost[way] + tree.price[ways.pool[way]] == now
        if tight > 1 + tree.many[sits.people + person]:
            return False
    return True
