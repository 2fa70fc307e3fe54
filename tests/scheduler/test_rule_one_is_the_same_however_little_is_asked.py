"""Who is served follows from a flow without costs where it can; one with costs says the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from scheduler.engines import OrToolsEngine
from scheduler.part import Part
from scheduler.serving import serve


class Counting(OrToolsEngine):
    """Counts what is asked."""

    def __init__(self) -> None:
        self.flows: list[int] = []

    def flow(self, **asked: Any) -> Any:
        self.flows.append(int((asked["cost"] > 0).sum()))
        return super().flow(**asked)


def some_part(seed: int) -> Part:
    """People of some kinds who choose among pools of theirs, or take any of them."""
    pick = np.random.default_rng(seed)
    people, sessions, kinds = int(pick.integers(0, 300)), 6, int(pick.integers(1, 4))
    session = np.repeat(np.arange(sessions), kinds)
    kind = np.tile(np.arange(kinds), sessions)
    seats = pick.integers(0, 2 + people // (4 * kinds), len(session))
    mine = pick.integers(0, kinds, people)
    wished = np.stack([pick.permutation(sessions)[:2] for _ in range(people)] or [np.zeros(2, int)])
    hub = np.where(pick.random(people) < 0.6, mine, -1)
    ways = pick.random((kinds, len(session))) < 0.8
    ways &= kind[None, :] == np.arange(kinds)[:, None]
    hub_tail, hub_head = np.nonzero(ways)
    return Part(
        people=np.arange(people),
        rank=pick.permutation(people) + 1,
        tail=np.repeat(np.arange(people, dtype=np.int32), 2),
        head=(wished[:people] * kinds + mine[:, None]).ravel().astype(np.int32),
        cost=np.tile([0, 1], people),
        hub=hub,
        hub_cost=np.full(people, 10),
        hubs=kinds,
        hub_tail=hub_tail,
        hub_head=hub_head,
        hub_extra=np.zeros(len(hub_tail), np.int64),
        pools=np.arange(len(session)),
        pool_session=session,
        pool_seats=seats,
        session_seats=pick.integers(0, 2 + people // 4, sessions),
    )


def by_costs(part: Part) -> list[bool]:
    """Everybody is a node and every option an arc; being refused costs more the better the rank."""
    people, net = np.arange(len(part.people)), part.net()
    free = [(tail, head, room, np.zeros(len(tail), np.int64)) for tail, head, room, _ in net.rows]
    net.rows = free
    net.supply[: len(people)] = 1
    net.add(people, net.sink, 1, 1 + len(people) - part.rank)
    return [not refused for refused in net.flow(OrToolsEngine())[-1].tolist()]


def test_the_same_are_served_and_mostly_without_costs() -> None:
    ways: Counter[str] = Counter()
    for seed in range(150):
        part, engine = some_part(seed), Counting()
        served = serve(part, engine)
        assert served.tolist() == by_costs(part)
        asked = engine.flows[0] if engine.flows else 0
        ways["nobody" if not asked else "all" if asked == len(served) else "some"] += 1
    # Each of the ways is gone by some of them.
    assert min(ways[name] for name in ("nobody", "some", "all")) > 0
