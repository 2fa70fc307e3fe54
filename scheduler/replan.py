"""When something breaks: which part of a round is touched, and what a new plan changes.

A replanning is an ordinary round with `prior` filled for everybody who was told. Only the component
that the event touches has to be asked again; in all others nobody would move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.components import split
from scheduler.options import find_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.plans import Plan
    from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Touched:
    """Ids of the sessions, pools and applications that share seats with some sessions."""

    sessions: tuple[str, ...]
    pools: tuple[str, ...]
    applications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a replanning does to one application.

    Attributes:
        application: Its id.
        before: The pool it had been told; empty for a newcomer.
        after: The pool it has now; empty if it has none.
        kind: `pool` (same session, other pool), `session`, `lost` (told and now without a seat)
            or `new` (a newcomer with a seat).
    """

    application: str
    before: str
    after: str
    kind: str


def touched(found: Round, sessions: Iterable[str]) -> Touched:
    """Return the components that hold some sessions, to be solved as a round of their own.

    Args:
        found: The round, with what has changed already changed in it.
        sessions: Ids of the sessions that an event touches.

    Raises:
        KeyError: There is no such session.
    """
    numbers = []
    for name in sessions:
        number = int(found.sessions.ids.index(name).as_py())
        if number < 0:
            raise KeyError(name)
        numbers.append(number)
    parts = [
        part for part in split(found, find_options(found)) if np.isin(numbers, part.sessions).any()
    ]
    return Touched(
        *(
            tuple(ids[at].as_py() for part in parts for at in getattr(part, column).tolist())
            for ids, column in (
                (found.sessions.ids, "sessions"),
                (found.pools.ids, "pools"),
                (found.applications.ids, "applications"),
            )
        )
    )


def changes(found: Round, plan: Plan) -> list[Change]:
    """List what a replanning changes, by application; whoever keeps the pool is not in it.

    That fewer changes are impossible is what the prices of the plan prove: its `move_cost` is the
    least of all plans that seat the same people, and no plan seats more of the told.
    """
    rows, session_of = found.applications, found.pools.session
    moved = np.flatnonzero(plan.pool != rows.prior)
    names = [*found.pools.ids.to_pylist(), ""]
    listed = []
    for number in moved.tolist():
        before, after = int(rows.prior[number]), int(plan.pool[number])
        if before < 0 or after < 0:
            kind = "new" if before < 0 else "lost"
        else:
            kind = "pool" if session_of[before] == session_of[after] else "session"
        name = rows.ids[number].as_py()
        listed.append(Change(name, names[before], names[after], kind))
    return listed
