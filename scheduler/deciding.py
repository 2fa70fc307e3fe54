"""One component from rule 1 to its proof: seats, levels, prices and the salt of its draw.

Nothing here knows the round: a component can be handed to another process (`crew.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scheduler.errors import SolveError
from scheduler.potentials import Residual, Seated, best
from scheduler.pricing import price_seats
from scheduler.reach import reach_of
from scheduler.ties import draw, find_ties, has_rival

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.engines import Engine
    from scheduler.part import Part

_MOST_SALTS = 64


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided about a component.

    Attributes:
        place: The number its question had.
        people: Number of each application in the round.
        pool: Number in the round of the pool of each, -1 for none.
        barred: Who could be seated if no chain had to be kept.
        cut: Of who is refused and not barred, the largest level among the options; else 0.
        levels, prices: Of pools and of sessions, as the component lists them.
        salt: Of rule 3.
    """

    place: int
    people: Ints
    pool: Ints
    barred: Flags
    cut: Ints
    levels: tuple[Ints, Ints]
    prices: tuple[Ints, Ints]
    salt: int


@dataclass(frozen=True, slots=True)
class Chains:
    """What was decided about a component with chains: pools numbered there, and who must stay."""

    pool: Ints
    bound: Flags


@dataclass(frozen=True, slots=True)
class Question:
    """A component to be decided; where there are chains, rules 1 and 2 have been already.

    Attributes:
        place: A number that its decision has too.
        part: The component.
        salt: The first salt of rule 3.
        chains: What was decided where there are chains.
    """

    place: int
    part: Part
    salt: int
    chains: Chains | None = None

    def answer(self, engine: Engine) -> Decision:
        """Decide rules 1 to 3 in turn and write down what proves them."""
        part, chains = self.part, self.chains
        seated = price_seats(part, chains.pool if chains else part.solve(engine))
        residual, settled = Residual(part, seated), seated
        if chains:
            # Partners sit where their programme put them: prices and draw are about all others.
            settled = replace(seated, movable=seated.movable & ~chains.bound)
        alone = Residual(part, settled) if chains else residual
        prices = alone.prices()
        pool, salt = self._draw(engine, settled, prices)
        refused = pool < 0
        barred = refused & self._could_sit(residual, pool) if chains else np.zeros_like(refused)
        refused = refused & ~barred
        levels = residual.levels(np.flatnonzero(refused))
        cut = np.where(refused, best(part, levels[0]), 0)
        seat = np.where(pool >= 0, part.pools[pool], -1)
        return Decision(self.place, part.people, seat, barred, cut, levels, prices, salt)

    def _draw(self, engine: Engine, seated: Seated, prices: tuple[Ints, Ints]) -> tuple[Ints, int]:
        """Return the pools under rule 3 and the salt that makes them the only ones."""
        ties = find_ties(self.part, seated, prices)
        for more in range(_MOST_SALTS):
            salt = (self.salt + more) % 2**64
            pool = draw(self.part, ties, seated.pool, salt, engine)
            if not has_rival(self.part, ties, pool, salt):
                return pool, salt
        raise SolveError("no salt makes the plan unique")

    def _could_sit(self, residual: Residual, pool: Ints) -> Flags:
        """Say whom a seat could be found for if no chain had to be kept.

        Somebody could be seated with all before him exactly if a free seat, or that of somebody
        behind him, can be reached from his options.
        """
        reach = best(self.part, reach_of(self.part, residual, pool, pool >= 0))
        return np.asarray(reach > self.part.rank)
