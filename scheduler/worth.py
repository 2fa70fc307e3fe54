"""What one more seat, vehicle or examiner would bring in each session; for planners, best first.

Read off the plan where nothing would be gained, and solved again, component by component, where
something would: so many more people would have a seat, and the best of them has this rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.explain import Explainer
from scheduler.replan import Standing
from scheduler.solving import solve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.plans import Plan
    from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Worth:
    """One addition.

    Attributes:
        kind: `seat`, `vehicle` (as many seats in pool and session as one drives in a session) or
            `examiner` (the same in the session alone, where vehicles stand idle).
        session, pool: Where; no pool for an examiner.
        seats: Seats that are added.
        served: More people with a seat.
        rank: The best rank among them.
    """

    kind: str
    session: str
    pool: str
    seats: int
    served: int
    rank: int


def worth(found: Round, plan: Plan) -> list[Worth]:
    """Say what each addition would bring; what brings nothing is left out.

    Args:
        found: The round.
        plan: Its plan.

    Raises:
        SolveError: As `solve`.
    """
    standing, listed = Standing(found), []
    base = set(found.applications.ids.take(np.flatnonzero(plan.pool >= 0)).to_pylist())
    for kind, session, pool, seats in _additions(found, plan):
        at = int(found.sessions.ids.index(session).as_py())
        pools = {}
        if pool:
            number = int(found.pools.ids.index(pool).as_py())
            pools = {pool: int(found.pools.seats[number]) + seats}
        part = standing.part(
            [session],
            session_seats={session: int(found.sessions.seats[at]) + seats},
            pool_seats=pools,
        )
        names = part.applications.ids.to_pylist()
        seated = np.flatnonzero(solve(part).pool >= 0)
        new = [names[number] for number in seated.tolist() if names[number] not in base]
        if new:
            ranks = [
                int(found.applications.rank[found.applications.ids.index(name).as_py()])
                for name in new
            ]
            listed.append(Worth(kind, session, pool, seats, len(new), min(ranks)))
    return sorted(listed, key=lambda one: (-one.served, one.rank, one.kind, one.session, one.pool))


def _additions(found: Round, plan: Plan) -> Iterator[tuple[str, str, str, int]]:
    """Name the additions that could bring anything: one more seat there would serve somebody."""
    pools = found.pools
    helped = {gain.pool: gain for gain in Explainer(found, plan).gains() if gain.rank}
    turns = -(-pools.seats // np.maximum(pools.vehicles, 1))
    sessions: dict[str, int] = {}
    for number, pool in enumerate(pools.ids.to_pylist()):
        if pool not in helped:
            continue
        session, driven = helped[pool].session, int(turns[number])
        yield "seat", session, pool, 1
        if pools.vehicles[number] and driven:
            yield "vehicle", session, pool, driven
            sessions[session] = max(sessions.get(session, 0), driven)
    for session, driven in sorted(sessions.items()):
        yield "examiner", session, "", driven
