"""Small graph questions of the vectorised checker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints


def parallel(tail: Ints, head: Ints, weight: Ints) -> tuple[Ints, Ints, Ints]:
    """Keep of parallel edges one of largest weight."""
    if not len(tail):
        return tail, head, weight
    width = int(tail.max()) + 1
    key = head.astype(np.int64) * width + tail
    order = np.argsort(key)
    key = key[order]
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    head, tail = np.divmod(key[first], width)
    return tail, head, np.maximum.reduceat(weight[order], first)


def spread(tail: Ints, head: Ints, start: Flags) -> Flags:
    """Return the nodes that can be reached from those where `start` holds."""
    reached = start.copy()
    while True:
        # What has been reached needs no more edges to it.
        keep = np.flatnonzero(~reached.take(head))
        tail, head = tail.take(keep), head.take(keep)
        use = np.flatnonzero(reached.take(tail))
        if not len(use):
            return reached
        reached[head.take(use)] = True


def ring(count: int, tail: Ints, head: Ints, weight: Ints) -> Ints:
    """Return the nodes of a ring of positive weight, none if there is no such ring."""
    tail, head, weight = parallel(tail, head, weight)
    value, came = np.zeros(count, np.int64), np.full(count, -1, np.int64)
    use = np.arange(len(tail))
    for _ in range(count + 1):
        # Only a node whose value has just grown can make that of another one grow.
        total = value.take(tail.take(use)) + weight.take(use)
        better = np.flatnonzero(total > value.take(head.take(use)))
        if not len(better):
            return tail[:0]
        use, total = use[better], total[better]
        ends = head[use]
        np.maximum.at(value, ends, total)
        best = total == value[ends]
        came[ends[best]] = tail[use[best]]
        grown = np.zeros(count, bool)
        grown[ends] = True
        use = np.flatnonzero(grown.take(tail))
    node = int(ends[0])
    for _ in range(count):
        node = int(came[node])
    found = [node]
    while (node := int(came[node])) != found[0]:
        found.append(node)
    return np.array(found)


def parts(count: int, left: Ints, right: Ints) -> Ints:
    """Return for each node the smallest node connected with it."""
    part = np.arange(count)
    while True:
        one, two = part[left], part[right]
        apart = one != two
        if not apart.any():
            return part
        # What is in one part stays in one part, so those edges need no second look.
        left, right = left[apart], right[apart]
        np.minimum.at(part, np.maximum(one, two)[apart], np.minimum(one, two)[apart])
        while (part[part] != part).any():
            part = part[part]
