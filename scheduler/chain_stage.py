"""Rule 1 in one subject of a component with chains, everything before it being decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scheduler.chain_flow import MUST, SCALE
from scheduler.chain_network import Network
from scheduler.chain_search import Search
from scheduler.errors import SolveError
from scheduler.programmes import Programme

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.chain_search import Found
    from scheduler.chains import ChainSolver


class Stage:
    """The applications of one subject, and who was served in the subjects before it."""

    def __init__(self, solver: ChainSolver, people: Ints) -> None:
        self.solver, self.people = solver, people
        rows, size = solver.found.applications, len(solver.served)
        self.rank = rows.rank.astype(np.int64)
        self.waiting = np.intersect1d(people, solver.seconds)
        self.before = np.zeros(size, bool)
        if len(self.waiting):
            self.before = solver.served & ~rows.pinned
        self.mine = np.zeros(size, bool)
        self.mine[people] = True
        inside = self.before | self.mine
        pairs = solver.pairs(inside)
        # A pinned second holds its first to a seat before it, whatever the first's rank.
        held = rows.partner[pairs[rows.pinned[pairs]]]
        self.held = np.intersect1d(held, people)
        self.network = Network(
            solver.found, solver.options, solver.component, np.flatnonzero(inside), pairs
        )
        self.search = Search(self.network, solver.engine, Programme(self.network, solver.engine))
        self.barred = np.zeros(size, bool)
        self.seated: Ints | None = None

    def line(self) -> Ints:
        """Return by rank who is served if only lawful seats count, and no chain as a whole.

        Seats of a second that no seat of its first could precede are left out, so that the set
        is a greatest one: whoever is not in it has no seat with the chains either.
        """
        return self._greedy(self.mine & ~self.barred)

    def _greedy(self, inside: Flags) -> Ints:
        stay = np.full(len(inside), MUST, np.int64)
        order = self.people[np.argsort(-self.rank[self.people])]
        stay[order] = np.arange(1, len(order) + 1)
        stay[self.held] += len(order)
        alone = self.network.greatest(self.solver.engine, inside, stay)
        if alone[self.held].any():
            raise SolveError("a pinned second cannot keep its seat: its first cannot sit before it")
        served = self.people[inside[self.people] & ~alone[self.people]]
        return np.asarray(served[np.argsort(self.rank[served])])

    def settled(self) -> Ints:
        """Return whom the last plan seats, where no more work is allowed; if none, no seconds."""
        if self.seated is not None:
            return self.seated
        alone = self.mine.copy()
        alone[self.waiting] = False
        return self._greedy(alone)

    def fitting(self, line: Ints) -> Ints:
        """Return who of the line is served with the chains kept.

        The best plan known so far seats all of the line but a few. The first of them is asked
        about: either no plan seats him with all before him, and he is barred, or a plan does.
        """
        alone = self._plan(line, 0)
        while alone[line].any():
            place = int(np.argmax(alone[line]))
            number = int(line[place])
            if self._fails(line[: place + 1]):
                self.barred[number] = True
                fresh = self.line()
                alone[np.setdiff1d(fresh, line)] = True
                line = fresh
            else:
                alone = self._plan(line, place + 1)
        return line

    def _inside(self, line: Ints) -> Flags:
        inside = self.before.copy()
        inside[line] = True
        return inside

    def _plan(self, line: Ints, sure: int) -> Flags:
        """Seat the line at least cost; an empty seat costs more than most, the better the rank.

        `sure` of the line must sit; who is left over otherwise is only asked about.
        """
        inside = self._inside(line)
        dear = _DEAR * self._dearest() + len(line) - np.arange(len(line))
        stay = {int(line[at]): int(dear[at]) for at in range(sure, len(line))}
        found = self.search.cheapest(self.search.question(inside, stay, "choice"))
        if found.value is None:
            raise SolveError("a component with chains lost the plan it had")
        self.seated = line[~found.alone[line]]
        if found.proven and not found.alone.any():
            self.solver.known = (self.search, inside, found)
        return found.alone

    def _dearest(self) -> int:
        return int(self.network.ways.choice.max(initial=0)) + int(
            self.solver.found.config.any_session_cost
        )

    def _fails(self, line: Ints) -> bool:
        """Ask whether the last of the line has no seat together with all before him.

        His empty seat costs more than all seats together: he stays without one in a cheapest plan
        only if he does in every plan.
        """
        number, all_seats = int(line[-1]), self._dearest() * int(self._inside(line).sum())
        asked = self.search.question(self._inside(line), {number: all_seats + 1}, "choice")
        bound = self.network.bound(self.solver.engine, asked, self.search.price)
        if bound.value > all_seats * SCALE:
            return True
        found = self.search.cheapest(asked)
        if not found.proven:
            self.solver.leave_open("rule 1")
        return found.value is None or bool(found.alone[number])


#: An empty seat costs as much as so many of the dearest seats, while a plan is looked for.
_DEAR = 64


def cheap(search: Search, inside: Flags, seconds: Ints, objective: str, dear: int = 0) -> Found:
    """Seat everybody inside at least cost; seconds may stay without a seat at a high one."""
    network = search.network
    ways = network.ways
    column = ways.move if objective == "move" else ways.choice
    most = int(column.max(initial=0)) + network.found.config.any_session_cost
    stay = dict.fromkeys(seconds.tolist(), (most + 1) * _DEAR * 8**dear)
    asked = search.question(inside, stay, objective)
    return search.cheapest(asked)
