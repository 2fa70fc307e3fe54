"""Components with chains: a second subject on the same day, only after the first.

Chains take away what makes one flow enough. Without them the flow still says who could be served
at most; where that set cannot be seated with the chains, the first rank that fails is looked for,
each question a mixed-integer programme (HiGHS through OR-Tools). Programmes only place partners;
everybody else is then seated by flow again, and every cost is counted again in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from scheduler.errors import SolveError
from scheduler.potentials import seats_left
from scheduler.programmes import Programme, with_options
from scheduler.seating import Part, Seats

if TYPE_CHECKING:
    from scheduler.arrays import Ints
    from scheduler.components import Component
    from scheduler.engines import Engine
    from scheduler.options import Options
    from scheduler.rounds import Round
    from scheduler.seating import Costs


@dataclass(slots=True)
class Chained:
    """What was decided in one component with chains.

    Attributes:
        pool: Pool by application, -1 for the refused.
        barred: Applications that only the chain rule keeps from a seat.
        open: Rules whose proof was cut short.
    """

    pool: dict[int, int]
    barred: list[int]
    open: list[str] = field(default_factory=list)


def live_seconds(found: Round, options: Options) -> Ints:
    """Return the applications that wait for another subject and have options of their own."""
    rows = found.applications
    later = (rows.partner >= 0) & (rows.subject > rows.subject[rows.partner])
    return np.flatnonzero(later & with_options(options))


class ChainSolver:
    """Decides one component with chains."""

    def __init__(
        self, found: Round, options: Options, costs: Costs, component: Component, engine: Engine
    ) -> None:
        self.found, self.options, self.costs = found, options, costs
        self.component, self.engine = component, engine
        self.programme = Programme(found, options, component)
        rows = found.applications
        self.pinned = component.applications[rows.pinned[component.applications]]
        # A pinned second holds its first to a seat before it, whatever its rank.
        pinned_seconds = [n for n in self.programme.seconds if rows.pinned[n]]
        firsts = [int(rows.partner[n]) for n in pinned_seconds]
        self.forced = [n for n in firsts if not rows.pinned[n]]
        self.open: list[str] = []

    def solve(self) -> Chained:
        """Decide rule 1 by flow and questions, rule 2 by one programme, and recount."""
        barred: list[int] = []
        good: list[int] = []
        if self.forced and not self._possible([]):
            raise SolveError("a pinned second cannot keep its seat: its first cannot sit before it")
        while True:
            served = self._flow_set(barred)
            first = self._first_failure(served, len(good))
            if first is None:
                break
            good = served[:first]
            barred.append(served[first])
        pool = self._cheapest(served)
        return Chained(pool, barred, self.open)

    def _flow_set(self, barred: list[int]) -> list[int]:
        """Return who is served without chains, the barred left out, in order of decision."""
        found, rows = self.found, self.found.applications
        seats = Seats(*seats_left(found, rows.prior[rows.pinned]))
        part = Part(found, self.options, seats, self.component)
        part.leave_out(barred)
        served = part.serve(self.engine) if len(part.people) else part.people
        order = np.lexsort((rows.rank[served], rows.subject[served]))
        return [int(number) for number in served[order].tolist()]

    def _first_failure(self, served: list[int], known: int) -> int | None:
        """Return the place of the first who cannot be seated with all before, None if all can."""
        last = self._missing_first(served)
        if last is None and self._possible(served):
            return None
        low, high = known, len(served) if last is None else last
        if last is not None and self._possible(served[:last]):
            return last
        while high - low > 1:
            middle = (low + high) // 2
            if self._possible(served[:middle]):
                low = middle
            else:
                high = middle
        return high - 1

    def _missing_first(self, served: list[int]) -> int | None:
        """Return the place of the first second whose partner is not served."""
        rows, seated = self.found.applications, {*served, *self.pinned.tolist()}
        for place, number in enumerate(served):
            partner = int(rows.partner[number])
            later = partner >= 0 and rows.subject[number] > rows.subject[partner]
            if later and partner not in seated:
                return place
        return None

    def _possible(self, served: list[int]) -> bool:
        """Ask whether all of `served` can sit together with the pinned."""
        answer = self.programme.run([*{*served, *self.forced}], [])
        if not answer.proven:
            self._leave_open("rule 1")
        return answer.seats is not None

    def _leave_open(self, rule: str) -> None:
        if rule not in self.open:
            self.open.append(rule)

    def _cheapest(self, served: list[int]) -> dict[int, int]:
        """Return the cheapest seats of the served: partners by programme, all others by flow."""
        objectives = ["choice"]
        if (self.found.applications.prior[served] >= 0).any():
            objectives = ["move", "choice"]
        answer = self.programme.run(served, objectives)
        if answer.seats is None:
            raise SolveError(
                "the programme of a component with chains gave no seats within its limit"
            )
        if not answer.proven:
            self._leave_open("rule 2")
        pool = answer.seats | {int(n): int(self.found.applications.prior[n]) for n in self.pinned}
        fixed = np.full(len(self.found.applications.rank), -1, np.int64)
        fixed[self.found.applications.pinned] = self.found.applications.prior[
            self.found.applications.pinned
        ]
        for number, seat in answer.seats.items():
            fixed[number] = seat
        rest = np.array([number for number in served if number not in answer.seats], np.int64)
        part = Part(self.found, self.options, Seats(*seats_left(self.found, fixed)), self.component)
        part.leave_out([*answer.seats])
        if len(rest):
            order = np.sort(rest)
            seats = part.seat(self.engine, order, self.costs)
            pool |= dict(zip(order.tolist(), seats.tolist(), strict=True))
        return pool
