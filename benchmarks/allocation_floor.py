"""The floor of the fast engine: solving a round whose answer is known beforehand.

    PYTHONPATH=. python benchmarks/allocation_alone.py floor FOLDER fast 2

What is left of solving where nothing has to be searched for. The round's columns are read, options
and components found, the arcs of every component built; every arc is held against the known seats,
levels and prices (of rule 2, and of rule 3 with its drawn numbers), and so is every pool and
session; the seats are decoded into a plan with its summary. No way is looked for, no tree is made,
nothing is pivoted; levels and prices are checked and not worked out. All else is the engine's own
program on as many threads: `Known` does something else with a component and nothing else besides.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.component import Answer, by_hub, write_bins
from scheduler.fast.decode import write_seats
from scheduler.fast.drawn import drawn
from scheduler.fast.engine import FastEngine
from scheduler.fast.facts import Facts, Hubs
from scheduler.fast.network import Network, network
from scheduler.fast.parts import Parts
from scheduler.fast.tree import SINK, Seating
from scheduler.plans import Plan
from scheduler.rounds import Round
from scheduler.tied import first_salt

#: More than any rank, for what has no level.
_ENDLESS = 2**31 - 1


class Answered(NamedTuple):
    """The answer as it is known: seats of applications, levels and prices of pools and sessions.

    A pool's price is its own and its session's together. `drawn`, `session_drawn` and `sink_drawn`
    are the prices of rule 3, `tries` the draws of each component.
    """

    pool: Ints
    level: Ints
    session_level: Ints
    price: Ints
    session_price: Ints
    drawn: Ints
    session_drawn: Ints
    sink_drawn: Ints
    tries: Ints


class Nodes(NamedTuple):
    """The same of one component by node; hubs have the largest level and the least price."""

    level: Ints
    value: Ints
    drawn: Ints
    hub_level: Ints
    hub_value: Ints


class Known(FastEngine):
    """The fast engine, told the answer. A second plan of it takes the prices of rule 3 as known."""

    def __init__(self, found: Round, threads: int, plan: Plan, known: Answered | None) -> None:
        super().__init__(found, threads)
        self.wrong, self.learning = 0, known is None
        self.known = known or self._answered(plan)

    def _answered(self, plan: Plan) -> Answered:
        pools, session_of = len(plan.prices[0]), self.found.pools.session
        first = first_salt(self.found.sha256)
        names = self.found.sessions.ids.take(self.parts.name).to_pylist()
        tries = [(plan.salts[name] - first) % 2**64 for name in names]
        levels = (np.where(level > 0, level, _ENDLESS).astype(np.int64) for level in plan.levels)
        return Answered(
            plan.pool.astype(np.int32),
            *levels,
            plan.prices[0] + plan.prices[1][session_of],
            plan.prices[1],
            np.zeros(pools, np.int64),
            np.zeros(len(plan.prices[1]), np.int64),
            np.zeros(len(names), np.int64),
            np.array(tries, np.int64),
        )

    def _decide(self, chosen: Ints, salt: np.uint64, answer: Answer) -> None:
        told = (self.facts, self.hubs, self.parts, self.scale, salt, chosen, self.known, answer)
        self.wrong += confirm(*told, self.learning)

    def arcs(self) -> None:
        """Build the arcs of all components and nothing else."""

        def build(chosen: Ints) -> None:
            _build(self.facts, self.hubs, self.parts, self.scale, chosen)

        with ThreadPoolExecutor(self.threads) as threads:
            list(threads.map(build, self._tasks()))


@compiled
def _build(facts: Facts, hubs: Hubs, parts: Parts, scale: Ints, chosen: Ints) -> None:
    for part in chosen:
        ranked = parts.people[parts.people_start[part] : parts.people_start[part + 1]]
        network(facts, hubs, parts, scale, part, by_hub(hubs, parts, part, ranked)[0])


@compiled
def confirm(
    facts: Facts,
    hubs: Hubs,
    parts: Parts,
    scale: Ints,
    salt: Whole,
    chosen: Ints,
    known: Answered,
    answer: Answer,
    learning: Truth,
) -> Whole:
    """Check and decode some components; return how many arcs and bins do not hold."""
    wrong = 0
    for part in chosen:
        wrong += _confirm(facts, hubs, parts, scale, salt, part, known, answer, learning)
    return wrong


@compiled
def _confirm(
    facts: Facts,
    hubs: Hubs,
    parts: Parts,
    scale: Ints,
    salt: Whole,
    part: Whole,
    known: Answered,
    answer: Answer,
    learning: Truth,
) -> Whole:
    """Do for one component what `component.decide` does, without deciding anything."""
    ranked = parts.people[parts.people_start[part] : parts.people_start[part + 1]]
    people, by_rank = by_hub(hubs, parts, part, ranked)
    net = network(facts, hubs, parts, scale, part, people)
    count, hub_count = len(net.bins.onto), len(net.ways.hub_start) - 1
    nodes = Nodes(
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(hub_count, np.int64),
        np.full(hub_count, 2**62, np.int64),
    )
    seat, paid = np.zeros(len(people), np.int32), np.zeros(len(people), np.int64)
    sits = Seating(seat, paid, count)
    _take_over(parts, part, known, people, net, sits, nodes)
    wrong = _bins(net, nodes)
    wrong += _people(facts, people, net, sits, nodes)
    own = np.uint64(salt) + np.uint64(known.tries[part])
    missed = _draws(net, sits, nodes, people, own)
    while learning and missed > 0:
        missed = _draws(net, sits, nodes, people, own)
    if learning:
        _learn(parts, part, known, nodes)
    nodes.level[nodes.level == _ENDLESS] = 0
    write_bins(parts, part, nodes.level, nodes.value, net.bins.onto, answer)
    into = (answer.pool, answer.order, answer.vehicle, answer.turn, answer.cut)
    move, choice = write_seats(
        facts, net, parts.pool_node, people, by_rank, sits, nodes.level, scale, into
    )
    answer.spent[part, 0], answer.spent[part, 1] = move, choice
    answer.tries[part] = known.tries[part]
    return wrong + missed


@inner
def _take_over(
    parts: Parts,
    part: Whole,
    known: Answered,
    people: Ints,
    net: Network,
    sits: Seating,
    nodes: Nodes,
) -> None:
    """Give nodes and people what is known of them."""
    for at in range(parts.session_start[part], parts.session_start[part + 1]):
        session = parts.session[at]
        node = parts.session_node[session]
        nodes.level[node] = known.session_level[session]
        nodes.value[node] = known.session_price[session]
        nodes.drawn[node] = known.session_drawn[session]
    for at in range(parts.pool_start[part], parts.pool_start[part + 1]):
        pool = parts.pool[at]
        node = parts.pool_node[pool]
        nodes.level[node], nodes.value[node] = known.level[pool], known.price[pool]
        nodes.drawn[node] = known.drawn[pool]
    nodes.drawn[SINK] = known.sink_drawn[part]
    ways, bins = net.ways, net.bins
    for hub in range(len(nodes.hub_level)):
        for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
            node = ways.hub_pool[way]
            nodes.hub_level[hub] = max(nodes.hub_level[hub], nodes.level[node])
            price = nodes.value[node] + ways.hub_extra[way]
            nodes.hub_value[hub] = min(nodes.hub_value[hub], price)
    for at in range(len(people)):
        pool = known.pool[people[at]]
        if pool >= 0 and not net.pinned[at]:
            node = parts.pool_node[pool]
            sits.seat[at] = node
            bins.flow[node] += 1
            bins.flow[bins.onto[node]] += 1


@inner
def _bins(net: Network, nodes: Nodes) -> Whole:
    """Return how many pools and sessions contradict their levels and prices."""
    bins, level, value, wrong = net.bins, nodes.level, nodes.value, 0
    for node in range(1, len(bins.onto)):
        above = bins.onto[node]
        full = bins.flow[node] == bins.room[node]
        good = bins.flow[node] <= bins.room[node] and value[node] >= value[above]
        if above == SINK:
            good &= full or (level[node] == _ENDLESS and value[node] == 0)
        else:
            good &= full or (level[node] >= level[above] and value[node] == value[above])
            good &= bins.flow[node] == 0 or level[node] <= level[above]
        wrong += not good
    return wrong


@inner
def _people(facts: Facts, people: Ints, net: Network, sits: Seating, nodes: Nodes) -> Whole:
    """Return how many people have an option that their level or their price forbids."""
    ways, wrong = net.ways, 0
    for at in range(len(people)):
        if net.pinned[at]:
            continue
        app, seat, hub = people[at], sits.seat[at], ways.hub[at]
        most, least = np.int64(0), np.int64(2**62)
        paid = np.int64(-1)
        for way in range(ways.start[at], ways.start[at + 1]):
            pool = ways.pool[way]
            most = max(most, nodes.level[pool])
            least = min(least, ways.cost[way] + nodes.value[pool])
            if pool == seat:
                paid = ways.cost[way]
        if hub >= 0:
            most = max(most, nodes.hub_level[hub])
            least = min(least, ways.hub_cost[at] + nodes.hub_value[hub])
        if seat == SINK:
            wrong += most > facts.rank[app]
            continue
        if paid < 0:
            pays = facts.pays[facts.profile[app]]
            paid = ways.hub_cost[at] + (facts.extra[net.position[seat]] if pays else 0)
        sits.paid[at] = paid
        level = nodes.level[seat]
        wrong += facts.rank[app] >= level or most > level
        wrong += least < paid + nodes.value[seat]
    return wrong


@inner
def _draws(net: Network, sits: Seating, nodes: Nodes, people: Ints, salt: Whole) -> Whole:
    """Return how many moves that cost nothing would lower the drawn sum; raise prices by them."""
    wrong = _loose_bins(net, nodes)
    for at in range(len(people)):
        if sits.seat[at] != SINK:
            wrong += _own_draws(net, sits, nodes, people[at], at, salt)
    return wrong


@inner
def _loose_bins(net: Network, nodes: Nodes) -> Whole:
    """Do what `_draws` says for pools and sessions that need not stay full."""
    bins, price, wrong = net.bins, nodes.drawn, 0
    for node in range(1, len(bins.onto)):
        above = bins.onto[node]
        if nodes.value[node] != nodes.value[above]:
            continue
        if bins.flow[node] < bins.room[node] and price[node] > price[above]:
            price[above] = price[node]
            wrong += 1
        if bins.flow[node] > 0 and price[above] > price[node]:
            price[node] = price[above]
            wrong += 1
    return wrong


@inner
def _own_draws(
    net: Network, sits: Seating, nodes: Nodes, app: Whole, at: Whole, salt: Whole
) -> Whole:
    """Do what `_draws` says for one person."""
    ways, price, seat, wrong = net.ways, nodes.drawn, sits.seat[at], 0
    total = sits.paid[at] + nodes.value[seat]
    own = price[seat] + drawn(salt, app, net.position[seat])
    for way in range(ways.start[at], ways.start[at + 1]):
        pool = ways.pool[way]
        if pool != seat and ways.cost[way] + nodes.value[pool] == total:
            wrong += _raise(net, price, app, pool, own, salt)
    hub = ways.hub[at]
    if hub >= 0 and ways.hub_cost[at] + nodes.hub_value[hub] == total:
        for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
            pool = ways.hub_pool[way]
            same = nodes.value[pool] + ways.hub_extra[way] == nodes.hub_value[hub]
            if pool != seat and same:
                wrong += _raise(net, price, app, pool, own, salt)
    return wrong


@inner
def _raise(net: Network, price: Ints, app: Whole, pool: Whole, own: Whole, salt: Whole) -> Whole:
    """Raise the price of a pool until a seat there is not better drawn; return whether it was."""
    gap = own - drawn(salt, app, net.position[pool])
    if gap <= price[pool]:
        return 0
    price[pool] = gap
    return 1


@inner
def _learn(parts: Parts, part: Whole, known: Answered, nodes: Nodes) -> None:
    """Keep the prices of rule 3."""
    for at in range(parts.session_start[part], parts.session_start[part + 1]):
        known.session_drawn[parts.session[at]] = nodes.drawn[parts.session_node[parts.session[at]]]
    for at in range(parts.pool_start[part], parts.pool_start[part + 1]):
        known.drawn[parts.pool[at]] = nodes.drawn[parts.pool_node[parts.pool[at]]]
    known.sink_drawn[part] = nodes.drawn[SINK]
