"""Components with chains: a second subject on the same day, only after the first.

Subject by subject. A first is an ordinary application, so that a flow decides its subject. In the
subject of the seconds a flow says who could be served at most, seconds without a lawful pair of
seats left out; then one search asks whether all of them can sit together. If not, the first rank
that fails is proven to fail, and the flow is asked again without it. Partners keep the seats that
the search gave; everybody else is seated by flow, and every cost is counted again in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from scheduler.chain_network import Network
from scheduler.chain_search import Found, Search
from scheduler.chain_stage import Stage, cheap
from scheduler.columns import SUBJECTS
from scheduler.errors import SolveError
from scheduler.potentials import seats_left
from scheduler.programmes import Kept, Programme, WorkLimitError
from scheduler.seating import Cutter, Seats

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.components import Component
    from scheduler.engines import Engine
    from scheduler.options import Options
    from scheduler.rounds import Round
    from scheduler.seating import Costs

RULE_1, RULE_2 = "rule 1", "rule 2"


@dataclass(slots=True)
class Chained:
    """What was decided in one component with chains.

    Attributes:
        pool: Pool by application, -1 for the refused.
        open: Rules whose proof was cut short.
    """

    pool: dict[int, int]
    open: list[str] = field(default_factory=list)


def with_options(options: Options) -> Flags:
    """Say of each application whether it has an option."""
    found = options.hub >= 0
    found[options.app] = True
    return np.asarray(found)


def bound_partners(found: Round, options: Options) -> Flags:
    """Say of each application whether it and its partner both have options."""
    partner, has = found.applications.partner, with_options(options)
    return np.asarray((partner >= 0) & has & has[partner])


def seconds_of(found: Round) -> Flags:
    """Say of each application whether it waits for another subject."""
    rows = found.applications
    return np.asarray((rows.partner >= 0) & (rows.subject > rows.subject[rows.partner]))


def live_seconds(found: Round, options: Options) -> Ints:
    """Return the applications that wait for another subject and have options of their own."""
    return np.flatnonzero(seconds_of(found) & with_options(options))


class ChainSolver:
    """Decides one component with chains."""

    def __init__(
        self, found: Round, options: Options, costs: Costs, component: Component, engine: Engine
    ) -> None:
        self.found, self.options, self.costs = found, options, costs
        self.component, self.engine = component, engine
        rows = found.applications
        self.seconds = np.intersect1d(live_seconds(found, options), component.applications)
        self.pinned = component.applications[rows.pinned[component.applications]]
        self.served = np.zeros(len(rows.rank), bool)
        self.served[self.pinned] = True
        self.open: list[str] = []
        self.known: tuple[Search, Flags, Found] | None = None

    def solve(self) -> Chained:
        """Decide rule 1 subject by subject, rule 2 at once, and recount."""
        rows, mine = self.found.applications, self.component.applications
        for subject in range(len(SUBJECTS)):
            people = mine[(rows.subject[mine] == subject) & ~rows.pinned[mine]]
            if len(people):
                self.served[self._subject(people)] = True
        return Chained(self._cheapest(), self.open)

    def _subject(self, people: Ints) -> Ints:
        """Return who of one subject is served, all subjects before being decided."""
        rows = self.found.applications
        waits = np.isin(people, self.seconds)
        # A second without its first is not served; nothing that comes later changes that.
        people = people[~waits | self.served[rows.partner[people]]]
        stage = Stage(self, people)
        line = stage.line()
        if not len(np.intersect1d(people, self.seconds)):
            return line
        try:
            return stage.fitting(line)
        except WorkLimitError:
            self.leave_open(RULE_1)
            return stage.settled()

    def pairs(self, people: Flags) -> Ints:
        """Return the seconds whose chain concerns some people: served, pinned, or among them."""
        rows = self.found.applications
        known = people | self.served
        both = known[self.seconds] & known[rows.partner[self.seconds]]
        free = people[self.seconds] | people[rows.partner[self.seconds]]
        return np.asarray(self.seconds[both & free])

    def leave_open(self, rule: str) -> None:
        """Note that the proof of a rule was cut short."""
        if rule not in self.open:
            self.open.append(rule)

    def _cheapest(self) -> dict[int, int]:
        """Return the cheapest seats of the served: partners by search, all others by flow."""
        rows = self.found.applications
        served = np.flatnonzero(self.served & ~rows.pinned)
        seats = self._partners(served)
        pool = np.full(len(rows.rank), -1, np.int64)
        pool[self.pinned] = rows.prior[self.pinned]
        pool[list(seats)] = list(seats.values())
        cutter = Cutter(self.found, self.options, self.costs, [self.component])
        rest = served[pool[served] < 0]
        if len(rest):
            left = Seats(*seats_left(self.found, pool))
            gone = np.setdiff1d(self.component.applications, rest)
            part = cutter.cut(self.component, left, gone)
            pool[part.people] = part.pools[part.seat(self.engine)]
        mine = np.flatnonzero(pool >= 0)
        return dict(zip(mine.tolist(), pool[mine].tolist(), strict=True))

    def _partners(self, served: Ints) -> dict[int, int]:
        """Return the seats of those whom a chain concerns, in one of the cheapest plans."""
        inside = np.zeros(len(self.served), bool)
        inside[served] = True
        told = bool((self.found.applications.prior[served] >= 0).any())
        if self.known and not told and np.array_equal(self.known[1], inside):
            search, _, found = self.known
            return self._seats(search, inside, found)
        network = Network(self.found, self.options, self.component, served, self.pairs(inside))
        search = Search(network, self.engine, Programme(network, self.engine))
        try:
            found = self._cost(search, inside, told=told)
        except WorkLimitError:
            self.leave_open(RULE_2)
            found = search.any_plan(search.question(inside, objective="choice"))
        if not found.proven:
            self.leave_open(RULE_2)
        return self._seats(search, inside, found)

    def _cost(self, search: Search, inside: Flags, *, told: bool) -> Found:
        """Minimise moves, then choices; seconds may be left out while a plan is looked for."""
        objective = "move" if told else "choice"
        waiting = self.seconds[inside[self.seconds]]
        for dear in range(_DEAREST):
            found = cheap(search, inside, waiting, objective, dear)
            if found.value is not None and not found.alone.any():
                break
        else:
            raise SolveError("a component with chains lost the plan it had")
        if not told:
            return found
        if not found.proven:
            self.leave_open(RULE_2)
        kept = Kept(search.question(inside, objective="move"), found.value)
        return search.cheapest(search.question(inside, objective="choice"), kept)

    def _seats(self, search: Search, inside: Flags, found: Found) -> dict[int, int]:
        """Return the seats of partners, the chain rule counted again in whole numbers."""
        if found.value is None:
            raise SolveError("a component with chains gave no seats within its limit")
        network, rows = search.network, self.found.applications
        app = network.ways.app
        taken = np.flatnonzero(found.used & network.partner[app] & inside[app])
        seats = dict(zip(app[taken].tolist(), network.ways.pool[taken].tolist(), strict=True))
        known = seats | {int(n): int(rows.prior[n]) for n in self.pinned}
        for second in network.seconds[inside[network.seconds]].tolist():
            first = int(rows.partner[second])
            if not (first in known and second in known) or not follows(
                self.found, known[first], known[second]
            ):
                raise SolveError("a programme broke a chain; its answer is not used")
        return seats


#: How often a seat left empty is made eight times dearer before a plan is given up.
_DEAREST = 6


def follows(found: Round, before: int, after: int) -> bool:
    """Say whether a seat in pool `after` may follow one in pool `before`."""
    sessions, session = found.sessions, found.pools.session
    one, two = int(session[before]), int(session[after])
    same = sessions.site.codes[one] == sessions.site.codes[two]
    same &= sessions.date[one] == sessions.date[two]
    return bool(same and sessions.start[two] >= sessions.end[one])
