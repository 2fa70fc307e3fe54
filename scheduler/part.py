"""Rules 1 and 2 of one component: its network, as flat columns of local numbers.

The served set is a maximum-weight basis, so one flow with the rank as the only cost finds it; a
second flow over the served alone finds the least cost. Neither needs a weight that outbids
another, so that costs stay as small as they can be.

Nothing here knows the round: a part can be handed to another process.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.engines import Engine

#: More than any flow.
_MANY = 2**40


@dataclass(frozen=True, slots=True)
class Part:
    """The people of one component and what each of them may take; nobody in it is pinned.

    Attributes:
        people: Number of each application in the round, ascending.
        rank: Of each application.
        tail, head, cost: Application, pool and cost of each option, sorted by application.
        covered: Options whose pool the application's hub leads to as well.
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
    covered: Flags
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
            covered=self.covered[arcs],
            hub=self.hub[kept],
            hub_cost=self.hub_cost[kept],
        )

    def answer(self, engine: Engine) -> tuple[Ints, Ints]:
        """Return the applications served by rule 1 and their pools by rule 2."""
        chosen = self.only(self.serve(engine))
        return chosen.people, chosen.seat(engine)

    def serve(self, engine: Engine) -> Flags:
        """Say of each application whether it is served: rule 1.

        Options cost nothing here, so that one which the hub leads to as well adds nothing. Whoever
        has no other is like all others of that hub but for the rank: they stand at the hub as one
        crowd, and each of them leaves it at the price of his rank where there is no seat for him.
        """
        # Without chains a component has one subject, and only the order of the weights matters.
        weight = np.empty(len(self.rank), np.int64)
        weight[np.argsort(-self.rank)] = np.arange(1, len(self.rank) + 1)
        alone = self.hub < 0
        alone[self.tail[~self.covered]] = True
        single = self.only(alone)
        own, crowd = np.flatnonzero(alone), np.flatnonzero(~alone)
        hub = len(own)
        at = hub + self.hub[crowd]
        net = _Net(single, free=True)
        net.add(np.arange(hub), net.sink, 1, weight[own])
        net.add(at, net.sink, 1, weight[crowd])
        net.supply[:hub] = 1
        net.supply[hub : hub + self.hubs] = np.bincount(at - hub, minlength=self.hubs)
        flows = net.flow(engine)
        served = np.empty(len(alone), bool)
        served[own], served[crowd] = flows[-2] == 0, flows[-1] == 0
        return served

    def seat(self, engine: Engine) -> Ints:
        """Return the pool of each application, all of whom can be served: rule 2."""
        net = _Net(self, free=False)
        net.supply[: len(self.people)] = 1
        flows = net.flow(engine)
        used = flows[0] > 0
        pool = np.full(len(self.people), -1, np.int32)
        pool[self.tail[used]] = self.head[used]
        rest = np.flatnonzero(pool < 0)
        # Ways out of hubs stand in order of the hub, and so must the people who take them.
        rest = rest[np.argsort(self.hub[rest], kind="stable")]
        pool[rest] = np.repeat(self.hub_head, flows[2])
        return np.asarray(self.pools[pool])


class _Net:
    """A flow over a part. Nodes: applications, hubs, pools, sessions, and last the sink.

    Rows are options, ways into hubs, ways out of hubs, pools, sessions, and what is added.
    """

    def __init__(self, part: Part, *, free: bool) -> None:
        hub = len(part.people)
        pool = hub + part.hubs
        session = pool + len(part.pools)
        self.sink = session + len(part.session_seats)
        self.supply = np.zeros(self.sink + 1, np.int64)
        self.rows: list[tuple[Ints, Ints, Ints, Ints]] = []
        through = np.flatnonzero(part.hub >= 0)
        # Where nothing costs anything, the way through the hub is as good.
        taken = ~part.covered if free else slice(None)
        self.add(part.tail[taken], pool + part.head[taken], 1, 0 if free else part.cost[taken])
        self.add(through, hub + part.hub[through], 1, 0 if free else part.hub_cost[through])
        self.add(hub + part.hub_tail, pool + part.hub_head, _MANY, 0 if free else part.hub_extra)
        self.add(np.arange(pool, session), session + part.pool_session, part.pool_seats, 0)
        self.add(np.arange(session, self.sink), self.sink, part.session_seats, 0)

    def add(self, tail: Ints, head: Ints | int, capacity: Ints | int, cost: Ints | int) -> None:
        """Add a row of arcs."""
        row = np.broadcast_arrays(tail, head, capacity, cost)
        self.rows.append((row[0], row[1], row[2], row[3]))

    def flow(self, engine: Engine) -> list[Ints]:
        """Return the flow on each row; whatever is supplied goes to the sink."""
        total = int(self.supply.sum())
        self.supply[self.sink] = -total
        tail, head, capacity, cost = zip(*self.rows, strict=True)
        flow = engine.flow(
            tail=np.concatenate(tail, dtype=np.int32),
            head=np.concatenate(head, dtype=np.int32),
            capacity=np.minimum(np.concatenate(capacity, dtype=np.int64), total),
            cost=np.concatenate(cost, dtype=np.int64),
            supply=self.supply,
        )
        return np.split(flow, np.cumsum([len(row) for row in tail])[:-1])
