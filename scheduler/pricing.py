"""What seats cost: of each person, and of all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scheduler.potentials import Seated

if TYPE_CHECKING:
    from scheduler.arrays import Ints
    from scheduler.options import Options
    from scheduler.part import Part
    from scheduler.rounds import Round


def price_seats(part: Part, pool: Ints) -> Seated:
    """Return what each seated application costs where it sits; all of them may be moved."""
    cost = np.where((pool >= 0) & (part.hub >= 0), part.hub_cost, 0)
    cost = cost + _reserve((part.hub_tail, part.hub_head, part.hub_extra), part.hub, pool)
    arc = np.flatnonzero(pool.take(part.tail) == part.head)
    cost[part.tail[arc]] = part.cost[arc]
    return Seated(pool, cost, pool >= 0)


def _reserve(ways: tuple[Ints, Ints, Ints], hub: Ints, pool: Ints) -> Ints:
    """Return the reserve cost of each application that sits in a pool of its hub.

    `ways` are hub, pool and reserve cost of every way out of a hub, by hub and pool.
    """
    hubs, pools, reserve = ways
    if not reserve.any():
        return np.zeros(len(pool), np.int64)
    width = int(max(pools.max(initial=0), pool.max(initial=0))) + 1
    key = hubs.astype(np.int64) * width + pools
    wanted = np.where((hub >= 0) & (pool >= 0), hub.astype(np.int64) * width + pool, -1)
    place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where(key[place] == wanted, reserve[place], 0)


def total_spent(found: Round, options: Options, pool: Ints, arc: Ints) -> tuple[int, int]:
    """Return the total move cost and the total choice cost, the pinned included.

    `arc` are the arcs that lead where their application sits.
    """
    hubs = np.repeat(np.arange(len(options.hub_start) - 1), np.diff(options.hub_start))
    through = (pool >= 0) & (options.hub >= 0)
    through[options.app[arc]] = False
    reserve = _reserve((hubs, options.hub_pool, options.hub_reserve), options.hub, pool)
    move = int(options.hub_move[through].sum()) + int(options.move[arc].sum())
    choice = int(options.choice[arc].sum()) + int(reserve[through].sum())
    choice += int(np.count_nonzero(through)) * found.config.any_session_cost
    return move, choice
