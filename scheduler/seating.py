"""What rules 1 and 2 are asked: seats, costs, and the components one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.arrays import Ints
from scheduler.part import Part
from scheduler.potentials import seats_left

if TYPE_CHECKING:
    from scheduler.components import Component
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
    app, choice = options.app, options.choice
    if rows.pinned.any():
        open_ = np.flatnonzero(~rows.pinned.take(app))
        app, choice = app.take(open_), choice.take(open_)
    # A table of the costs that occur is filled faster than a maximum is updated.
    width = int(choice.max(initial=0)) + 1
    occurs = np.zeros(4 * width, bool)
    occurs[rows.subject.take(app) * width + choice] = True
    tables = np.split(occurs, 4)
    largest = np.array([table.nonzero()[0].max(initial=0) for table in tables], np.int64)
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


class Cutter:
    """Cuts components out of a round, each with numbers of its own."""

    def __init__(
        self, found: Round, options: Options, costs: Costs, parts: list[Component]
    ) -> None:
        self.found, self.options, self.costs = found, options, costs
        self.hub_of_way = np.repeat(
            np.arange(len(options.hub_start) - 1, dtype=np.int32), np.diff(options.hub_start)
        )
        columns = ("applications", "sessions", "pools", "hubs")
        seats = (len(found.sessions.seats), len(found.pools.seats))
        sizes = (len(options.hub), *seats, len(options.hub_start) - 1)
        self.place = {
            column: _places([getattr(part, column) for part in parts], size)
            for column, size in zip(columns, sizes, strict=True)
        }

    def cut(self, component: Component, seats: Seats, left_out: Ints | None = None) -> Part:
        """Return the network of a component's people, the pinned and those left out not among them.

        `seats` are those that nobody who is left out has taken.
        """
        found, options, place = self.found, self.options, self.place
        rows, whole, arcs = found.applications, component.applications, component.arcs
        ways = component.hub_arcs
        hub = options.hub[whole]
        hub = np.where(hub >= 0, place["hubs"][hub], -1)
        tail, head = place["applications"][options.app[arcs]], place["pools"][options.pool[arcs]]
        out = place["hubs"][self.hub_of_way[ways]], place["pools"][options.hub_pool[ways]]
        session = found.pools.session[component.pools]
        part = Part(
            people=whole,
            rank=rows.rank[whole],
            tail=tail,
            head=head,
            cost=self.costs.arc[arcs],
            hub=hub,
            hub_cost=self.costs.hub[whole],
            hubs=len(component.hubs),
            hub_tail=out[0],
            hub_head=out[1],
            hub_extra=options.hub_reserve[ways],
            pools=component.pools,
            pool_session=place["sessions"][session],
            pool_seats=seats.pools[component.pools],
            session_seats=seats.sessions[component.sessions],
        )
        kept = ~rows.pinned[whole]
        if left_out is not None:
            kept &= ~np.isin(whole, left_out)
        return part if kept.all() else part.only(kept)


def _places(lists: list[Ints], size: int) -> Ints:
    """Return where each number stands in the list that holds it."""
    place = np.zeros(size + 1, np.int32)
    for numbers in lists:
        place[numbers] = np.arange(len(numbers), dtype=np.int32)
    return place


def whole(found: Round, options: Options, costs: Costs) -> Part:
    """Return a whole round as one part, the pinned among its people."""
    sizes = np.diff(options.hub_start)
    return Part(
        people=np.arange(len(options.hub), dtype=np.int32),
        rank=found.applications.rank,
        tail=options.app,
        head=options.pool,
        cost=costs.arc,
        hub=options.hub,
        hub_cost=costs.hub,
        hubs=len(sizes),
        hub_tail=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        hub_head=options.hub_pool,
        hub_extra=options.hub_reserve,
        pools=np.arange(len(found.pools.seats), dtype=np.int32),
        pool_session=found.pools.session,
        pool_seats=found.pools.seats,
        session_seats=found.sessions.seats,
    )
