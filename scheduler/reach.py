"""How far a newcomer gets: the ranks that a pool's people could be pushed out to make room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scheduler.potentials import NEVER, Residual, longest

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.options import Options
    from scheduler.rounds import Round

#: A free seat can be reached, so that nobody has to be pushed out.
FREE = 2**40


def reach_of(found: Round, residual: Residual, pool: Ints, movable: Flags) -> Ints:
    """Return the largest rank that a newcomer in each pool could push out, FREE for a free seat.

    Args:
        found: The round.
        residual: The moves that its plan still allows.
        pool: The plan.
        movable: Who may be moved or pushed out.
    """
    pools, session = np.arange(residual.session_node), found.pools.session + residual.session_node
    start = np.full(residual.count, NEVER)
    start[: len(pools)] = 0
    np.maximum.at(start, pool[movable], found.applications.rank[movable].astype(np.int64))
    at_session = start[residual.session_node : residual.hub_node]
    at_session[~residual.session_full] = FREE
    room, back = ~residual.pool_full, residual.occupied
    tail, head, _ = residual.moves
    # Reach flows against the moves: what the next pool can push out, this one can too.
    value = longest(
        residual.count,
        np.concatenate((head, session[room], pools[back])),
        np.concatenate((tail, pools[room], session[back])),
        np.zeros(len(tail) + int(room.sum()) + int(back.sum()), np.int64),
        start,
    )
    return value[: len(pools)]


def best_reach(options: Options, reach: Ints) -> Ints:
    """Return of each application the largest reach among its options, 0 without one."""
    best = np.zeros(len(options.hub), np.int64)
    np.maximum.at(best, options.app, reach[options.pool])
    hubs = np.repeat(np.arange(len(options.hub_start) - 1), np.diff(options.hub_start))
    by_hub = np.zeros(len(options.hub_start), np.int64)
    np.maximum.at(by_hub, hubs, reach[options.hub_pool])
    through = options.hub >= 0
    best[through] = np.maximum(best[through], by_hub[options.hub[through]])
    return best
