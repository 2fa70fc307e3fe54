"""Whether a drawn plan is the only one of its sum, where reduced costs leave it open."""

from __future__ import annotations

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.cheapest import Ways, in_tree
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.tree import Bins, Seating, Tree


@inner
def _root(label: Ints, node: Whole) -> Whole:
    """Return the smallest node joined with another."""
    while label[node] != node:
        label[node] = label[label[node]]
        node = label[node]
    return node


@compiled
def has_rival(tree: Tree, bins: Bins, sits: Seating, ways: Ways, turn: Ints) -> Truth:
    """Say whether units could go round without a change of the sum.

    What can go both ways along an arc is no ring: the ends of such arcs are joined, and a ring is
    looked for among the arcs that go one way.
    """
    count = sits.people
    label = np.arange(len(tree.parent)).astype(np.int32)
    most = len(tree.parent) + count + len(ways.pool)
    tail, head = np.empty(most, np.int32), np.empty(most, np.int32)
    held = _tree_arcs(tree, bins, sits, label, tail, head)
    held = _other_arcs(tree, bins, sits, ways, turn, tail, head, held)
    for at in range(held):
        tail[at], head[at] = _root(label, tail[at]), _root(label, head[at])
    return _ring(len(tree.parent), tail[:held], head[:held])


@inner
def _other_arcs(
    tree: Tree,
    bins: Bins,
    sits: Seating,
    ways: Ways,
    turn: Ints,
    tail: Ints,
    head: Ints,
    held: Whole,
) -> Whole:
    """List the tight arcs outside the tree in the direction they leave open; return how many."""
    count = sits.people
    for node in range(1, count):
        above = bins.onto[node]
        same = tree.price[node] == tree.price[above]
        if not in_tree(tree, bins, node) and same and not bins.frozen[node] and bins.room[node] > 0:
            empty = bins.flow[node] == 0
            tail[held], head[held] = (node, above) if empty else (above, node)
            held += 1
    for person in turn:
        now = sits.paid[person] + tree.price[sits.seat[person]]
        node = count + person
        for way in range(ways.start[person], ways.start[person + 1]):
            pool = ways.pool[way]
            inside = tree.parent[node] == pool or (tree.parent[pool] == node and tree.arc[pool] < 0)
            if not inside and ways.cost[way] + tree.price[pool] == now:
                tail[held], head[held] = node, pool
                held += 1
    return held


@inner
def _tree_arcs(tree: Tree, bins: Bins, sits: Seating, label: Ints, tail: Ints, head: Ints) -> Whole:
    """Join what tree arcs connect both ways and list the others; return how many."""
    count, held = sits.people, 0
    for node in range(1, len(tree.parent)):
        arc, above = tree.arc[node], tree.parent[node]
        if (node >= count and sits.seat[node - count] == 0) or arc >= count:
            continue
        low, high = (node, above) if tree.up[node] > 0 else (above, node)
        if arc >= 0:
            onward, back = bins.flow[arc] < bins.room[arc], bins.flow[arc] > 0
        else:
            onward, back = True, sits.seat[low - count] == high
        if onward and back:
            one, two = _root(label, low), _root(label, high)
            label[max(one, two)] = min(one, two)
        elif onward or back:
            tail[held], head[held] = (low, high) if onward else (high, low)
            held += 1
    return held


@compiled
def _ring(count: Whole, tail: Ints, head: Ints) -> Truth:
    """Say whether arcs hold a ring, by taking away what nothing leads into."""
    start, out = np.zeros(count + 2, np.int32), np.empty(len(tail), np.int32)
    entered, queue = np.zeros(count, np.int32), np.empty(count, np.int32)
    return _peel(tail, head, entered, start, out, queue) < count


@inner
def _peel(tail: Ints, head: Ints, entered: Ints, start: Ints, out: Ints, queue: Ints) -> Whole:
    """Take nodes away that nothing leads into, again and again; return how many."""
    count = len(entered)
    for at in range(len(tail)):
        entered[head[at]] += 1
        start[tail[at] + 2] += 1
    for node in range(count + 1):
        start[node + 1] += start[node]
    for at in range(len(tail)):
        out[start[tail[at] + 1]] = head[at]
        start[tail[at] + 1] += 1
    end, done = 0, 0
    for node in range(count):
        if entered[node] == 0:
            queue[end] = node
            end += 1
    while done < end:
        node = queue[done]
        done += 1
        for at in range(start[node], start[node + 1]):
            entered[out[at]] -= 1
            if entered[out[at]] == 0:
                queue[end] = out[at]
                end += 1
    return end
