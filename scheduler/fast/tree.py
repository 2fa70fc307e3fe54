"""The spanning tree of a network simplex in which hardly anybody is a node.

Nodes: 0 is the sink, then sessions, then pools, then applications. An application that only hangs
on its seat is a leaf that no list knows; it becomes part of the tree when a pool hangs on it. So a
pivot costs the pools that it moves and not the people who sit there.

Arcs: the real arc of a session goes to the sink and that of a pool to its session; both have the
number of their lower node and a capacity. Beside each stands an artificial one to the sink, dear
and endless, so that a first tree always exists. Arcs of applications have no number: they are
endless, hence never at an upper bound, and what flows there is told by who sits where.

The tree is strongly feasible (Cunningham 1976): from every node a unit could be sent to the sink.
So no pivot is ever repeated and the search ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.compiled import compiled, inner

SINK = 0
NOBODY = np.int32(-1)
ENDLESS = np.int64(2**62)


class Tree(NamedTuple):
    """One spanning tree; every column runs over nodes.

    `arc` leads to `parent`, upwards where `up` holds, and is -1 for arcs of applications. `child`,
    `after` and `before` link what hangs on a node, lone applications left out; `many` counts what
    is linked below. `price` is the cost of a unit from the node to the sink; that of applications
    is not kept up to date.
    """

    parent: Ints
    arc: Ints
    up: Ints
    cost: Ints
    depth: Ints
    child: Ints
    after: Ints
    before: Ints
    many: Ints
    price: Ints


class Bins(NamedTuple):
    """What is known of pools and sessions; columns over nodes, `flow` and `room` over arcs.

    The real arc of a node has its number; its artificial arc comes `people` further on. `onto` is
    the upper node of the real arc. A `frozen` real arc keeps its flow.
    """

    onto: Ints
    flow: Ints
    room: Ints
    frozen: Ints


class Seating(NamedTuple):
    """Who sits where: `seat` is a node or 0, `paid` its cost; over applications from 0.

    `people` is the node of application 0.
    """

    seat: Ints
    paid: Ints
    people: Whole


@compiled
def new_tree(bins: Whole, people: Whole) -> Tree:
    """Return an empty tree for some bins (the sink among them) and applications."""
    count = bins + people
    # Whatever a walk asks of a node stands in one line of the processor's cache.
    walk, rest = np.zeros((count, 8), np.int64), np.zeros((count, 2), np.int64)
    tree = Tree(
        *(walk[:, 0], walk[:, 1], walk[:, 2], walk[:, 3], walk[:, 4]),
        *(walk[:, 5], walk[:, 6], rest[:, 0], rest[:, 1], walk[:, 7]),
    )
    tree.arc[:], tree.up[:] = -1, 1
    tree.child[:], tree.after[:], tree.before[:] = -1, -1, -1
    tree.parent[SINK] = -1
    return tree


@inner
def link(tree: Tree, node: Whole, parent: Whole) -> None:
    """Put a node into the list of its parent."""
    first = tree.child[parent]
    tree.after[node] = first
    tree.before[node] = -1
    if first >= 0:
        tree.before[first] = node
    tree.child[parent] = node
    tree.many[parent] += 1


@inner
def unlink(tree: Tree, node: Whole) -> None:
    """Take a node out of the list of its parent."""
    parent, one, two = tree.parent[node], tree.before[node], tree.after[node]
    if one >= 0:
        tree.after[one] = two
    else:
        tree.child[parent] = two
    if two >= 0:
        tree.before[two] = one
    tree.many[parent] -= 1


@inner
def _up_left(tree: Tree, bins: Bins, sits: Seating, node: Whole) -> Whole:
    """Return what can still flow from a node to its parent."""
    arc = tree.arc[node]
    if tree.up[node] > 0:
        return ENDLESS if arc < 0 else bins.room[arc] - bins.flow[arc]
    if arc < 0:
        return np.int64(sits.seat[tree.parent[node] - sits.people] == node)
    return bins.flow[arc]


@inner
def _down_left(tree: Tree, bins: Bins, sits: Seating, node: Whole) -> Whole:
    """Return what can still flow from its parent to a node."""
    arc = tree.arc[node]
    if tree.up[node] < 0:
        return ENDLESS if arc < 0 else bins.room[arc] - bins.flow[arc]
    if arc < 0:
        return np.int64(sits.seat[node - sits.people] == tree.parent[node])
    return bins.flow[arc]


@inner
def _blocking(
    tree: Tree, bins: Bins, sits: Seating, first: Whole, second: Whole, amount: Whole
) -> tuple[Whole, Whole, Whole, Whole]:
    """Return the lowest node above both, the node whose arc blocks, its side, and how much flows.

    A unit goes down to `first` and up from `second`. The side is 0 if the given amount blocks.
    """
    one, two, out_one, out_two = first, second, np.int64(-1), np.int64(-1)
    least_one, least_two = ENDLESS, ENDLESS
    while one != two:
        ahead = tree.depth[one] - tree.depth[two]
        if ahead >= 0:
            left = _down_left(tree, bins, sits, one)
            if left < least_one:
                least_one, out_one = left, np.int64(one)
            one = tree.parent[one]
        if ahead <= 0:
            left = _up_left(tree, bins, sits, two)
            if left <= least_two:
                least_two, out_two = left, np.int64(two)
            two = tree.parent[two]
    if least_two <= min(amount, least_one):
        return one, out_two, 2, least_two
    if least_one < amount:
        return one, out_one, 1, least_one
    return one, np.int64(-1), 0, amount


@inner
def _shift(
    tree: Tree, bins: Bins, sits: Seating, node: Whole, join: Whole, amount: Whole, upward: Whole
) -> None:
    """Send an amount between a node and the join, upwards or downwards."""
    while node != join:
        arc, parent = tree.arc[node], tree.parent[node]
        more = tree.up[node] == upward
        if arc >= 0:
            bins.flow[arc] += amount if more else -amount
        elif more:
            # Taking the new seat gives up the old one, whose arc is the other one on this ring.
            person, seat = (node, parent) if upward > 0 else (parent, node)
            sits.seat[person - sits.people] = seat
            sits.paid[person - sits.people] = tree.cost[node]
        node = parent


@inner
def pivot(
    tree: Tree,
    bins: Bins,
    sits: Seating,
    tail: Whole,
    head: Whole,
    arc: Whole,
    cost: Whole,
    forward: Truth,
    saved: Whole,
) -> Truth:
    """Let an arc enter the tree and say whether the price of a bin has changed.

    `saved` is the reduced cost of the arc. Of the arcs that block, the last one met from the join
    on leaves: that keeps the tree strongly feasible.
    """
    if tail >= sits.people:
        tree.depth[tail] = tree.depth[tree.parent[tail]] + 1
    first, second = (tail, head) if forward else (head, tail)
    amount = ENDLESS
    if arc >= 0:
        amount = bins.room[arc] - bins.flow[arc] if forward else bins.flow[arc]
    join, out, side, amount = _blocking(tree, bins, sits, first, second, amount)
    if amount > 0:
        _shift(tree, bins, sits, first, join, amount, -1)
        _shift(tree, bins, sits, second, join, amount, 1)
        if arc >= 0:
            bins.flow[arc] += amount if forward else -amount
        else:
            sits.seat[tail - sits.people] = head
            sits.paid[tail - sits.people] = cost
    if side == 0:
        return False
    low, high = (first, second) if side == 1 else (second, first)
    _hang(tree, sits.people, out, low, high, arc, cost, 1 if low == tail else -1)
    _reprice(tree, low, saved if low == tail else -saved)
    return low < sits.people or tree.many[low] > 0


@inner
def _hang(
    tree: Tree,
    people: Whole,
    out: Whole,
    low: Whole,
    high: Whole,
    arc: Whole,
    cost: Whole,
    up: Whole,
) -> None:
    """Cut the part below `out` off and hang it, turned round, by its node `low` under `high`."""
    above = tree.parent[out]
    if out < people or tree.many[out] > 0:
        unlink(tree, out)
        if above >= people and tree.many[above] == 0:
            unlink(tree, above)
    if high >= people and tree.many[high] == 0:
        link(tree, high, tree.parent[high])
    node, parent = low, high
    linked = low < people or tree.many[low] > 0
    while True:
        old, old_arc, old_cost, old_up = (
            tree.parent[node],
            tree.arc[node],
            tree.cost[node],
            tree.up[node],
        )
        if node != out and linked:
            unlink(tree, node)
        tree.parent[node], tree.arc[node], tree.cost[node] = parent, arc, cost
        tree.up[node] = up
        if node != out or node < people or tree.many[node] > 0:
            link(tree, node, parent)
        if node == out:
            return
        parent, node = node, old
        arc, cost, up = old_arc, old_cost, -old_up
        linked = True


@inner
def _reprice(tree: Tree, top: Whole, change: Whole) -> None:
    """Set depth and price of everything that is linked below and including `top`."""
    node = top
    tree.depth[top] = tree.depth[tree.parent[top]] + 1
    tree.price[top] += change
    while True:
        below = tree.child[node]
        if below < 0:
            while node != top and tree.after[node] < 0:
                node = tree.parent[node]
            if node == top:
                return
            below = tree.after[node]
        node = below
        tree.depth[node] = tree.depth[tree.parent[node]] + 1
        tree.price[node] += change
