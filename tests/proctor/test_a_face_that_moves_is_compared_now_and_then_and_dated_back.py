"""Comparing is dear: after a break it waits, and what it finds is dated to when the body changed."""

from __future__ import annotations

import math
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from proctor.answers import Answer
from proctor.attention import Change
from proctor.detector import Face, find_faces
from proctor.faces import reference_embedding
from proctor.health import Map
from proctor.identity import IdentityTrack
from proctor.planes import Planes
from proctor.pose import Pose
from proctor.scenes import portrait
from proctor.seek import FaceSeeker

FRONTAL = Pose(0.0, 0.0, 0.0)


def picture_of(person: str) -> np.ndarray:
    return np.asarray(
        cv2.imdecode(np.frombuffer(portrait(person), np.uint8), cv2.IMREAD_COLOR), np.uint8
    )


def planes_of(picture: np.ndarray) -> Planes:
    return Planes(av.VideoFrame.from_ndarray(picture, format="bgr24"))


class Seat:
    """A seat whose registered person is A, and who is seen there."""

    def __init__(self, folder: Path) -> None:
        photo = folder / "a.png"
        photo.write_bytes(portrait("A"))
        self.track = IdentityTrack([reference_embedding(photo)])
        self.people: dict[str, tuple[Planes, Face]] = {}
        for person in "AB":
            picture = picture_of(person)
            self.people[person] = (planes_of(picture), find_faces(picture)[0])

    def look(
        self, person: str, time: float, broke: float = 0.0, *, stepped: float | None = None
    ) -> Answer:
        """Look at a face that breaks with the one before; all of the body changes as much."""
        planes, face = self.people[person]
        changed = change(100.0, stepped=min(broke, 30.0) if stepped is None else stepped)
        return self.track.look(planes, face, FRONTAL, changed, time, broke=broke)


@pytest.fixture
def seat(tmp_path: Path) -> Seat:
    return Seat(tmp_path)


def test_whoever_sits_there_first_is_compared_at_once(seat: Seat) -> None:
    assert seat.look("A", 0.0, math.inf).yes is False


def test_somebody_else_is_found_four_seconds_after_the_last_comparison(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    assert seat.look("B", 1.0, 60.0).yes is False
    assert all(seat.look("B", time).yes is False for time in (2.4, 3.8))
    found = seat.look("B", 4.2)
    assert found.yes is True
    assert found.onset == 1.0
    assert found.lasted == pytest.approx(3.2)


def test_it_is_dated_to_when_most_of_the_body_changed_not_to_a_quick_head(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    seat.look("A", 0.6, 25.0, stepped=5.0)
    seat.look("B", 2.0, 22.0, stepped=15.0)
    seat.look("B", 2.4, math.inf, stepped=6.0)
    assert seat.look("B", 4.2).onset == 2.0


def test_whom_no_break_betrayed_is_dated_to_when_most_of_the_body_changed(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    for turn in range(1, 40):
        seat.look("B", 0.2 * turn, stepped=8.0 if turn == 22 else 3.0)
    found = seat.look("B", 8.0, stepped=3.0)
    assert found.yes is True
    assert found.onset == pytest.approx(4.4)
    assert found.lasted == 0.0


def test_a_step_of_the_whole_body_that_stands_out_betrays_another_whose_face_goes_on(
    seat: Seat,
) -> None:
    seat.look("A", 0.0, math.inf)
    for turn in range(1, 22):
        assert seat.look("A", 0.2 * turn, stepped=3.0).yes is False
    found = seat.look("B", 4.4, stepped=12.0)
    assert found.yes is True
    assert found.onset == pytest.approx(4.4)
    assert seat.look("B", 5.4, stepped=3.0).lasted == pytest.approx(1.0)


def test_a_hand_before_the_face_is_no_break_where_the_body_goes_on(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    for turn in range(1, 40):
        assert seat.look("B", 0.2 * turn, 30.0, stepped=3.0).yes is False


def test_gestures_of_whom_moves_much_do_not_stand_out(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    for turn in range(1, 40):
        answer = seat.look("B", 0.2 * turn, stepped=4.0 + 5.0 * (turn % 3 == 0))
        assert answer.yes is False, "compared before its time"


def test_whoever_was_never_verified_is_dated_to_when_he_came(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    seat.track.broken()
    seat.look("B", 1.0, stepped=2.0)
    seat.look("B", 2.0, stepped=30.0)
    assert seat.look("B", 2.2).onset == 1.0


def test_breaks_before_a_comparison_that_held_are_forgotten(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    seat.look("A", 1.0, 80.0)
    assert all(seat.look("A", time).yes is False for time in (2.6, 4.2))
    seat.look("B", 5.0, 30.0)
    assert seat.look("B", 6.8).yes is False
    assert seat.look("B", 8.4).onset == 5.0


def test_who_comes_back_after_an_absence_is_compared_at_once(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    seat.track.broken()
    assert seat.look("B", 0.8, math.inf).yes is True


def test_a_break_before_a_time_without_pictures_is_no_evidence_about_it(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    seat.look("A", 1.0, 25.0)
    found = seat.look("B", 11.0)
    assert found.yes is True
    assert found.lasted == 0.0


def test_after_a_time_without_pictures_whoever_is_there_is_compared_at_once(seat: Seat) -> None:
    seat.look("A", 0.0, math.inf)
    assert seat.look("B", 2.6).yes is True


def test_long_doubt_brings_no_more_evidence_than_the_wait(seat: Seat) -> None:
    found = [seat.look("B", 0.2 * turn, math.inf if turn == 0 else 0.0) for turn in range(60)]
    assert all(answer.yes for answer in found)
    assert max(answer.lasted for answer in found) <= 4.0


def change(level: float, *, stepped: float = 0.0) -> Change:
    tiles: Map = np.full((9, 16), level, np.float32)
    still = np.zeros_like(tiles)
    return Change(tiles, None, cut=False, apart=still, stepped=still + stepped)


def test_whom_only_the_periodic_search_finds_came_between_two_searches() -> None:
    alone = picture_of("A")
    both = alone.copy()
    x, y, wide, high = (round(side) for side in find_faces(picture_of("B"))[0].box)
    margin = wide // 2
    small = cv2.resize(
        picture_of("B")[y - margin : y + high + margin, x - margin : x + wide + margin],
        None,
        fx=0.8,
        fy=0.8,
    )
    both[: small.shape[0], : small.shape[1]] = small
    seeker = FaceSeeker(1)
    seeker.look(planes_of(alone), change(100.0), 0.0)
    found: list[tuple[float, int, float]] = []
    for turn in range(1, 10):
        faces = seeker.look(planes_of(both), change(100.0 + 8 * turn), 0.2 * turn)
        found.append((0.2 * turn, len(faces), seeker.late))
    time, _, late = next(one for one in found if one[1] == 2)
    assert 1.4 < time < 1.7
    assert late == pytest.approx(time / 2)
    assert found[-1][2] < 0.11, "each search after it is one look later"
