"""What single looks say of a phone, added up at one place above what a seat usually gives."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from proctor.fusion import Change, Stretch
from proctor.health import Box
from proctor.kinds import Kind
from proctor.objects import PHONE, Thing
from proctor.sightings import Sightings

SIZE = (480, 640)
WHOLE: Box = (0.0, 0.0, 640.0, 480.0)
HERE: Box = (300.0, 200.0, 40.0, 80.0)
ELSEWHERE: Box = (80.0, 350.0, 40.0, 80.0)
AWAY: Box = (0.0, 0.0, 200.0, 150.0)


def looked(
    sightings: Sightings, scores: Sequence[float], *, at: Box = HERE, seen: Box = WHOLE
) -> list[bool]:
    """Take looks, a score of 0 seeing nothing, and tell after each whether a phone is there."""
    told = []
    for turn, score in enumerate(scores):
        phones = [Thing(PHONE, score, at)] if score else []
        sightings.take(phones, seen, SIZE, 0.7 * turn, late=0.0)
        told.append(sightings.here)
    return told


def test_a_sure_look_is_enough_and_a_faint_one_is_not() -> None:
    assert looked(Sightings(), [0.5]) == [True]
    assert looked(Sightings(), [0.4]) == [False]


def test_faint_looks_at_one_place_add_up() -> None:
    assert looked(Sightings(), [0.45, 0.4]) == [False, True]
    known = Sightings()
    assert not any(looked(known, [0.0] * 20))
    assert looked(known, [0.38, 0.0, 0.36, 0.35, 0.37])[-1]


def test_what_only_every_other_look_sees_faintly_is_a_badge_and_no_phone() -> None:
    assert not any(looked(Sightings(), [0.36, 0.1] * 20))


def test_a_part_at_the_edge_of_the_picture_counts_half_and_is_never_sure_alone() -> None:
    below: Box = (300.0, 420.0, 40.0, 60.0)
    assert looked(Sightings(), [0.45, 0.4], at=below) == [False, False]
    assert looked(Sightings(), [0.6], at=below) == [False]
    assert looked(Sightings(), [0.6, 0.6], at=below) == [False, True]


def test_faint_looks_at_two_places_do_not_add_up() -> None:
    sightings = Sightings()
    assert looked(sightings, [0.45]) == [False]
    assert looked(sightings, [0.4], at=ELSEWHERE) == [False]
    assert not sightings.held


@given(st.lists(st.floats(0.0, 0.22), max_size=60))
def test_what_every_seat_gives_is_never_a_phone(scores: list[float]) -> None:
    assert not any(looked(Sightings(), scores))


def test_a_print_that_always_looks_a_little_like_one_becomes_usual() -> None:
    sightings = Sightings()
    for _ in range(12):
        looked(sightings, [0.3, 0.0])
    assert not any(looked(sightings, [0.3] * 12))
    assert looked(sightings, [0.55]) == [True]


def test_one_look_that_misses_it_does_not_end_it_and_three_do() -> None:
    sightings = Sightings()
    told = looked(sightings, [0.6, 0.0, 0.3, 0.0, 0.0, 0.0])
    assert told == [True, False, True, False, False, False]
    assert not sightings.held


def test_a_look_at_another_part_of_the_picture_says_nothing_about_it() -> None:
    sightings = Sightings()
    looked(sightings, [0.6])
    assert looked(sightings, [0.0, 0.0, 0.0], seen=AWAY) == [True, True, True]


def test_looks_that_agreed_before_count_and_one_more_must_agree() -> None:
    stretch = Stretch(Kind.PHONE)
    assert stretch.look(10.0, yes=True, onset=7.0, lasted=2.8) is None
    turns = [stretch.look(10.0 + 0.2 * step, yes=True, onset=7.0) for step in range(1, 6)]
    opened = [10.0 + 0.2 * step for step, turn in enumerate(turns, 1) if turn is not None]
    assert opened == [10.8]
    assert turns[3] is not None
    assert (turns[3].change, turns[3].start) == (Change.OPENED, 7.0)
