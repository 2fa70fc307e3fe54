"""One component from its applications to seats and proof, without a word with the interpreter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Ints, Whole
from scheduler.fast.auction import MOST_BIDS, auction
from scheduler.fast.cheapest import Ways, optimise
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.decode import write_seats
from scheduler.fast.drawn import draw_costs, freeze, lone, recost, tight_ways
from scheduler.fast.facts import Facts, Hubs
from scheduler.fast.nearest import MOST_ROUNDS, seat_nearest
from scheduler.fast.network import network
from scheduler.fast.parts import Parts
from scheduler.fast.proofs import levels, prices, seat_rows
from scheduler.fast.rivals import has_rival
from scheduler.fast.served import Hall, serve
from scheduler.fast.tree import SINK, Bins, Seating

MOST_SALTS = 64


class Answer(NamedTuple):
    """What is decided; columns over applications, pools, sessions and components of the round.

    `pool` is -1 for the refused, `cut` 0 for those without options. `spent` holds move and choice
    cost of each component, `salt` is 0 tries more than the round's own, `work` counts pivots.
    """

    pool: Ints
    order: Ints
    vehicle: Ints
    turn: Ints
    cut: Ints
    pool_level: Ints
    session_level: Ints
    pool_price: Ints
    session_price: Ints
    spent: Ints
    tries: Ints
    work: Ints


@compiled
def decide(
    facts: Facts, hubs: Hubs, parts: Parts, scale: Ints, salt: Whole, chosen: Ints, answer: Answer
) -> None:
    """Decide some components, one after the other."""
    for part in chosen:
        _decide(facts, hubs, parts, scale, salt, part, answer)


@compiled
def _decide(
    facts: Facts, hubs: Hubs, parts: Parts, scale: Ints, salt: Whole, part: Whole, answer: Answer
) -> None:
    """Decide rules 1, 2 and 3 of a component and write down seats, levels and prices."""
    ranked = parts.people[parts.people_start[part] : parts.people_start[part + 1]]
    people, by_rank = by_hub(hubs, parts, part, ranked)
    net = network(facts, hubs, parts, scale, part, people)
    ways, bins = net.ways, net.bins
    free = by_rank[~net.pinned[by_rank]]
    hall = _hall(net.pools, bins, len(people), len(ways.hub_start) - 1)
    serve(hall, ways, free)
    seated = hall.seat > SINK
    turn = np.flatnonzero(seated).astype(np.int32)
    sits = Seating(hall.seat, np.zeros(len(people), np.int64), len(bins.onto))
    dear = (_largest(ways) + 1) * (len(bins.onto) + 1)
    tree = seat_nearest(bins, sits, ways, net.pools, turn, dear, MOST_ROUNDS)
    work = optimise(tree, bins, sits, ways, turn)
    rows = seat_rows(sits, turn, len(ways.hub_start) - 1)
    level = levels(bins, rows, ways, net.pools, free[~seated[free]], facts.rank[people])
    rows.queue[:] = 0
    value = prices(bins, rows, ways, net.pools, sits.paid)
    write_bins(parts, part, level, value, bins.onto, answer)
    tight = tight_ways(tree, sits, ways, turn)
    turn = np.flatnonzero(np.diff(tight.start) > 1).astype(np.int32)
    freeze(tree, bins, len(bins.onto))
    answer.work[part] = work
    for again in range(MOST_SALTS):
        own = np.uint64(salt) + np.uint64(again)
        draw_costs(sits, tight, turn, people, net.position, own)
        worth = auction(tree, sits, tight, turn, MOST_BIDS)
        recost(tree, sits, turn, people, net.position, own, worth)
        answer.work[part] += optimise(tree, bins, sits, tight, turn)
        answer.tries[part] = again
        if lone(tree, bins, sits, tight, turn) or not has_rival(tree, bins, sits, tight, turn):
            break
        answer.tries[part] = MOST_SALTS
    into = (answer.pool, answer.order, answer.vehicle, answer.turn, answer.cut)
    move, choice = write_seats(
        facts, net, parts.pool_node, people, by_rank, sits, level, scale, into
    )
    answer.spent[part, 0], answer.spent[part, 1] = move, choice


@compiled
def _hall(pools: tuple[Ints, Ints], bins: Bins, people: Whole, hubs: Whole) -> Hall:
    """Return empty rooms; the pinned have taken their seats out of them."""
    count = len(bins.onto)
    return Hall(
        bins.onto,
        np.zeros(count, np.int64),
        bins.room,
        pools[0],
        pools[1],
        np.zeros(people, np.int32),
        np.full(count, -1, np.int32),
        np.full(people, -1, np.int32),
        np.full(people, -1, np.int32),
        np.zeros(count + hubs, np.int32),
        np.zeros(count + hubs + 1, np.int32),
    )


@compiled
def by_hub(hubs: Hubs, parts: Parts, part: Whole, ranked: Ints) -> tuple[Ints, Ints]:
    """Return the people with those of one hub together, and where each of the ranked stands."""
    count = parts.hub_start[part + 1] - parts.hub_start[part]
    people, by_rank = np.empty_like(ranked), np.empty_like(ranked)
    _group(hubs, parts, ranked, np.zeros(count + 2, np.int32), people, by_rank)
    return people, by_rank


@inner
def _group(
    hubs: Hubs, parts: Parts, ranked: Ints, start: Ints, people: Ints, by_rank: Ints
) -> None:
    """Do what `by_hub` says; `start` is room to count in."""
    for app in ranked:
        hub = hubs.of[app]
        start[parts.hub_place[hub] + 1 if hub >= 0 else 0] += 1
    total = 0
    for at in range(len(start)):
        start[at], total = total, total + start[at]
    for at in range(len(ranked)):
        hub = hubs.of[ranked[at]]
        group = parts.hub_place[hub] + 1 if hub >= 0 else 0
        people[start[group]] = ranked[at]
        by_rank[at] = start[group]
        start[group] += 1


@inner
def _largest(ways: Ways) -> Whole:
    """Return a bound on the cost of any way."""
    most = np.int64(0)
    for cost in ways.cost:
        most = max(most, cost)
    extra = np.int64(0)
    for cost in ways.hub_extra:
        extra = max(extra, cost)
    for cost in ways.hub_cost:
        most = max(most, cost + extra)
    return most


@inner
def write_bins(
    parts: Parts, part: Whole, level: Ints, value: Ints, onto: Ints, answer: Answer
) -> None:
    """Write levels and prices of the pools and sessions of a component."""
    for at in range(parts.session_start[part], parts.session_start[part + 1]):
        session = parts.session[at]
        node = parts.session_node[session]
        answer.session_level[session], answer.session_price[session] = level[node], value[node]
    for at in range(parts.pool_start[part], parts.pool_start[part + 1]):
        pool = parts.pool[at]
        node = parts.pool_node[pool]
        answer.pool_level[pool] = level[node]
        answer.pool_price[pool] = value[node] - value[onto[node]]
