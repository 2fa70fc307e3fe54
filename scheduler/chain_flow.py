"""Flows of components with chains, and the exact bounds they give.

If every chain is given a price (a multiplier) instead of being a rule, what remains is a flow,
whose optimum is whole and is found in integers. It bounds every plan that keeps the chains,
whatever the prices are; with the prices of a linear programme the bound is usually the optimum
itself. So a plan is proven by a flow that anybody can repeat, and no floating-point number has to
be believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.potentials import NEVER, longest, strongest

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.chain_network import Network
    from scheduler.engines import Engine

#: Parts of one unit of cost, in which costs and the prices of chains are counted.
SCALE = 1 << 12
#: So much dearer is a way of somebody who does not take part.
NOBODY = 2**60
#: No way to stay without a seat.
MUST = -1


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be minimised; all costs in parts of `SCALE`.

    Attributes:
        inside: The applications that take part.
        stay: Cost of staying without a seat by application, `MUST` where that is not allowed.
        way: Cost of each way.
        hub: Cost of each application's way into its hub.
        reserve: Cost of each way out of a hub.
    """

    inside: Flags
    stay: Ints
    way: Ints
    hub: Ints
    reserve: Ints


@dataclass(frozen=True, slots=True)
class Bound:
    """A flow under prices of chains.

    Attributes:
        value: No plan costs less; in parts of `SCALE`.
        price: The prices it was found with, by row.
        way, hub, out: What at least a plan costs more than `value` that uses a way, a way into a
            hub, or a way out of a hub.
        used: Ways of the flow.
        through: Applications that go through their hub in the flow.
        alone: Applications without a seat in it.
    """

    value: int
    price: Ints
    way: Ints
    hub: Ints
    out: Ints
    used: Flags
    through: Flags
    alone: Flags


