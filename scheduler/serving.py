"""Rule 1 of one component: who is served.

The served set is a maximum-weight basis, so that whoever is refused, the first ones by rank do not
depend on anybody behind them. If the first k can be seated together they all are served; if they
take every seat there is, all others are refused. Both are said by a flow without costs, which is
ten times quicker than one with costs; what is between is asked of the latter.

Options cost nothing here, so that one which the hub leads to as well adds nothing. Whoever has no
other is like all others of that hub but for the rank: they stand at the hub as one crowd, and each
of them leaves it at the price of his rank where there is no seat for him.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.engines import Engine
    from scheduler.part import Part

#: So many times the seats: whether so few can be seated together is asked, one after the other.
_FEWER = (0.95, 0.8)
#: So many times the seats: whether so many take every seat.
_MORE = 1.02


def serve(part: Part, engine: Engine) -> Flags:
    """Say of each application whether it is served: rule 1."""
    turn = np.empty(len(part.rank), np.int64)
    turn[np.argsort(part.rank)] = np.arange(len(part.rank))
    hall = _Hall(part, turn)
    seats = min(part.most_seats(), len(turn))
    if hall.seated(engine, seats) == seats:
        return turn < seats
    many = int(_MORE * seats)
    if many < len(turn) and hall.seated(engine, many) == seats == part.most_seats():
        hall = _Hall(part.only(turn < many), turn[turn < many])
    some = (int(share * seats) for share in _FEWER)
    sure = next((count for count in some if hall.seated(engine, count) == count), 0)
    served = np.zeros(len(turn), bool)
    served[turn < len(hall.turn)] = hall.served(engine, sure)
    return served


class _Hall:
    """People who wait for seats.

    Args:
        part: The component.
        turn: Place of each application by rank, from 0.
    """

    def __init__(self, part: Part, turn: Ints) -> None:
        self.turn = turn
        self.alone, covered = part.hub < 0, part.covered()
        self.alone[part.tail[~covered]] = True
        own = int(np.count_nonzero(self.alone))
        # Where somebody stands: a node of his own, or that of his hub.
        self.node = own + part.hub.astype(np.int64)
        self.node[self.alone] = np.arange(own)
        self.nodes = own + part.hubs
        self.net = part.only(self.alone).net(covered=covered[self.alone[part.tail]])

    def seated(self, engine: Engine, count: int) -> int:
        """Return how many of the first so many can be seated together."""
        return self.net.most(engine, self._standing(self.turn < count))

    def served(self, engine: Engine, sure: int) -> Flags:
        """Say who is served; of the first, so many are for sure."""
        self.net.supply[: self.nodes] = self._standing(np.ones(len(self.turn), bool))
        unsure = np.flatnonzero(self.turn >= sure)
        # Without chains a component has one subject, and only the order of the weights matters.
        weight = len(self.turn) - self.turn[unsure]
        self.net.add(self.node[unsure], self.net.sink, 1, weight)
        served = np.ones(len(self.turn), bool)
        served[unsure] = self.net.flow(engine)[-1] == 0
        return served

    def _standing(self, chosen: Flags) -> Ints:
        """Return how many of the chosen stand at each node."""
        return np.bincount(self.node[chosen], minlength=self.nodes)
