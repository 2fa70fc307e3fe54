"""A network for the flow solver, put together row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scheduler.arrays import Ints
    from scheduler.engines import Engine


class Net:
    """Rows of arcs; nodes are numbered by whoever adds them, and the last one is the sink.

    What is supplied goes to the sink. Without supplies it is a flow that goes round.
    """

    def __init__(self, sink: int) -> None:
        self.sink = sink
        self.supply = np.zeros(sink + 1, np.int64)
        self.rows: list[tuple[Ints, Ints, Ints, Ints]] = []

    def add(self, tail: Ints, head: Ints | int, capacity: Ints | int, cost: Ints | int) -> None:
        """Add a row of arcs."""
        row = np.broadcast_arrays(tail, head, capacity, cost)
        self.rows.append((row[0], row[1], row[2], row[3]))

    def both(self, tail: Ints, head: Ints | int, onward: Ints, back: Ints) -> None:
        """Add a row of arcs that cost nothing, and one of those the other way."""
        tail, head = np.broadcast_arrays(tail, head)
        self.add(tail, head, onward, 0)
        self.add(head, tail, back, 0)

    def most(self, engine: Engine, supply: Ints) -> int:
        """Return how much of what the first nodes supply can go to the sink at once."""
        tail, head, capacity, _ = zip(*self.rows, strict=True)
        source, nodes = self.sink + 1, np.flatnonzero(supply)
        return engine.most(
            tail=np.concatenate((*tail, np.full(len(nodes), source)), dtype=np.int32),
            head=np.concatenate((*head, nodes), dtype=np.int32),
            capacity=np.minimum(np.concatenate((*capacity, supply[nodes])), int(supply.sum())),
            source=source,
            sink=self.sink,
        )

    def flow(self, engine: Engine) -> list[Ints]:
        """Return the flow on each row."""
        total = int(self.supply.sum())
        self.supply[self.sink] -= total
        tail, head, capacity, cost = zip(*self.rows, strict=True)
        most = np.concatenate(capacity, dtype=np.int64)
        flow = engine.flow(
            tail=np.concatenate(tail, dtype=np.int32),
            head=np.concatenate(head, dtype=np.int32),
            capacity=np.minimum(most, total) if total else most,
            cost=np.concatenate(cost, dtype=np.int64),
            supply=self.supply,
        )
        return np.split(flow, np.cumsum([len(row) for row in tail])[:-1])
