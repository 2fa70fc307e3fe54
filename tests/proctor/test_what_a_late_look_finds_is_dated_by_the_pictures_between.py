"""A dear network looks every few seconds; what it finds late is dated by cheap pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.dating import came_at

PLACE = (slice(2, 5), slice(3, 7))
EMPTY, HELD = 120.0, 60.0
Pictures = list[tuple[float, np.ndarray]]


def shown(levels: list[float], seed: int = 0) -> Pictures:
    """Pictures five a second, everything beside the place moving wildly."""
    chance = np.random.default_rng(seed)
    pictures: Pictures = []
    for at, level in enumerate(levels):
        picture = chance.integers(0, 255, (18, 32))
        picture[PLACE] = level + chance.normal(0, 4, picture[PLACE].shape)
        pictures.append((at / 5, picture.astype(np.uint8)))
    return pictures


@given(before=st.integers(2, 40), after=st.integers(1, 30), seed=st.integers(0, 999))
def test_it_is_dated_to_the_first_picture_that_shows_it(before: int, after: int, seed: int) -> None:
    pictures = shown([EMPTY] * before + [HELD] * after, seed)
    assert came_at(pictures, PLACE) == before / 5


@given(sat=st.integers(5, 20), before=st.integers(5, 20), after=st.integers(5, 20))
def test_what_happened_there_before_it_came_does_not_date_it(
    sat: int, before: int, after: int
) -> None:
    pictures = shown([190.0] * sat + [EMPTY] * before + [HELD] * after)
    assert came_at(pictures, PLACE) == (sat + before) / 5


def test_a_hand_that_passes_before_it_does_not_date_it_anew() -> None:
    pictures = shown([EMPTY] * 20 + [HELD] * 10 + [150.0] + [HELD] * 4)
    assert came_at(pictures, PLACE) == 4.0


@given(before=st.integers(2, 20), after=st.integers(6, 20), seed=st.integers(0, 999))
def test_a_larger_change_before_a_look_that_saw_nothing_does_not_date_it(
    before: int, after: int, seed: int
) -> None:
    pictures = shown([190.0] * 20 + [75.0] * before + [HELD] * after, seed)
    assert came_at(pictures, PLACE, after=4.0, until=(20 + before) / 5) == (20 + before) / 5


def test_it_came_no_later_than_the_first_look_that_saw_it() -> None:
    pictures = shown([EMPTY] * 10 + [75.0] * 10 + [HELD] * 8)
    assert came_at(pictures, PLACE, until=3.0) == 2.0
    assert came_at(shown([EMPTY] * 25 + [HELD] * 10), PLACE, after=3.0, until=4.0) == 4.0


def test_where_nothing_changed_after_a_look_that_missed_it_it_was_there_already() -> None:
    pictures = shown([EMPTY] * 10 + [HELD] * 20)
    assert came_at(pictures, PLACE, after=3.0, until=4.0) == 3.0


def test_where_nothing_lasting_changed_before_it_was_seen_no_moment_is_told() -> None:
    pictures = shown([EMPTY] * 15 + [EMPTY - 20] + [EMPTY] * 20)
    assert came_at(pictures, PLACE, after=4.0, until=5.0) is None


@pytest.mark.parametrize("levels", [[], [EMPTY], [EMPTY, EMPTY - 1, EMPTY - 2]])
def test_where_nothing_changed_no_moment_is_told(levels: list[float]) -> None:
    pictures = [(at / 5, np.full((18, 32), level, np.uint8)) for at, level in enumerate(levels)]
    assert came_at(pictures, PLACE) is None
