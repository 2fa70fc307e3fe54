"""Before the draw is decided seats are bid for: the result is nearly best, and never another plan."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler.fast.auction import MOST_BIDS, STEP, auction
from scheduler.fast.cheapest import Ways
from scheduler.fast.tree import Seating, Tree, new_tree

POOLS, PEOPLE, FIRST = 6, 60, 2


def drawn_ways(seed: int) -> tuple[Ways, Seating, Tree]:
    """People who sit anywhere, each with two to six pools at drawn costs, his own among them."""
    chance = np.random.default_rng(seed)
    picks = [chance.permutation(POOLS)[: chance.integers(2, POOLS + 1)] for _ in range(PEOPLE)]
    start = np.cumsum([0, *map(len, picks)]).astype(np.int32)
    nothing = np.zeros(0, np.int64)
    ways = Ways(
        start,
        (np.concatenate(picks) + FIRST).astype(np.int32),
        chance.integers(0, 2**32, start[-1]),
        np.full(PEOPLE, -1, np.int32),
        np.zeros(PEOPLE, np.int64),
        np.zeros(1, np.int64),
        nothing.astype(np.int32),
        nothing,
    )
    seat = ways.pool[start[:-1]].copy()
    sits = Seating(seat, ways.cost[start[:-1]].copy(), FIRST + POOLS)
    tree = new_tree(sits.people, PEOPLE)
    tree.parent[sits.people :] = seat
    return ways, sits, tree


def everybody() -> np.ndarray:
    return np.arange(PEOPLE, dtype=np.int32)


@pytest.mark.parametrize("seed", range(20))
def test_nobody_could_gain_more_than_a_step_and_no_pool_gains_or_loses_anybody(seed: int) -> None:
    ways, sits, tree = drawn_ways(seed)
    before = np.bincount(sits.seat, minlength=sits.people)
    worth = auction(tree, sits, ways, everybody(), MOST_BIDS)
    assert (np.bincount(sits.seat, minlength=sits.people) == before).all()
    assert (tree.parent[sits.people :] == sits.seat).all()
    for person in range(PEOPLE):
        own = slice(ways.start[person], ways.start[person + 1])
        costs = dict(zip(ways.pool[own].tolist(), ways.cost[own].tolist(), strict=True))
        assert sits.paid[person] == costs[int(sits.seat[person])]
        least = min(cost + worth[pool] for pool, cost in costs.items() if before[pool])
        assert costs[int(sits.seat[person])] + worth[sits.seat[person]] <= least + STEP


@pytest.mark.parametrize("seed", range(5))
def test_who_is_not_only_a_leaf_of_the_tree_keeps_his_seat(seed: int) -> None:
    ways, sits, tree = drawn_ways(seed)
    before = sits.seat.copy()
    tree.many[sits.people : sits.people + 20] = 1
    auction(tree, sits, ways, everybody(), MOST_BIDS)
    assert (sits.seat[:20] == before[:20]).all()
    assert (sits.seat[20:] != before[20:]).any()


def test_if_it_does_not_end_everybody_stays_and_no_seat_is_worth_anything() -> None:
    ways, sits, tree = drawn_ways(1)
    seat, paid, parent = sits.seat.copy(), sits.paid.copy(), tree.parent.copy()
    worth = auction(tree, sits, ways, everybody(), 0)
    assert not worth.any()
    assert (sits.seat == seat).all()
    assert (sits.paid == paid).all()
    assert (tree.parent == parent).all()
