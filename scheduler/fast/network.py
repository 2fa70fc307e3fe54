"""The network of one component: what everybody may take, at what cost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler.arrays import Flags, Ints, Whole
from scheduler.fast.cheapest import Ways
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.facts import Facts, Hubs
from scheduler.fast.parts import Parts, any_covers, is_open, wish_cost
from scheduler.fast.tree import ENDLESS, Bins


class Network(NamedTuple):
    """One component.

    `order` is the number of the choice of every way; `pools` lists the nodes of the pools of each
    session; `position` is the number of the pool of a node in the round.
    """

    ways: Ways
    order: Ints
    bins: Bins
    pools: tuple[Ints, Ints]
    pinned: Flags
    position: Ints


@compiled
def network(
    facts: Facts, hubs: Hubs, parts: Parts, scale: Ints, part: Whole, people: Ints
) -> Network:
    """Return the network of a component; people stand by rank."""
    bins, pools, position = _bins(facts, parts, part)
    start = np.zeros(len(people) + 1, np.int32)
    _count_all(facts, people, start)
    hub = np.full(len(people), -1, np.int32)
    hub_cost = np.zeros(len(people), np.int64)
    pool, cost = np.empty(start[-1], np.int32), np.empty(start[-1], np.int64)
    order = np.empty(start[-1], np.int32)
    pinned = np.zeros(len(people), np.bool_)
    ways = Ways(start, pool, cost, hub, hub_cost, *_hub_ways(facts, hubs, parts, part, people))
    net = Network(ways, order, bins, pools, pinned, position)
    _fill_people(facts, hubs, parts, scale, people, net)
    return net


@inner
def _count_all(facts: Facts, people: Ints, start: Ints) -> None:
    """Count the ways of everybody and add the counts up."""
    for at in range(len(people)):
        start[at + 1] = start[at] + _count(facts, people[at])


@inner
def _fill_people(
    facts: Facts, hubs: Hubs, parts: Parts, scale: Ints, people: Ints, net: Network
) -> None:
    """Write everybody's ways and hub; the pinned take their seats."""
    ways, bins = net.ways, net.bins
    for at in range(len(people)):
        app = people[at]
        _list(facts, parts, scale, app, ways.pool, ways.cost, net.order, ways.start[at])
        net.pinned[at] = facts.pinned[app]
        if facts.pinned[app]:
            node = parts.pool_node[facts.prior[app]]
            bins.room[node] -= 1
            bins.room[bins.onto[node]] -= 1
        if hubs.of[app] >= 0:
            ways.hub[at] = parts.hub_place[hubs.of[app]]
            ways.hub_cost[at] = facts.any_cost + scale[facts.subject[app]] * far_of(facts, app)


@compiled
def _bins(facts: Facts, parts: Parts, part: Whole) -> tuple[Bins, tuple[Ints, Ints], Ints]:
    """Return the pools and sessions of a component as nodes, and the pools by session."""
    sessions = parts.session_start[part + 1] - parts.session_start[part]
    pools = parts.pool_start[part + 1] - parts.pool_start[part]
    count = 1 + sessions + pools
    onto, room = np.zeros(count, np.int32), np.full(2 * count, ENDLESS, np.int64)
    position = np.full(count, -1, np.int32)
    start, listed = np.zeros(sessions + 3, np.int32), np.empty(pools, np.int32)
    _fill_bins(facts, parts, part, onto, room, position, (start, listed))
    bins = Bins(onto, np.zeros(2 * count, np.int64), room, np.zeros(count, np.bool_))
    return bins, (start, listed), position


@inner
def _fill_bins(
    facts: Facts,
    parts: Parts,
    part: Whole,
    onto: Ints,
    room: Ints,
    position: Ints,
    pools: tuple[Ints, Ints],
) -> None:
    """Write seats, sessions and numbers of the nodes, and sort the pools by session."""
    start, listed = pools
    sessions = len(start) - 3
    for at in range(parts.session_start[part], parts.session_start[part + 1]):
        session = parts.session[at]
        room[parts.session_node[session]] = facts.session_seats[session]
    for at in range(parts.pool_start[part], parts.pool_start[part + 1]):
        pool = parts.pool[at]
        node = parts.pool_node[pool]
        onto[node] = parts.session_node[facts.pool_session[pool]]
        room[node] = facts.pool_seats[pool]
        position[node] = pool
        start[onto[node] + 2] += 1
    for at in range(sessions + 2):
        start[at + 1] += start[at]
    for node in range(1 + sessions, len(onto)):
        listed[start[onto[node] + 1]] = node
        start[onto[node] + 1] += 1


@inner
def far_of(facts: Facts, app: Whole) -> Whole:
    """Return the move cost of another session; newcomers and pins: 0."""
    if facts.prior[app] < 0 or facts.pinned[app]:
        return np.int64(0)
    return 1 + facts.move_cost[min(facts.tier[app], len(facts.move_cost) - 1)]


