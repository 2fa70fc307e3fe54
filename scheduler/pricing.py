"""What seats cost: of each person, and of all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scheduler.potentials import Seated

if TYPE_CHECKING:
    from scheduler.arrays import Ints
    from scheduler.options import Options
    from scheduler.rounds import Round
    from scheduler.seating import Costs


def price_seats(found: Round, options: Options, costs: Costs, pool: Ints) -> Seated:
    """Return what each seated application costs where it sits."""
    cost = np.where((pool >= 0) & (options.hub >= 0), costs.hub, 0)
    reserve = _reserve(options, pool)
    cost = cost + reserve
    arc = np.flatnonzero(pool.take(options.app) == options.pool)
    cost[options.app[arc]] = costs.arc[arc]
    return Seated(pool, cost, (pool >= 0) & ~found.applications.pinned)


def _reserve(options: Options, pool: Ints) -> Ints:
    """Return the reserve cost of each application that sits in a pool of its hub."""
    if not options.hub_reserve.any():
        return np.zeros(len(pool), np.int64)
    hubs = np.repeat(np.arange(len(options.hub_start) - 1), np.diff(options.hub_start))
    width = int(max(options.hub_pool.max(initial=0), pool.max(initial=0))) + 1
    key = hubs * width + options.hub_pool
    wanted = np.where(
        (options.hub >= 0) & (pool >= 0), options.hub.astype(np.int64) * width + pool, -1
    )
    place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where(key[place] == wanted, options.hub_reserve[place], 0)


def total_spent(found: Round, options: Options, pool: Ints) -> tuple[int, int]:
    """Return the total move cost and the total choice cost, the pinned included."""
    served = pool >= 0
    through = served & (options.hub >= 0)
    move = np.where(through, options.hub_move, 0)
    choice = np.where(through, found.config.any_session_cost, 0) + _reserve(options, pool)
    arc = np.flatnonzero(pool.take(options.app) == options.pool)
    move[options.app[arc]], choice[options.app[arc]] = options.move[arc], options.choice[arc]
    return int(move.sum()), int(choice[served].sum())
