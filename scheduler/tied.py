"""Rule 3 of one component: the people who have several equally cheap seats, and those seats.

Nothing here knows the round: what is asked can be handed to another process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints, Words64
    from scheduler.engines import Engine


def mix(values: Words64) -> Words64:
    """Return splitmix64's step of each value, on 64 bits."""
    with np.errstate(over="ignore"):
        x = values + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def drawn(salt: int | Words64, application: Ints, pool: Ints) -> Ints:
    """Return h, 32 bits, of each (application, pool) by position in byte order of id."""
    first = mix(np.asarray(salt, np.uint64) ^ application.astype(np.uint64))
    return (mix(first ^ pool.astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def first_salt(round_sha256: str) -> int:
    """Return the first 8 bytes of the digest, big-endian."""
    return int(round_sha256[:16], 16)


@dataclass(frozen=True, slots=True)
class Tied:
    """The people of a component who have several equally cheap seats, and all its seats.

    Attributes:
        people: Number of each of them in the round, ascending.
        person, at: Person and pool of each of their ties, by person, numbered from 0 here.
        pools: Number of each pool in the round.
        pool_session: Session of each pool, numbered here.
        seats, session_seats: What those who have one seat only leave.
        kept, session_kept: What must stay full.
        salt: The salt of the draw.
    """

    people: Ints
    person: Ints
    at: Ints
    pools: Ints
    pool_session: Ints
    seats: Ints
    session_seats: Ints
    kept: Flags
    session_kept: Flags
    salt: int

    def answer(self, engine: Engine) -> tuple[Ints, Ints]:
        """Return the people and their pools under rule 3.

        Nodes: people, pools, sessions, and last the sink.
        """
        pool = len(self.people)
        session = pool + len(self.pools)
        sink = session + len(self.session_seats)
        loose, session_loose = np.flatnonzero(~self.kept), np.flatnonzero(~self.session_kept)
        one, nothing = np.ones(len(self.at), np.int64), np.zeros(sink, np.int64)
        # Each row: tails, heads, capacities, costs.
        rows = (
            (
                self.person,
                pool + self.at,
                one,
                drawn(self.salt, self.people[self.person], self.pools[self.at]),
            ),
            (
                pool + loose,
                session + self.pool_session[loose],
                self.seats[loose],
                nothing[: len(loose)],
            ),
            (
                session + session_loose,
                np.full(len(session_loose), sink),
                self.session_seats[session_loose],
                nothing[: len(session_loose)],
            ),
        )
        tail, head, capacity, cost = (np.concatenate(column) for column in zip(*rows, strict=True))
        supply = self._supply(pool, session, sink)
        flow = engine.flow(tail=tail, head=head, capacity=capacity, cost=cost, supply=supply)
        # Everybody takes one of his ties, and they stand in order of the people.
        return self.people, self.pools[self.at[flow[: len(self.at)] > 0]]

    def _supply(self, pool: int, session: int, sink: int) -> Ints:
        """A pool that must stay full takes all its seats in and hands them to its session."""
        supply = np.zeros(sink + 1, np.int64)
        supply[:pool] = 1
        supply[pool:session][self.kept] = -self.seats[self.kept]
        np.add.at(supply, session + self.pool_session[self.kept], self.seats[self.kept])
        supply[session:sink][self.session_kept] -= self.session_seats[self.session_kept]
        supply[sink] = -supply.sum()
        return supply
