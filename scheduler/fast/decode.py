"""Seats of a component as they are published: choice, vehicle, turn, cut and cost."""

from __future__ import annotations

import numpy as np

from scheduler.arrays import Ints, Whole
from scheduler.fast.cheapest import Ways
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.facts import Facts
from scheduler.fast.network import Network, move_of
from scheduler.fast.tree import SINK, Seating


@compiled
def write_seats(
    facts: Facts,
    net: Network,
    pool_node: Ints,
    people: Ints,
    by_rank: Ints,
    sits: Seating,
    level: Ints,
    scale: Ints,
    into: tuple[Ints, Ints, Ints, Ints, Ints],
) -> tuple[Whole, Whole]:
    """Write pool, order, vehicle, turn and cut of everybody; return move and choice cost.

    People are gone through by rank, so that positions inside a pool are those of the ranks.
    """
    taken = np.zeros(len(net.position), np.int32)
    cut_of_hub = np.zeros(len(net.ways.hub_start) - 1, np.int32)
    room = (taken, cut_of_hub)
    return _write(facts, net, pool_node, people, by_rank, sits, level, scale, into, room)


@inner
def _write(
    facts: Facts,
    net: Network,
    pool_node: Ints,
    people: Ints,
    by_rank: Ints,
    sits: Seating,
    level: Ints,
    scale: Ints,
    into: tuple[Ints, Ints, Ints, Ints, Ints],
    room: tuple[Ints, Ints],
) -> tuple[Whole, Whole]:
    """Do what `write_seats` says; `room` is to count in."""
    pools, orders, vehicles, turns, cuts = into
    taken, cut_of_hub = room
    _hub_cuts(net.ways, level, cut_of_hub)
    moves, choices = np.int64(0), np.int64(0)
    for at in by_rank:
        app = people[at]
        node = pool_node[facts.prior[app]] if net.pinned[at] else sits.seat[at]
        if node == SINK:
            cuts[app] = _cut(net.ways, level, cut_of_hub, at)
            continue
        pool = net.position[node]
        order, choice = _chosen(facts, net, scale, app, at, node)
        pools[app], orders[app] = pool, order
        moves += move_of(facts, app, pool)
        choices += choice
        place, cars = taken[node], facts.pool_vehicles[pool]
        taken[node] += 1
        vehicles[app] = place % cars + 1 if cars > 0 else 0
        turns[app] = place // max(cars, 1) + 1
    return moves, choices


@inner
def _chosen(
    facts: Facts, net: Network, scale: Ints, app: Whole, at: Whole, node: Whole
) -> tuple[Whole, Whole]:
    """Return the number of the choice that a seat is, and its choice cost."""
    pool, ways = net.position[node], net.ways
    for way in range(ways.start[at], ways.start[at + 1]):
        if ways.pool[way] == node:
            move = scale[facts.subject[app]] * move_of(facts, app, pool)
            return np.int64(net.order[way]), ways.cost[way] - move
    extra = facts.extra[pool] if facts.pays[facts.profile[app]] else np.int64(0)
    return np.int64(0), facts.any_cost + extra


@inner
def _hub_cuts(ways: Ways, level: Ints, cuts: Ints) -> None:
    """Set the largest level of each hub's pools."""
    for hub in range(len(cuts)):
        for way in range(ways.hub_start[hub], ways.hub_start[hub + 1]):
            cuts[hub] = max(cuts[hub], level[ways.hub_pool[way]])


@inner
def _cut(ways: Ways, level: Ints, cut_of_hub: Ints, at: Whole) -> Whole:
    """Return the largest level among the options of a refused application."""
    cut = cut_of_hub[ways.hub[at]] if ways.hub[at] >= 0 else 0
    for way in range(ways.start[at], ways.start[at + 1]):
        cut = max(cut, level[ways.pool[way]])
    return cut
