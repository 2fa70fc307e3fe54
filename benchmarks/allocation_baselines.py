"""What other ways to hand out the same seats would miss."""

from __future__ import annotations

from typing import Any

import numpy as np

from scheduler.options import Options
from scheduler.potentials import seats_left
from scheduler.rounds import Round
from scheduler.seating import Seats


def in_turn(found: Round, options: Options, order: Any) -> Any:
    """Give everybody in some order his cheapest option that is still free; move nobody."""
    seats = Seats(*seats_left(found, np.zeros(0, np.int64)))
    pools, sessions = seats.pools.tolist(), seats.sessions.tolist()
    session_of = found.pools.session.tolist()
    first = np.searchsorted(options.app, np.arange(len(options.hub) + 1)).tolist()
    arcs = list(zip(options.choice.tolist(), options.pool.tolist(), strict=True))
    hub_pools = [
        options.hub_pool[a:b].tolist()
        for a, b in zip(options.hub_start[:-1], options.hub_start[1:], strict=True)
    ]
    served = np.zeros(len(options.hub), bool)
    for number in order.tolist():
        wishes = [pool for _, pool in sorted(arcs[first[number] : first[number + 1]])]
        hub = int(options.hub[number])
        for pool in (*wishes, *(hub_pools[hub] if hub >= 0 else ())):
            if pools[pool] > 0 and sessions[session_of[pool]] > 0:
                pools[pool] -= 1
                sessions[session_of[pool]] -= 1
                served[number] = True
                break
    return served


def missed(found: Round, served: Any) -> dict[str, int]:
    """Return how many of each tier were not served."""
    tiers = found.applications.tier
    return {
        f"tier {tier}": int(((tiers == tier) & ~served).sum()) for tier in np.unique(tiers).tolist()
    }


def all_missed(found: Round, options: Options, served: Any) -> dict[str, dict[str, int]]:
    """Compare an exact plan with first come first served and with going down the ranks."""
    rows = found.applications
    by_lot, by_rank = np.argsort(rows.lot), np.lexsort((rows.subject, rows.rank))
    return {
        "exact": missed(found, served),
        "first come first served": missed(found, in_turn(found, options, by_lot)),
        "down the ranks, nobody moved": missed(found, in_turn(found, options, by_rank)),
    }
