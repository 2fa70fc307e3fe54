"""Parts of a round that share no seat and can be decided apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scheduler.arrays import Ints
    from scheduler.options import Options
    from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Component:
    """One part: numbers of its applications, sessions and pools, arcs and hub arcs.

    `name` is the number of its first session in byte order of id. Applications without an
    option belong to no component; a component has at least one application.
    """

    name: int
    applications: Ints
    sessions: Ints
    pools: Ints
    hubs: Ints
    arcs: Ints
    hub_arcs: Ints


def labels(count: int, left: Ints, right: Ints) -> Ints:
    """Return for each of `count` nodes the smallest node reachable over undirected edges."""
    label = np.arange(count)
    while True:
        one, two = label[left], label[right]
        apart = one != two
        if not apart.any():
            return label
        left, right = left[apart], right[apart]
        low, high = np.minimum(one, two)[apart], np.maximum(one, two)[apart]
        np.minimum.at(label, high, low)
        while True:
            jumped = label[label]
            if np.array_equal(jumped, label):
                break
            label = jumped


def split(found: Round, options: Options) -> list[Component]:
    """Split a round into components, in byte order of their first session."""
    pools, sessions = len(found.pools.seats), len(found.sessions.seats)
    hubs = len(options.hub_start) - 1
    # Sessions come first, so that the smallest node of a component is its first session.
    pool_node, hub_node = sessions, sessions + pools
    hub_of_arc = np.repeat(np.arange(hubs), np.diff(options.hub_start))
    first_pool = np.full(len(options.hub), -1, np.int64)
    same = options.app[1:] == options.app[:-1]
    first = np.ones(len(options.app), bool)
    first[1:] = ~same
    first_pool[options.app[first]] = options.pool[first]
    both = (first_pool >= 0) & (options.hub >= 0)
    anchor = np.where(first_pool >= 0, first_pool + pool_node, options.hub + hub_node)
    has_option = (first_pool >= 0) | (options.hub >= 0)
    partner = found.applications.partner
    chained = np.flatnonzero((partner >= 0) & has_option & has_option[partner])
    # What few edges join is joined first: of the many arcs hardly one then joins anything new.
    label = labels(
        hub_node + hubs,
        np.concatenate((np.arange(pools) + pool_node, hub_of_arc + hub_node)),
        np.concatenate((found.pools.session, options.hub_pool + pool_node)),
    )
    of_pool = label[pool_node:hub_node].astype(np.int32).take(options.pool)
    apart = np.flatnonzero((of_pool[1:] != of_pool[:-1]) & same)
    ends = (
        (of_pool[apart], of_pool[apart + 1]),
        (label[first_pool[both] + pool_node], label[options.hub[both] + hub_node]),
        (label[anchor[chained]], label[anchor[partner[chained]]]),
    )
    left, right = (np.concatenate([pair[at] for pair in ends]) for at in (0, 1))
    label = labels(hub_node + hubs, left, right)[label]
    of_application = np.where(has_option, label[np.where(has_option, anchor, 0)], -1)
    names = np.unique(of_application[has_option])
    dense = np.full(hub_node + hubs + 1, -1, np.int32)
    dense[names] = np.arange(len(names))
    mine = dense[of_application]
    return _gather(
        names,
        (
            mine,
            dense[label[:sessions]],
            dense[label[pool_node:hub_node]],
            dense[label[hub_node:]],
            mine.astype(np.int32, copy=False).take(options.app),
            dense[label[hub_node + hub_of_arc]],
        ),
    )


def _gather(names: Ints, columns: tuple[Ints, ...]) -> list[Component]:
    """Return the components; each column says to which one its rows belong, -1 for none."""
    lists = []
    for column in columns:
        # Numbers of 16 bits are sorted in linear time.
        short = column.astype(np.int16) if len(names) < 2**15 else column
        order = np.argsort(short, kind="stable").astype(np.int32)
        ends = np.cumsum(np.bincount(column + 1, minlength=len(names) + 1))
        pairs = zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        lists.append([order[start:end] for start, end in pairs])
    return [
        Component(int(name), *parts) for name, *parts in zip(names.tolist(), *lists, strict=True)
    ]
