"""The cheapest plan that keeps the chains, with a proof in integers wherever there is one.

A linear programme over a few ways gives the chains prices; the flow under those prices bounds every
plan and names the ways that could be part of a better one. They are added until the bound meets the
programme. Where it does not quite, a mixed-integer programme over the ways that are left decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scheduler.chain_flow import MUST, NOBODY, SCALE, Question
from scheduler.programmes import Answer, Columns, Kept, Programme

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.chain_flow import Bound
    from scheduler.chain_network import Network
    from scheduler.engines import Engine

#: Ways of a first programme cost at most so much more than the flow without chains.
_NEAR = 2 * SCALE
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Found:
    """The best plan for a question.

    Attributes:
        value: Its cost in parts of `SCALE`; None if nothing was found.
        used: Ways taken by partners, and by others as far as they are whole.
        alone: Applications without a seat.
        proven: Nothing costs less, or nothing exists.
        price: Prices of the chains that bound it.
    """

    value: int | None
    used: Flags
    alone: Flags
    proven: bool
    price: Ints


class Search:
    """Questions about one network; the ways that mattered once are kept for the next."""

    def __init__(self, network: Network, engine: Engine, programme: Programme) -> None:
        self.network, self.engine, self.programme = network, engine, programme
        ways = len(network.ways.app)
        self.columns = Columns(
            np.zeros(ways, bool), np.zeros(network.size, bool), np.zeros(len(network.out), bool)
        )
        self.price = np.zeros(network.rows.count, np.int64)

    def question(
        self, inside: Flags, stay: dict[int, int] | None = None, objective: str = "nothing"
    ) -> Question:
        """Ask about some people.

        Args:
            inside: Who takes part.
            stay: Cost of each application that may stay without a seat.
            objective: `move`, `choice` or `nothing`.
        """
        network, options = self.network, self.network.options
        ways = network.ways
        may = np.full(network.size, MUST, np.int64)
        for number, cost in (stay or {}).items():
            may[number] = cost * SCALE
        way, hub = np.zeros(len(ways.app), np.int64), np.zeros(network.size, np.int64)
        reserve = np.zeros(len(network.out), np.int64)
        if objective == "move":
            way, hub = ways.move * SCALE, options.hub_move * SCALE
        elif objective == "choice":
            way = ways.choice * SCALE
            hub[:] = network.found.config.any_session_cost * SCALE
            reserve = options.hub_reserve[network.out] * SCALE
        return Question(inside, may, *(part.astype(np.int64) for part in (way, hub, reserve)))

    def cheapest(self, asked: Question, kept: Kept | None = None) -> Found:
        """Return the cheapest plan."""
        bound = self._bound(asked, kept, self.price, 0)
        self.columns.add(bound, asked, _NEAR)
        self._hold(bound)
        answer, best = self._relaxed(asked, kept, bound)
        if answer.value is None:
            return self._impossible(asked, kept, answer, best)
        if not answer.whole:
            return self._whole(asked, kept, best)
        value = round(answer.value / SCALE) * SCALE
        return self._found(answer, value, best, proven=best.value > value - SCALE)

    def any_plan(self, asked: Question) -> Found:
        """Return a plan over the ways seen so far if there is one; nothing is proven."""
        best = self._bound(asked, None, self.price, 0)
        self._hold(best)
        answer = self.programme.run(asked, self.columns, None, whole=True, limited=False)
        while answer.value is None and self.columns.add(best, asked, self._farthest(best)):
            answer = self.programme.run(asked, self.columns, None, whole=True, limited=False)
        value = None if answer.value is None else round(answer.value)
        return Found(value, answer.used, answer.alone, proven=False, price=self.price)

    def _bound(self, asked: Question, kept: Kept | None, price: Ints, weight: int) -> Bound:
        """Bound every plan; the kept sum has a weight of its own."""
        if kept is None or weight == 0:
            return self.network.bound(self.engine, asked, price)
        sums = (
            one + weight * (two // SCALE)
            for one, two in (
                (asked.way, kept.asked.way),
                (asked.hub, kept.asked.hub),
                (asked.reserve, kept.asked.reserve),
            )
        )
        weighed = Question(asked.inside, asked.stay, *sums)
        bound = self.network.bound(self.engine, weighed, price)
        return replace(bound, value=bound.value - weight * (kept.most // SCALE))

    def _hold(self, bound: Bound) -> None:
        """Let the programme see the ways of a flow, so that it has a plan to begin with."""
        self.columns.way |= bound.used
        self.columns.hub |= bound.through

    def _relaxed(self, asked: Question, kept: Kept | None, best: Bound) -> tuple[Answer, Bound]:
        """Solve the linear programme over as many ways as it needs."""
        near = _NEAR
        for _ in range(_ROUNDS):
            answer = self.programme.run(asked, self.columns, kept, whole=False)
            if answer.value is None:
                near *= 4
                if not self.columns.add(best, asked, near) and near > self._farthest(best):
                    return answer, best
                continue
            bound = self._bound(asked, kept, answer.price, answer.weight)
            if bound.value > best.value:
                best, self.price = bound, bound.price
            new = self.columns.add(bound, asked, 0)
            self._hold(bound)
            # A quarter of a unit covers the rounding of prices.
            if not new or bound.value > answer.value - SCALE // 4:
                return answer, best
        return answer, best

    def _farthest(self, bound: Bound) -> int:
        found = (bound.way, bound.hub, bound.out)
        return max(int(part[part < NOBODY].max(initial=0)) for part in found)

    def _whole(self, asked: Question, kept: Kept | None, best: Bound) -> Found:
        """Solve with whole partners over all ways that a better plan could use."""
        answer = self.programme.run(asked, self.columns, kept, whole=True)
        while answer.value is not None and answer.optimal:
            value = round(answer.value / SCALE) * SCALE
            # A plan that is better by one unit uses no way that costs so much more than the bound.
            if not self.columns.add(best, asked, value - SCALE - best.value):
                return self._found(answer, value, best, proven=True)
            answer = self.programme.run(asked, self.columns, kept, whole=True)
        if answer.value is None:
            return self._impossible(asked, kept, answer, best)
        value = round(answer.value / SCALE) * SCALE
        return self._found(answer, value, best, proven=best.value > value - SCALE)

    def _impossible(self, asked: Question, kept: Kept | None, answer: Answer, best: Bound) -> Found:
        """Say that nothing exists once the programme has seen every way."""
        while answer.value is None and self.columns.add(best, asked, self._farthest(best)):
            answer = self.programme.run(asked, self.columns, kept, whole=True)
        if answer.value is None:
            return Found(None, answer.used, answer.alone, answer.optimal, best.price)
        return self._whole(asked, kept, best)

    def _found(self, answer: Answer, value: int, best: Bound, *, proven: bool) -> Found:
        return Found(value, answer.used, answer.alone, proven, best.price)
