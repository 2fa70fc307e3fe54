"""Small graph questions of the vectorised checker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints


def parallel(tail: Ints, head: Ints, weight: Ints) -> tuple[Ints, Ints, Ints]:
    """Keep of parallel edges one of largest weight, in order of head."""
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
        use = reached[tail] & ~reached[head]
        if not use.any():
            return reached
        reached[head[use]] = True
        keep = ~reached[head]
        tail, head = tail[keep], head[keep]


def ring(count: int, tail: Ints, head: Ints, weight: Ints) -> Ints:
    """Return the nodes of a ring of positive weight, none if there is no such ring."""
    tail, head, weight = parallel(tail, head, weight)
    if not len(head):
        return head
    first = np.flatnonzero(np.concatenate(([True], head[1:] != head[:-1])))
    ends, group = head[first], np.repeat(np.arange(len(first)), np.diff([*first, len(head)]))
    value, came = np.zeros(count, np.int64), np.full(count, -1, np.int64)
    for _ in range(count + 1):
        total = value[tail] + weight
        best = np.maximum.reduceat(total, first)
        better = best > value[ends]
        if not better.any():
            return tail[:0]
        use = better[group] & (total == best[group])
        came[head[use]] = tail[use]
        value[ends[better]] = best[better]
    node = int(ends[better][0])
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
