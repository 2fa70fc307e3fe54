"""How far a newcomer gets: the ranks that a pool's people could be pushed out to make room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scheduler.potentials import NEVER, Residual, longest

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.part import Part

#: A free seat can be reached, so that nobody has to be pushed out.
FREE = 2**40


def reach_of(part: Part, residual: Residual, pool: Ints, movable: Flags) -> Ints:
    """Return the largest rank that a newcomer in each pool could push out, FREE for a free seat.

    Args:
        part: A component, or a whole round as one.
        residual: The moves that its plan still allows.
        pool: The plan.
        movable: Who may be moved or pushed out.
    """
    pools, session = np.arange(residual.session_node), part.pool_session + residual.session_node
    start = np.full(residual.count, NEVER)
    start[: len(pools)] = 0
    np.maximum.at(start, pool[movable], part.rank[movable].astype(np.int64))
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
