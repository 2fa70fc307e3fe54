"""A dear network looks every few seconds; what it finds late is dated by cheap pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.attention import came_at

EMPTY, HELD = np.full((3, 4), 120.0, np.float32), np.full((3, 4), 60.0, np.float32)


def noisy(levels: np.ndarray, seed: int) -> np.ndarray:
    return (levels + np.random.default_rng(seed).normal(0, 4, levels.shape)).astype(np.float32)


@given(before=st.integers(1, 30), after=st.integers(0, 29), seed=st.integers(0, 999))
def test_it_is_dated_to_the_first_picture_that_shows_it(before: int, after: int, seed: int) -> None:
    pictures = [EMPTY] * before + [HELD] * after
    passing = [(at / 5, noisy(x, seed + at)) for at, x in enumerate(pictures)]
    came = came_at(passing, noisy(HELD, seed + 999))
    assert came == (before / 5 if after else math.inf)


def test_what_came_went_and_came_again_is_dated_to_the_last_time() -> None:
    passing = [(0.0, EMPTY), (1.0, HELD), (2.0, EMPTY), (3.0, HELD)]
    assert came_at(passing, HELD) == 3.0


@pytest.mark.parametrize("passing", [[], [(0.0, EMPTY), (1.0, EMPTY + 1)]])
def test_where_nothing_changed_no_moment_is_told(passing: list[tuple[float, np.ndarray]]) -> None:
    assert came_at(passing, EMPTY + 2) is None
