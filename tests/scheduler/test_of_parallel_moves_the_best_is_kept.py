"""The moves between two pools count once, as the best of them, whatever sizes their costs have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.potentials import strongest


# The widest do not fit into one number together with their edge.
@pytest.mark.parametrize("widest", [0, 3, 2**33, 2**60])
@given(data=st.data())
def test_the_best_of_each_pair_in_order(widest: int, data: st.DataObject) -> None:
    nodes, weights = st.integers(0, 40), st.integers(-widest, widest)
    edges = data.draw(st.lists(st.tuples(nodes, nodes, weights), max_size=60))
    best: dict[tuple[int, int], int] = {}
    for tail, head, weight in edges:
        best[tail, head] = max(best.get((tail, head), weight), weight)
    columns = np.array(edges, np.int64).reshape(-1, 3).T
    found = np.stack(strongest(columns[0].astype(np.int32), columns[1], columns[2]), axis=1)
    assert found.tolist() == [[*edge, best[edge]] for edge in sorted(best)]
