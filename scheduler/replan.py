"""When something breaks: which part of a round is touched, and what a new plan changes.

A replanning is an ordinary round with `prior` filled for everybody who was told. Only the component
that the event touches has to be asked again; in all others nobody would move.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler import validation
from scheduler.arrays import pa
from scheduler.canonical import digest
from scheduler.choices import Choices
from scheduler.columns import LARGEST_COUNT, SUBJECTS
from scheduler.components import Component, split
from scheduler.errors import RoundError
from scheduler.options import find_options
from scheduler.rounds import Round, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.arrays import Ints
    from scheduler.plans import Plan
    from scheduler.rounds import Applications


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


class Standing:
    """A round in force, kept at hand so that an event costs the time of one component only.

    Which applications share seats does not depend on how many seats there are: it is worked out
    once, and every later event only cuts out the part that it touches.
    """

    def __init__(self, found: Round) -> None:
        self.found = found
        self.components = split(found, find_options(found))
        self.numbers = {name: at for at, name in enumerate(found.sessions.ids.to_pylist())}
        self.of_session = {
            number: part for part in self.components for number in part.sessions.tolist()
        }

    def touched(self, sessions: Iterable[str]) -> Touched:
        """Return the components that hold some sessions.

        Raises:
            KeyError: There is no such session.
        """
        parts = self._parts(sessions)
        return Touched(
            *(
                tuple(ids[at].as_py() for part in parts for at in getattr(part, column).tolist())
                for ids, column in (
                    (self.found.sessions.ids, "sessions"),
                    (self.found.pools.ids, "pools"),
                    (self.found.applications.ids, "applications"),
                )
            )
        )

    def part(
        self,
        sessions: Iterable[str],
        *,
        session_seats: Mapping[str, int] | None = None,
        pool_seats: Mapping[str, int] | None = None,
    ) -> Round:
        """Return the touched components as a round of their own, with the seats of the event.

        The round has its own digest and is solved, published and checked like any other.

        Args:
            sessions: Ids of the sessions that the event touches.
            session_seats: Session → its seats now.
            pool_seats: Pool → its seats now.

        Raises:
            KeyError: There is no such session.
            RoundError: A pool or session is not in the touched part, or seats are negative.
        """
        made = _cut(self.found, self._parts(sessions))
        return _reseated(made, session_seats or {}, pool_seats or {})

    def _parts(self, sessions: Iterable[str]) -> list[Component]:
        names = {self.numbers[name] for name in sessions}
        parts = {id(self.of_session[at]): self.of_session[at] for at in names & {*self.of_session}}
        return sorted(parts.values(), key=lambda part: part.name)


def touched(found: Round, sessions: Iterable[str]) -> Touched:
    """Return the components that hold some sessions, to be solved as a round of their own.

    Where events follow each other, keep a `Standing` instead: it looks over the round once.

    Args:
        found: The round, with what has changed already changed in it.
        sessions: Ids of the sessions that an event touches.

    Raises:
        KeyError: There is no such session.
    """
    return Standing(found).touched(sessions)


def _cut(found: Round, parts: list[Component]) -> Round:
    """Return the applications of some components, with every row that they refer to; no digest."""
    rows, choices = found.applications, found.choices
    people = _together(len(rows.rank), *(part.applications for part in parts))
    partner = rows.partner[people]
    people = _together(len(rows.rank), people, partner[partner >= 0])
    first = choices.start[people]
    count = choices.start[people + 1] - first
    start = np.concatenate((np.zeros(1, np.int32), np.cumsum(count, dtype=np.int32)))
    chosen = np.arange(start[-1]) + np.repeat(first - start[:-1], count)
    prior = rows.prior[people]
    pools = _together(len(found.pools.seats), *(part.pools for part in parts), prior[prior >= 0])
    sessions = _together(
        len(found.sessions.seats),
        *(part.sessions for part in parts),
        found.pools.session[pools],
        choices.session[chosen],
    )
    made = (
        _rows(found.sessions, sessions),
        replace(_rows(found.pools, pools), session=_place(sessions, found.pools.session[pools])),
        replace(
            _rows(rows, people),
            partner=_place(people, rows.partner[people]),
            prior=_place(pools, prior),
            rank=_ranks(rows, people),
        ),
        Choices(start, _place(sessions, choices.session[chosen])),
    )
    return Round(found.config, *made, sha256="")


def _together(count: int, *lists: Ints) -> Ints:
    """Return the numbers below `count` that stand in any of the lists, ascending."""
    found = np.zeros(count, bool)
    for numbers in lists:
        found[numbers] = True
    return np.flatnonzero(found).astype(np.int32)


def _rows(table: Any, numbers: Ints) -> Any:
    """Return some rows of a table; what they refer to keeps its old numbers."""
    taken: dict[str, Any] = {}
    for field in fields(table):
        column = getattr(table, field.name)
        if isinstance(column, Words):
            names, codes = np.unique(column.codes[numbers], return_inverse=True)
            words = tuple(column.names[name] for name in names.tolist())
            taken[field.name] = Words(words, codes.astype(np.int32))
        elif isinstance(column, np.ndarray):
            taken[field.name] = column[numbers]
        else:
            taken[field.name] = column.take(pa.array(numbers))
    return type(table)(**taken)


def _place(numbers: Ints, wanted: Ints) -> Ints:
    """Return the place of each wanted number among sorted numbers, -1 for none."""
    found = np.searchsorted(numbers, wanted)
    return np.where(wanted < 0, -1, found).astype(np.int32)


def _ranks(rows: Applications, people: Ints) -> Ints:
    """Number some applications of each subject from 1 in the order of their ranks."""
    rank = np.empty(len(people), np.int32)
    for subject in range(len(SUBJECTS)):
        mine = np.flatnonzero(rows.subject[people] == subject)
        rank[mine[np.argsort(rows.rank[people[mine]])]] = np.arange(1, len(mine) + 1)
    return rank


def _reseated(
    found: Round, session_seats: Mapping[str, int], pool_seats: Mapping[str, int]
) -> Round:
    """Return the round with other seats in some sessions and pools."""
    sessions = replace(
        found.sessions, seats=_seats("sessions", "session", found.sessions, session_seats)
    )
    pools = replace(found.pools, seats=_seats("pools", "pool", found.pools, pool_seats))
    made = (sessions, pools, found.applications, found.choices)
    changed = Round(found.config, *made, digest(found.config, *made))
    validation.pins(changed, np.arange(len(found.applications.rank)))
    return changed


def _seats(name: str, column: str, table: Any, changed: Mapping[str, int]) -> Ints:
    seats = table.seats.copy()
    for key, value in changed.items():
        number = int(table.ids.index(key).as_py())
        if number < 0:
            raise RoundError(name, f"{key!r} is not in the touched part", column=column)
        if not 0 <= value <= LARGEST_COUNT:
            message = f"{value} of {key!r} is not a whole number from 0 to {LARGEST_COUNT}"
            raise RoundError(name, message, column="seats")
        seats[number] = value
    return np.asarray(seats)


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
