"""Rules 1 and 2: who is served, and the cheapest plan that serves exactly them.

The served set is a maximum-weight basis, so one flow with the rank as the only cost finds it; a
second flow over the served alone finds the least cost. Neither needs a weight that outbids
another, so that costs stay as small as they can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.arrays import Ints
from scheduler.potentials import seats_left

if TYPE_CHECKING:
    from scheduler.components import Component
    from scheduler.engines import Engine
    from scheduler.options import Options
    from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats left for those who are not pinned."""

    pools: Ints
    sessions: Ints


@dataclass(frozen=True, slots=True)
class Costs:
    """Cost of each arc and of each application's way through its hub: M * move + choice.

    `scale` is M by subject: 1 + applications not pinned * largest choice cost of their options.
    """

    arc: Ints
    hub: Ints
    scale: Ints


def free_seats(found: Round) -> Seats:
    """Return what the pinned leave."""
    return Seats(*seats_left(found, found.applications.prior[found.applications.pinned]))


def total_costs(found: Round, options: Options) -> Costs:
    """Weigh moves over choices so that one number orders both."""
    rows = found.applications
    open_ = ~rows.pinned[options.app]
    # A table of the costs that occur is filled faster than a maximum is updated.
    occurs = np.zeros((4, int(options.choice.max(initial=0)) + 1), bool)
    occurs[rows.subject[options.app[open_]], options.choice[open_]] = True
    largest = np.array([row.nonzero()[0].max(initial=0) for row in occurs], np.int64)
    dearest = np.zeros(len(options.hub_start), np.int64)
    hub_of_arc = np.repeat(np.arange(len(options.hub_start) - 1), np.diff(options.hub_start))
    np.maximum.at(dearest, hub_of_arc, options.hub_reserve)
    through = (options.hub >= 0) & ~rows.pinned
    by_hub = found.config.any_session_cost + dearest[options.hub[through]]
    np.maximum.at(largest, rows.subject[through], by_hub)
    people = np.bincount(rows.subject[~rows.pinned], minlength=4)
    scale = 1 + people * largest
    moves = bool(options.move.any())
    return Costs(
        # Where nobody was told the second array would say the same again.
        arc=scale[rows.subject[options.app]] * options.move + options.choice
        if moves
        else options.choice,
        hub=scale[rows.subject] * options.hub_move + found.config.any_session_cost,
        scale=scale,
    )


class Part:
    """The network of one component, for any subset of its applications.

    Nodes: applications, hubs, pools, sessions, and last the sink.
    """

    def __init__(self, found: Round, options: Options, seats: Seats, component: Component) -> None:
        self.found, self.options, self.component = found, options, component
        pinned = found.applications.pinned
        self.people = component.applications[~pinned[component.applications]]
        self.arcs = component.arcs[~pinned[options.app[component.arcs]]]
        session = found.pools.session[component.pools]
        self.session_of_pool = _place(component.sessions, session)
        self.pool_seats = np.minimum(seats.pools[component.pools], seats.sessions[session])
        self.session_seats = seats.sessions[component.sessions]
        hubs = np.searchsorted(options.hub_start, component.hub_arcs, side="right") - 1
        self.hub_tail = _place(component.hubs, hubs)
        self.hub_head = _place(component.pools, options.hub_pool[component.hub_arcs])

    def leave_out(self, people: list[int]) -> None:
        """Decide as if some applications had not been made."""
        self.people = self.people[~np.isin(self.people, people)]

    def serve(self, engine: Engine) -> Ints:
        """Return the served applications: rule 1."""
        rank = self.found.applications.rank[self.people]
        # Without chains a component has one subject, and only the order of the weights matters.
        weight = np.empty(len(rank), np.int64)
        weight[np.argsort(-rank)] = np.arange(1, len(rank) + 1)
        flows = self._route(engine, self.people, weight)
        return np.asarray(self.people[flows[-1] == 0])

    def seat(self, engine: Engine, served: Ints, costs: Costs) -> Ints:
        """Return the pool of each served application: rule 2, one of the cheapest plans."""
        flows = self._route(engine, served, costs)
        used = self._arcs_of(served)[flows[0] > 0]
        pool = np.full(len(served), -1, np.int64)
        pool[_place(served, self.options.app[used])] = self.options.pool[used]
        rest = np.flatnonzero(pool < 0)
        # Ways out of hubs stand in order of the hub, and so must the people who take them.
        rest = rest[np.argsort(self.options.hub[served[rest]], kind="stable")]
        pool[rest] = np.repeat(self.options.hub_pool[self.component.hub_arcs], flows[2])
        return pool

    def _arcs_of(self, people: Ints) -> Ints:
        """Return the arcs of some of the people, who stand in order."""
        if not len(people):
            return self.arcs[:0]
        app = self.options.app[self.arcs]
        place = np.minimum(_place(people, app), len(people) - 1)
        return np.asarray(self.arcs[people[place] == app])

    def _route(self, engine: Engine, people: Ints, price: Costs | Ints) -> list[Ints]:
        """Send one unit from each of `people` to the sink.

        With `Costs` everybody must be seated, each option at its cost; with weights options are
        free and staying without costs the person's weight. Returned are the flows on options,
        ways into hubs, ways out of hubs, pools, sessions, and staying without.
        """
        part, options = self.component, self.options
        arcs = self._arcs_of(people)
        through = people[options.hub[people] >= 0]
        hub = len(people)
        pool = hub + len(part.hubs)
        session = pool + len(part.pools)
        sink = session + len(part.sessions)
        pools, sessions = np.arange(pool, session), np.arange(session, sink)
        seated = isinstance(price, Costs)
        stay = people[:0] if seated else np.arange(len(people))
        one, many = np.ones(len(arcs), np.int64), np.full(len(self.hub_tail), len(people))
        into = _place(part.hubs, options.hub[through]) + hub
        free = [np.zeros(size, np.int64) for size in (len(arcs), len(into), len(many))]
        if isinstance(price, Costs):
            free = [price.arc[arcs], price.hub[through], options.hub_reserve[part.hub_arcs]]
        # Each row: tails, heads, capacities, costs.
        rows = (
            (
                _place(people, options.app[arcs]),
                pool + _place(part.pools, options.pool[arcs]),
                one,
                free[0],
            ),
            (_place(people, through), into, np.ones(len(into), np.int64), free[1]),
            (hub + self.hub_tail, pool + self.hub_head, many, free[2]),
            (pools, session + self.session_of_pool, self.pool_seats, 0 * pools),
            (sessions, 0 * sessions + sink, self.session_seats, 0 * sessions),
            (stay, 0 * stay + sink, 0 * stay + 1, stay if isinstance(price, Costs) else price),
        )
        tail, head, capacity, cost = (np.concatenate(column) for column in zip(*rows, strict=True))
        supply = np.zeros(sink + 1, np.int64)
        supply[: len(people)], supply[sink] = 1, -len(people)
        flow = engine.flow(
            tail=tail,
            head=head,
            capacity=np.minimum(capacity, len(people)),
            cost=cost,
            supply=supply,
        )
        return np.split(flow, np.cumsum([len(row[0]) for row in rows])[:-1])


def _place(numbers: Ints, wanted: Ints) -> Ints:
    """Return the place of each wanted number among sorted numbers."""
    return np.searchsorted(numbers, wanted)
