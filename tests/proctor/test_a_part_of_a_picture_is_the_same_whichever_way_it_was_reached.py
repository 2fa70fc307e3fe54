"""A cut halves nothing but itself where the whole was not halved yet: nobody may see which."""

from __future__ import annotations

import av
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.planes import Planes


def frame_of(width: int, height: int, seed: int) -> av.VideoFrame:
    """Return a frame of noise, so that every pixel matters."""
    levels = np.random.default_rng(seed).integers(0, 256, (height * 3 // 2, width), np.uint8)
    return av.VideoFrame.from_ndarray(levels, format="yuv420p")


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(16, 330), st.integers(16, 250)),
    place=st.tuples(st.floats(-0.4, 0.9), st.floats(-0.4, 0.9)),
    share=st.tuples(st.floats(0.05, 1.2), st.floats(0.05, 1.2)),
    longest=st.sampled_from([None, 24, 40, 96]),
    known=st.sampled_from([(16, 9), (64, 36), (128, 72)]),
)
def test_a_cut_is_the_same_before_and_after_the_whole_was_halved(
    size: tuple[int, int],
    place: tuple[float, float],
    share: tuple[float, float],
    longest: int | None,
    known: tuple[int, int],
) -> None:
    width, height = (2 * side for side in size)
    frame = frame_of(width, height, seed=width)
    box = (place[0] * width, place[1] * height, share[0] * width, share[1] * height)
    fresh, used = Planes(frame), Planes(frame)
    used.luma(*known)
    used.cut(longest=20)
    one, other = fresh.cut(box, longest=longest), used.cut(box, longest=longest)
    assert (one.left, one.top, one.across, one.down) == (
        other.left,
        other.top,
        other.across,
        other.down,
    )
    np.testing.assert_array_equal(one.picture, other.picture)