@inner
def move_of(facts: Facts, app: Whole, pool: Whole) -> Whole:
    """Return the move cost of an application in a pool."""
    far = far_of(facts, app)
    if far == 0 or facts.pool_session[facts.prior[app]] != facts.pool_session[pool]:
        return far
    return np.int64(facts.prior[app] != pool)


@inner
def _home(facts: Facts, app: Whole) -> Whole:
    """Return the told session of whoever takes any session and has not chosen it, else -1."""
    if not facts.any_session[app] or facts.prior[app] < 0:
        return -1
    session = facts.pool_session[facts.prior[app]]
    if not is_open(facts, app, session) or not any_covers(facts, app, session):
        return -1
    for choice in range(facts.choice_start[app], facts.choice_start[app + 1]):
        if facts.choice_session[choice] == session:
            return -1
    return session


@inner
def _count(facts: Facts, app: Whole) -> Whole:
    """Return the number of ways of an application that are not its hub's."""
    sessions = len(facts.session_seats)
    total = 0
    for choice in range(facts.choice_start[app], facts.choice_start[app + 1]):
        session = facts.choice_session[choice]
        if is_open(facts, app, session):
            total += facts.fit_count[facts.profile[app] * sessions + session]
    home = _home(facts, app)
    return total if home < 0 else total + facts.fit_count[facts.profile[app] * sessions + home]


@inner
def _list(
    facts: Facts,
    parts: Parts,
    scale: Ints,
    app: Whole,
    pool: Ints,
    cost: Ints,
    order: Ints,
    at: Whole,
) -> None:
    """Write the ways of an application from a place on."""
    for choice in range(facts.choice_start[app], facts.choice_start[app + 1]):
        session = facts.choice_session[choice]
        if not is_open(facts, app, session):
            continue
        price = wish_cost(facts, app, choice, session)
        number = choice - facts.choice_start[app] + 1
        wished = facts.choice_cost[min(number, len(facts.choice_cost)) - 1]
        at = _session_ways(
            facts,
            parts,
            scale,
            app,
            session,
            price,
            number if price == wished else 0,
            (pool, cost, order),
            at,
        )
    home = _home(facts, app)
    if home >= 0:
        _session_ways(facts, parts, scale, app, home, facts.any_cost, 0, (pool, cost, order), at)


@inner
def _session_ways(
    facts: Facts,
    parts: Parts,
    scale: Ints,
    app: Whole,
    session: Whole,
    price: Whole,
    number: Whole,
    into: tuple[Ints, Ints, Ints],
    at: Whole,
) -> Whole:
    """Write the ways into one session; return the next place."""
    fit = facts.profile[app] * len(facts.session_seats) + session
    for place in range(facts.fit_start[fit], facts.fit_start[fit] + facts.fit_count[fit]):
        pool = facts.fit_pool[place]
        extra = facts.extra[pool] if facts.pays[facts.profile[app]] else 0
        into[0][at] = parts.pool_node[pool]
        into[1][at] = price + extra + scale[facts.subject[app]] * move_of(facts, app, pool)
        into[2][at] = number
        at += 1
    return at


@compiled
def _hub_ways(
    facts: Facts, hubs: Hubs, parts: Parts, part: Whole, people: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return start, pools and reserve costs of the hubs of a component."""
    first, last = parts.hub_start[part], parts.hub_start[part + 1]
    start = np.zeros(last - first + 1, np.int64)
    for at in range(first, last):
        hub = parts.hub[at]
        start[at - first + 1] = start[at - first] + hubs.start[hub + 1] - hubs.start[hub]
    pool, extra = np.empty(start[-1], np.int32), np.zeros(start[-1], np.int64)
    pays = np.zeros(last - first, np.bool_)
    _fill_hubs(facts, hubs, parts, part, people, pays, pool, extra)
    return start, pool, extra


@inner
def _fill_hubs(
    facts: Facts,
    hubs: Hubs,
    parts: Parts,
    part: Whole,
    people: Ints,
    pays: Flags,
    pool: Ints,
    extra: Ints,
) -> None:
    """Write pools and reserve costs of the hubs of a component."""
    first, last = parts.hub_start[part], parts.hub_start[part + 1]
    for app in people:
        if hubs.of[app] >= 0:
            pays[parts.hub_place[hubs.of[app]]] = facts.pays[facts.profile[app]]
    to = 0
    for at in range(first, last):
        hub = parts.hub[at]
        for way in range(hubs.start[hub], hubs.start[hub + 1]):
            pool[to] = parts.pool_node[hubs.pool[way]]
            if pays[at - first]:
                extra[to] = facts.extra[hubs.pool[way]]
            to += 1