class Flow:
    """One flow: people, hubs, pools, sessions and the sink."""

    def __init__(self, network: Network, asked: Question, way: Ints) -> None:
        self.network, self.asked = network, asked
        ways, options = network.ways, network.options
        self.people = network.people[asked.inside[network.people]]
        self.way = np.flatnonzero(asked.inside[ways.app])
        self.through = network.hub_people[asked.inside[network.hub_people]]
        self.staying = self.people[asked.stay[self.people] >= 0]
        self.cost = way
        self.hub_cost = asked.hub
        self.stay_cost = asked.stay
        self.reserve = asked.reserve
        self.pool_at = np.searchsorted(network.pools, ways.pool)
        self.out_pool = np.searchsorted(network.pools, options.hub_pool[network.out])
        self.out_hub = np.searchsorted(network.hubs, network.out_hub)
        self.hub_of = np.searchsorted(network.hubs, options.hub[self.through])
        self.session_at = np.searchsorted(
            network.sessions, network.found.pools.session[network.pools]
        )

    def left(self, engine: Engine) -> Flags:
        """Return who stays without a seat; seconds enter pools by doors of their own."""
        parts = self._send(engine, doors=True)[1]
        alone = np.zeros(self.network.size, bool)
        alone[self.staying[parts[5] > 0]] = True
        return alone

    def solve(self, engine: Engine, price: Ints) -> Bound:
        """Solve, and say how much dearer every way is than the best."""
        value, parts = self._send(engine, doors=False)
        return self._bound(value, price, [part > 0 for part in parts], parts)

    def _send(self, engine: Engine, *, doors: bool) -> tuple[int, list[Ints]]:
        """Return the cost, and the flows on ways, into hubs, out of hubs, pools, sessions, stay."""
        network, ways = self.network, self.network.ways
        person = len(self.people)
        hub = person
        pool = hub + len(network.hubs)
        session = pool + len(network.pools)
        sink = session + len(network.sessions)
        door = sink + 1
        # Prices can make a way worth taking; everybody leaves by one way, so that a constant
        # added to all of them changes no decision.
        chosen = self.cost[self.way]
        lift = -min(0, int(chosen.min(initial=0)))
        own = np.searchsorted(self.people, ways.app[self.way])
        staying = np.searchsorted(self.people, self.staying)
        going = np.searchsorted(self.people, self.through)
        out, pools = np.arange(len(network.out)), np.arange(pool, session)
        sessions = np.arange(session, sink)
        shut = pools[:0] if not doors else pools
        first = np.where(network.second[ways.app[self.way]] & doors, door, pool)
        rows = (
            (own, first + self.pool_at[self.way], 0 * own + 1, chosen + lift),
            (going, hub + self.hub_of, 0 * going + 1, self.hub_cost[self.through] + lift),
            (hub + self.out_hub, pool + self.out_pool, 0 * out + person, self.reserve),
            (pools, session + self.session_at, network.pool_seats[network.pools], 0 * pools),
            (sessions, 0 * sessions + sink, network.session_seats[network.sessions], 0 * sessions),
            (staying, 0 * staying + sink, 0 * staying + 1, self.stay_cost[self.staying] + lift),
            (shut - pool + door, shut, network.before[network.pools][: len(shut)], 0 * shut),
        )
        tail, head, capacity, cost = (np.concatenate(column) for column in zip(*rows, strict=True))
        supply = np.zeros(sink + 1 + len(shut), np.int64)
        supply[:person], supply[sink] = 1, -person
        capacity = np.minimum(capacity, person)
        flow = engine.flow(tail=tail, head=head, capacity=capacity, cost=cost, supply=supply)
        value = int((flow * cost).sum()) - lift * person
        return value, np.split(flow, np.cumsum([len(row[0]) for row in rows])[:-1])

    def _bound(self, value: int, price: Ints, used: list[Flags], flows: list[Ints]) -> Bound:
        network, ways, size = self.network, self.network.ways, self.network.size
        taken = np.zeros(len(ways.app), bool)
        taken[self.way[used[0]]] = True
        through, alone = np.zeros(size, bool), np.zeros(size, bool)
        through[self.through[used[1]]] = True
        alone[self.staying[used[5]]] = True
        node, cost = self._seats(taken, through, alone)
        prices = self._prices(node, cost, flows)
        pools, hubs = len(network.pools), len(network.pools) + len(network.sessions)
        worth = cost + np.where(node >= 0, prices[np.maximum(node, 0)], 0)
        way = self.cost + prices[:pools][self.pool_at] - worth[ways.app]
        way[~self.asked.inside[ways.app]] = NOBODY
        hub = np.full(size, NOBODY)
        hub[self.through] = (
            self.hub_cost[self.through] + prices[hubs + self.hub_of] - worth[self.through]
        )
        out = self.reserve + prices[:pools][self.out_pool] - prices[hubs + self.out_hub]
        return Bound(value, price, way, hub, out, taken, through, alone)

    def _seats(self, taken: Flags, through: Flags, alone: Flags) -> tuple[Ints, Ints]:
        """Return node and cost of everybody's seat; -1 for those without."""
        ways, network = self.network.ways, self.network
        node, cost = np.full(network.size, -1, np.int64), np.zeros(network.size, np.int64)
        node[ways.app[taken]] = self.pool_at[taken]
        cost[ways.app[taken]] = self.cost[taken]
        first_hub = len(network.pools) + len(network.sessions)
        mine = through[self.through]
        node[self.through[mine]] = first_hub + self.hub_of[mine]
        cost[self.through[mine]] = self.hub_cost[self.through[mine]]
        cost[alone] = self.stay_cost[alone]
        return node, cost

    def _prices(self, node: Ints, cost: Ints, flows: list[Ints]) -> Ints:
        """Return the least prices of pools, sessions and hubs that prove the flow."""
        network, ways = self.network, self.network.ways
        pools, sessions = len(network.pools), len(network.sessions)
        first_hub = pools + sessions
        count = first_hub + len(network.hubs)
        room = flows[3] < network.pool_seats[network.pools]
        start = np.zeros(count, np.int64)
        start[first_hub:] = NEVER
        app = ways.app[self.way]
        seated = node[app] >= 0
        move, left = self.way[seated], self.way[~seated]
        np.maximum.at(start, self.pool_at[left], cost[ways.app[left]] - self.cost[left])
        sits = node[self.through] >= 0
        go, rest = self.through[sits], self.through[~sits]
        np.maximum.at(start, first_hub + self.hub_of[~sits], cost[rest] - self.hub_cost[rest])
        busy = flows[2] > 0
        edges = strongest(
            np.concatenate(
                (
                    node[ways.app[move]],
                    node[go],
                    first_hub + self.out_hub,
                    self.out_pool[busy],
                )
            ),
            np.concatenate(
                (
                    self.pool_at[move],
                    first_hub + self.hub_of[sits],
                    self.out_pool,
                    first_hub + self.out_hub[busy],
                )
            ),
            np.concatenate(
                (
                    cost[ways.app[move]] - self.cost[move],
                    cost[go] - self.hub_cost[go],
                    -self.reserve,
                    self.reserve[busy],
                )
            ),
        )
        at = np.arange(pools)
        session = pools + self.session_at
        return longest(
            count,
            np.concatenate((edges[0], session, at[room])),
            np.concatenate((edges[1], at, session[room])),
            np.concatenate((edges[2], 0 * at, 0 * at[room])),
            start,
        )
