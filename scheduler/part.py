"""Rules 1 and 2 of one component: its network, as flat columns of local numbers.

Rule 1 asks only for the order of ranks (`serving.py`), and rule 2 is a flow over the served alone.
Neither needs a weight that outbids another, so that costs stay as small as they can be.

Nothing here knows the round: a part can be handed to another process.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scheduler.network import Net
from scheduler.serving import serve

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.engines import Engine

#: More than any flow.
MANY = 2**40


@dataclass(frozen=True, slots=True)
class Part:
    """The people of one component and what each of them may take; nobody in it is pinned.

    A whole round can stand in one as well (`seating.whole`), the pinned among its people.

    Attributes:
        people: Number of each application in the round, ascending.
        rank: Of each application.
        tail, head, cost: Application, pool and cost of each option, sorted by application.
        hub, hub_cost: Hub of each application, -1 without one, and what the way into it costs.
        hubs: Number of hubs.
        hub_tail, hub_head, hub_extra: Hub, pool and cost of each way out of a hub, by hub.
        pools: Number of each pool in the round.
        pool_session, pool_seats, session_seats: Session of each pool, and seats there are.
    """

    people: Ints
    rank: Ints
    tail: Ints
    head: Ints
    cost: Ints
    hub: Ints
    hub_cost: Ints
    hubs: int
    hub_tail: Ints
    hub_head: Ints
    hub_extra: Ints
    pools: Ints
    pool_session: Ints
    pool_seats: Ints
    session_seats: Ints

    def only(self, kept: Flags) -> Part:
        """Return the part as if all others had not applied."""
        place = np.cumsum(kept, dtype=np.int32) - 1
        arcs = kept[self.tail]
        return replace(
            self,
            people=self.people[kept],
            rank=self.rank[kept],
            tail=place[self.tail[arcs]],
            head=self.head[arcs],
            cost=self.cost[arcs],
            hub=self.hub[kept],
            hub_cost=self.hub_cost[kept],
        )

    def solve(self, engine: Engine) -> Ints:
        """Return the pool of each application by rules 1 and 2, numbered here, -1 for none."""
        served = serve(self, engine)
        pool = np.full(len(served), -1, np.int64)
        pool[served] = self.only(served).seat(engine)
        return pool

    def seat(self, engine: Engine) -> Ints:
        """Return the pool of each application, all of whom can be served, numbered here: rule 2."""
        net = self.net()
        net.supply[: len(self.people)] = 1
        flows = net.flow(engine)
        used = flows[0] > 0
        pool = np.full(len(self.people), -1, np.int32)
        pool[self.tail[used]] = self.head[used]
        rest = np.flatnonzero(pool < 0)
        # Ways out of hubs stand in order of the hub, and so must the people who take them.
        rest = rest[np.argsort(self.hub[rest], kind="stable")]
        pool[rest] = np.repeat(self.hub_head, flows[2])
        return pool

    def net(self, *, covered: Flags | None = None) -> Net:
        """Return the network of these people; options that are covered are left out, nothing costs.

        Nodes: applications, hubs, pools, sessions, and last the sink. Rows: options, ways into
        hubs, ways out of hubs, pools, sessions.
        """
        hub = len(self.people)
        pool = hub + self.hubs
        session = pool + len(self.pools)
        net = Net(session + len(self.session_seats))
        through = np.flatnonzero(self.hub >= 0)
        free = covered is not None
        taken = slice(None) if covered is None else ~covered
        net.add(self.tail[taken], pool + self.head[taken], 1, 0 if free else self.cost[taken])
        net.add(through, hub + self.hub[through], 1, 0 if free else self.hub_cost[through])
        extra = 0 if free else self.hub_extra
        net.add(hub + self.hub_tail, pool + self.hub_head, MANY, extra)
        seats = np.minimum(self.pool_seats, self.session_seats[self.pool_session])
        net.add(np.arange(pool, session), session + self.pool_session, seats, 0)
        net.add(np.arange(session, net.sink), net.sink, self.session_seats, 0)
        return net

    def most_seats(self) -> int:
        """Return how many people there are seats for, whoever they are."""
        held = np.zeros(len(self.session_seats), np.int64)
        np.add.at(held, self.pool_session, self.pool_seats)
        return int(np.minimum(held, self.session_seats).sum())

    def covered(self) -> Flags:
        """Say of each option whether the application's hub leads to its pool as well."""
        # The last row is that of whoever has no hub.
        leads = np.zeros((self.hubs + 1, len(self.pools)), bool)
        leads[self.hub_tail, self.hub_head] = True
        return np.asarray(leads[self.hub[self.tail], self.head])
