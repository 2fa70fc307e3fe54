"""Rule 2 by nearest free seats: everybody sits at the least cost, and nobody moves in vain.

The primal-dual method (Ford and Fulkerson 1957), many ways at once: the price of a pool, session or
hub is what it costs to get from there to a free seat. Whoever has no seat goes along ways that cost
what prices say, others moving on; when no such way is left all prices are worked out anew. They
only grow, and where choices cost a few points they take few values: a dozen rounds seat a city.

The last search leaves a tree of cheapest ways. From each of its nodes a unit could be sent to the
sink, so it is a strongly feasible tree for the network simplex, which goes on from there: it seats
whom too many rounds have left over, and finds nothing to do otherwise.
"""

from __future__ import annotations

import numpy as np

from scheduler.arrays import Ints, Truth, Whole
from scheduler.fast.blocking import seat_some
from scheduler.fast.cheapest import Ways
from scheduler.fast.compiled import compiled, inner
from scheduler.fast.distances import measure
from scheduler.fast.lobby import Lobby, open_lobby
from scheduler.fast.tree import SINK, Bins, Seating, Tree, link, new_tree

#: Rounds that are worth their while; costs of many sizes could ask for one round a person.
MOST_ROUNDS = 100


@compiled
def seat_nearest(
    bins: Bins,
    sits: Seating,
    ways: Ways,
    pools: tuple[Ints, Ints],
    turn: Ints,
    dear: Whole,
    most: Whole,
) -> Tree:
    """Seat those in `turn` at the least cost and return a first tree for the simplex.

    Who is not seated after `most` rounds sits in the sink, at a dear cost.
    """
    lobby = open_lobby(bins, sits, ways, pools, turn)
    path = np.zeros((3, len(lobby.field.price) + 1), np.int64)
    left = turn.copy()
    size, held = _seat_all(lobby, left, path, dear, most)
    sits.paid[left[:size]] = dear
    tree = new_tree(sits.people, len(sits.seat))
    _grow(tree, lobby, sits, held)
    return tree


@inner
def _seat_all(
    lobby: Lobby, left: Ints, path: Ints, dear: Whole, most: Whole
) -> tuple[Whole, Whole]:
    """Go through the rounds; return how many are left over, and how many nodes have a way."""
    size = np.int64(len(left))
    held, noted = measure(lobby, np.int64(len(lobby.field.price) - 1), dear)
    for _ in range(most):
        if size == 0:
            break
        size = seat_some(lobby, left, size, noted, path)
        held, noted = measure(lobby, held, dear)
    return size, held


@inner
def _grow(tree: Tree, lobby: Lobby, sits: Seating, held: Whole) -> None:
    """Hang everybody on his seat, and every bin on its cheapest way or on its artificial arc.

    What is neither empty nor full must flow along the tree. Such pools and their session have one
    price and one way: that of the first of them which was found.
    """
    bins, field, count = lobby.bins, lobby.field, sits.people
    bins.flow[:] = 0
    for node in range(count):
        bins.flow[node] = lobby.crowd.taken[node]
    for person in range(len(sits.seat)):
        tree.parent[count + person] = sits.seat[person]
        tree.cost[count + person] = sits.paid[person]
    for at in range(held):
        node = np.int64(field.queue[at])
        if node < count and tree.depth[node] == 0:
            _hang_reached(tree, lobby, sits, node)
            _hang_partial(tree, lobby, node)
    for node in range(1, count):
        if tree.depth[node] == 0:
            _hang(tree, node, np.int64(SINK), count + node, field.price[node], 1)
            _hang_partial(tree, lobby, node)


@inner
def _hang_reached(tree: Tree, lobby: Lobby, sits: Seating, node: Whole) -> None:
    """Hang a bin on what its cheapest way goes on to, and on the person who would move there."""
    field, count = lobby.field, sits.people
    person, onward = np.int64(field.via[node]), np.int64(field.onward[node])
    if person >= 0:
        if onward >= count:
            onward = np.int64(field.onward[onward])
        cost = sits.paid[person] + field.price[node] - field.price[onward]
        _hang(tree, count + person, onward, np.int64(-1), cost, 1)
        _hang(tree, node, count + person, np.int64(-1), sits.paid[person], -1)
    elif lobby.bins.onto[node] == onward:
        _hang(tree, node, onward, node, np.int64(0), 1)
    else:
        _hang(tree, node, onward, onward, np.int64(0), -1)


@inner
def _hang_partial(tree: Tree, lobby: Lobby, node: Whole) -> None:
    """Hang the partly filled pools of a session below it, and it below the first of them."""
    bins = lobby.bins
    session = node
    if bins.onto[node] != SINK:
        session = np.int64(bins.onto[node])
        if not _is_partial(bins, node) or tree.depth[session] > 0:
            return
        _hang(tree, session, node, node, np.int64(0), -1)
    for at in range(lobby.lists.start[session], lobby.lists.start[session + 1]):
        pool = np.int64(lobby.lists.pool[at])
        if _is_partial(bins, pool) and tree.depth[pool] == 0:
            _hang(tree, pool, session, pool, np.int64(0), 1)


@inner
def _is_partial(bins: Bins, node: Whole) -> Truth:
    """Say whether a bin is neither empty nor full."""
    return 0 < bins.flow[node] < bins.room[node]


@inner
def _hang(tree: Tree, node: Whole, parent: Whole, arc: Whole, cost: Whole, up: Whole) -> None:
    """Link a node below its parent and work out its depth and price."""
    tree.parent[node], tree.arc[node], tree.cost[node], tree.up[node] = parent, arc, cost, up
    link(tree, node, parent)
    tree.depth[node] = tree.depth[parent] + 1
    tree.price[node] = tree.price[parent] + (cost if up > 0 else -cost)
