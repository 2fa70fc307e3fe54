"""A face that hardly changed is not looked for again at once, unless it matters how it is held."""

from __future__ import annotations

from unittest.mock import patch

import av
import cv2
import numpy as np
import pytest

from proctor.attention import Change
from proctor.planes import Planes
from proctor.scenes import portrait
from proctor.seek import FaceSeeker

PICTURE = np.asarray(
    cv2.imdecode(np.frombuffer(portrait("A"), np.uint8), cv2.IMREAD_COLOR), np.uint8
)
PLANES = Planes(av.VideoFrame.from_ndarray(PICTURE, format="bgr24"))


def change(level: float) -> Change:
    tiles = np.full((9, 16), 100.0 + level, np.float32)
    still = np.zeros_like(tiles)
    return Change(tiles, None, cut=False, apart=still, stepped=still)


def looked_at_after(levels: float, *, doubted: bool) -> float:
    """Return after how many seconds a face that changed by so much is looked for again."""
    seeker = FaceSeeker(1)
    seeker.look(PLANES, change(0.0), 0.0)
    with patch.object(FaceSeeker, "_near", autospec=True, side_effect=FaceSeeker._near) as near:
        for turn in range(1, 7):
            seeker.look(PLANES, change(levels), 0.2 * turn, doubted=doubted)
            if near.call_count:
                return round(0.2 * turn, 1)
    return 99.0


@pytest.mark.parametrize(
    ("levels", "after", "where_doubted"),
    [(2.0, 0.6, 0.6), (5.0, 0.6, 0.6), (8.0, 0.4, 0.2), (11.0, 0.4, 0.2), (13.0, 0.2, 0.2)],
)
def test_the_calmer_the_longer_and_shorter_where_it_may_be_turned_away(
    levels: float, after: float, where_doubted: float
) -> None:
    assert looked_at_after(levels, doubted=False) == after
    assert looked_at_after(levels, doubted=True) == where_doubted
