"""Rule 3: the same tree goes on with the drawn numbers as costs, over what costs nothing more.

Every plan of least cost uses only ways and bins that are tight at the prices of one of them. The
tree of rule 2 consists of tight ways, so that it is a first tree of rule 3 as well.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.cheapest import Ways, in_tree
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.tree import Bins, Seating, Tree

_STEP = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(0xBF58476D1CE4E5B9)
_TWO = np.uint64(0x94D049BB133111EB)


class Cheap(NamedTuple):
    """The least price of a pool of every hub, and which of its pools have it."""

    price: Ints
    start: Ints
    pool: Ints


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
    """Return the ways of those in `turn`, who stand in order, that cost as much as their seats.

    Hubs are taken apart: whoever may go through one has a way to each of its cheapest pools.
    """
    hubs = len(ways.hub_start) - 1
    cheap = Cheap(
        np.full(hubs, 2**62, np.int64),
        np.zeros(hubs + 1, np.int32),
        np.empty(len(ways.hub_pool), np.int32),
    )
    _list_cheapest(tree, ways, cheap)
    start = np.zeros(len(sits.seat) + 1, np.int32)
    pool = np.empty(2 * len(ways.pool) + len(ways.hub_pool) + 1, np.int32)
    done, held = _lay_out(tree, sits, ways, turn, cheap, start, pool, 0, 0)
    while done < len(turn):
        more = np.empty(2 * len(pool), np.int32)
        more[:held] = pool[:held]
        pool = more
        done, held = _lay_out(tree, sits, ways, turn, cheap, start, pool, done, held)
    for person in range(len(sits.seat)):
        start[person + 1] = max(start[person + 1], start[person])
    return Ways(
        start,
        pool[:held],
        np.zeros(held, np.int64),
        np.full(len(sits.seat), -1, np.int32),
        ways.hub_cost,
        np.zeros(1, np.int64),
        np.zeros(0, np.int32),
        np.zeros(0, np.int64),
    )


@inner
def _list_cheapest(tree: Tree, ways: Ways, cheap: Cheap) -> None:
    """Do for every hub what `Cheap` says."""
    held = 0
    for hub in range(len(cheap.price)):
        for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
            total = tree.price[ways.hub_pool[way]] + ways.hub_extra[way]
            if total < cheap.price[hub]:
                cheap.price[hub], held = total, cheap.start[hub]
            if total == cheap.price[hub]:
                cheap.pool[held] = ways.hub_pool[way]
                held += 1
        cheap.start[hub + 1] = held


@inner
def _lay_out(
    tree: Tree,
    sits: Seating,
    ways: Ways,
    turn: Ints,
    cheap: Cheap,
    start: Ints,
    pool: Ints,
    done: Whole,
    held: Whole,
) -> tuple[Whole, Whole]:
    """Write the tight ways of everybody while there is room; return how many people and ways."""
    for at in range(done, len(turn)):
        person = turn[at]
        if held + ways.start[person + 1] - ways.start[person] + len(cheap.pool) > len(pool):
            return at, held
        start[person] = held
        held = _tight(tree, sits, ways, cheap, person, pool, held)
        start[person + 1] = held
    return len(turn), held


@inner
def _tight(
    tree: Tree, sits: Seating, ways: Ways, cheap: Cheap, person: Whole, into: Ints, held: Whole
) -> Whole:
    """Write the tight pools of a person after those held; return how many there are."""
    first = held
    now = sits.paid[person] + tree.price[sits.seat[person]]
    for way in range(ways.start[person], ways.start[person + 1]):
        if ways.cost[way] + tree.price[ways.pool[way]] == now:
            into[held] = ways.pool[way]
            held += 1
    hub, single = ways.hub[person], held
    if hub < 0 or ways.hub_cost[person] + cheap.price[hub] != now:
        return held
    for at in range(cheap.start[hub], cheap.start[hub + 1]):
        # A choice may lead to the same seat at the same cost.
        twice = False
        for own in range(first, single):
            twice |= into[own] == cheap.pool[at]
        into[held] = cheap.pool[at]
        held += not twice
    return held


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
    tree: Tree, sits: Seating, turn: Ints, people: Ints, pools: Ints, salt: Whole, worth: Ints
) -> None:
    """Give the arcs of the tree their drawn costs, and all nodes their prices.

    Artificial arcs are dearer than any way, by what a seat is worth: they only set prices.
    """
    dear = np.int64(sits.people + 2) << 33
    count = sits.people
    for node in range(1, count):
        if tree.arc[node] < 0:
            tree.cost[node] = drawn(salt, people[tree.parent[node] - count], pools[node])
        elif tree.arc[node] >= count:
            tree.cost[node] = dear + worth[node]
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
