"""A look around one face cannot tell that another is gone, who may be half out of the picture."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from proctor.attention import Change
from proctor.planes import Planes
from proctor.scenes import portrait
from proctor.seek import FaceSeeker

ALONE = np.asarray(cv2.imdecode(np.frombuffer(portrait("A"), np.uint8), cv2.IMREAD_COLOR), np.uint8)
BOTH = np.hstack([ALONE[:, :360], ALONE[:, 200:]])


def searched(seeker: FaceSeeker, picture: np.ndarray, turn: int) -> int:
    """Take a look at a picture that changed a little; return how many faces it found."""
    tiles = np.full((9, 16), 100.0 + 8 * turn, np.float32)
    still = np.zeros_like(tiles)
    change = Change(tiles, None, cut=False, apart=still, stepped=still)
    planes = Planes(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24"))
    return len(seeker.look(planes, change, 0.2 * turn))


@pytest.mark.parametrize("hidden", [1, 3, 6])
def test_a_second_face_that_is_back_is_found_at_once(hidden: int) -> None:
    seeker = FaceSeeker(1)
    alone = np.hstack([ALONE[:, :360], np.zeros_like(ALONE[:, 200:])])
    pictures = [BOTH] * 3 + [alone] * hidden + [BOTH]
    found = [searched(seeker, picture, turn) for turn, picture in enumerate(pictures)]
    assert found == [2] * 3 + [1] * hidden + [2]


def test_of_one_who_was_alone_the_whole_is_searched_now_and_then_only() -> None:
    seeker = FaceSeeker(1)
    alone = np.hstack([ALONE[:, :360], np.zeros_like(ALONE[:, 200:])])
    found = [searched(seeker, picture, turn) for turn, picture in enumerate([alone] + [BOTH] * 8)]
    assert found == [1] * 8 + [2]
