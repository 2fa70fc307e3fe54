"""Of a phone before one body: two cuts agree, the usual is learnt first, one place adds up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.closeup import View
from proctor.detector import Face
from proctor.fusion import Change, Stretch
from proctor.kinds import Kind
from proctor.objects import PHONE, Thing
from proctor.phones import PhoneSeeker
from proctor.sightings import Sightings

FACE = Face(300.0, 100.0, 66.0, 84.0, 0.9, np.zeros((5, 2), np.float32))
SIZE = (480, 640)
HAND, BADGE = (0.9, 1.8), (0.0, 2.4)
"""Places on the body, in heights of the face."""
Scores = tuple[float, float]
"""What the cut of the whole body and the closer one give."""
NOTHING: Scores = (0.0, 0.0)
PICTURE = np.full((90, 160), 100, np.uint8)
LEARNT = 31.0


def phone(at: tuple[float, float], score: float, *, face: Face = FACE) -> Thing:
    """A phone of one face's height, its middle at a place on the body."""
    x = face.x + face.width / 2 + at[0] * face.height
    y = face.y + at[1] * face.height
    half = face.height / 4
    return Thing(PHONE, score, (x - half, y - 2 * half, 2 * half, 4 * half))


def shown(
    scores: Scores, at: tuple[float, float] = HAND, *, face: Face = FACE
) -> Callable[[View], list[Thing]]:
    """Return what the network finds in each cut."""

    def find(view: View) -> list[Thing]:
        score = scores[0] if view is View.WHOLE else scores[1] if view.shows(at) else 0.0
        return [phone(at, score, face=face)] if score else []

    return find


def together(*finds: Callable[[View], list[Thing]]) -> Callable[[View], list[Thing]]:
    """Return what the network finds where several things are to be seen."""
    return lambda view: [thing for find in finds for thing in find(view)]


def learnt(scores: Scores = NOTHING, at: tuple[float, float] = HAND) -> Sightings:
    """A body that was looked at for its first half minute."""
    sightings = Sightings()
    for turn in range(int(LEARNT)):
        sightings.look(shown(scores, at), FACE, float(turn))
    return sightings


def looked(
    sightings: Sightings,
    scores: Sequence[Scores],
    at: tuple[float, float] = HAND,
    *,
    start: float = LEARNT,
) -> list[bool]:
    """Take looks 0.7 s apart and tell after each whether a phone is held."""
    told = []
    for turn, both in enumerate(scores):
        sightings.look(shown(both, at), FACE, start + 0.7 * turn)
        told.append(sightings.held is not None)
    return told


def test_sure_looks_are_enough_at_once_even_before_the_body_is_known() -> None:
    assert looked(Sightings(), [(0.7, 0.6)] * 4, start=0.0) == [False, False, True, True]


def test_faint_looks_at_one_place_add_up() -> None:
    told = looked(learnt(), [(0.3, 0.25)] * 6)
    assert told[-1]
    assert not any(told[:2])


def test_what_only_one_of_two_cuts_sees_counts_in_part() -> None:
    both, far, close = learnt(), learnt(), learnt()
    assert looked(both, [(0.19, 0.19)] * 8)[-1]
    assert not any(looked(far, [(0.19, 0.0)] * 8))
    assert not any(looked(close, [(0.0, 0.19)] * 8))


def test_a_badge_that_hung_there_from_the_beginning_is_no_phone() -> None:
    known = learnt((0.45, 0.3), BADGE)
    assert not any(looked(known, [(0.45, 0.35), (0.5, 0.3)] * 20, BADGE))


def test_a_phone_beside_a_known_badge_is_one() -> None:
    known = learnt((0.45, 0.3), BADGE)
    assert looked(known, [(0.4, 0.4)] * 4)[-1]


def test_a_badge_is_known_wherever_the_body_moves() -> None:
    known = learnt((0.45, 0.3), BADGE)
    for turn in range(30):
        moved = Face(120.0 + 9 * turn, 90.0, 62.0, 80.0, 0.9, FACE.points)
        known.look(shown((0.45, 0.35), BADGE, face=moved), moved, LEARNT + 0.7 * turn)
        assert known.held is None


def test_faint_looks_at_changing_places_do_not_add_up() -> None:
    known = learnt()
    places = [(-1.2, 0.9), (0.9, 1.8), (-0.6, 2.0), (1.3, 0.8)]
    for turn in range(24):
        known.look(shown((0.3, 0.25), places[turn % 4]), FACE, LEARNT + 0.7 * turn)
        assert known.held is None


@pytest.mark.parametrize(("closer", "doubted"), [(0.01, False), (0.15, True)])
def test_what_adds_up_too_slowly_is_given_up_after_four_looks(
    closer: float, *, doubted: bool
) -> None:
    sightings = learnt()
    looked(sightings, [(0.17, closer)] * 3)
    assert sightings.doubted
    looked(sightings, [(0.17, closer)], start=LEARNT + 2.1)
    assert sightings.doubted is doubted


@given(st.lists(st.tuples(st.floats(0.0, 0.08), st.floats(0.0, 0.08)), max_size=60))
def test_what_every_body_gives_is_never_a_phone(scores: list[Scores]) -> None:
    assert not any(looked(learnt(), scores))


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=40))
def test_it_is_never_called_from_less_than_three_looks(scores: list[Scores]) -> None:
    assert not any(looked(learnt(), scores)[:2])


def test_what_lasts_without_adding_up_becomes_usual() -> None:
    known = learnt()
    assert not any(looked(known, [(0.12, 0.1)] * 90))
    assert not any(looked(known, [(0.17, 0.16)] * 4, start=LEARNT + 63))


def test_bodies_go_on_being_learnt_long_after_the_first_half_minute() -> None:
    faint, held = (0.14, 0.14), [(0.2, 0.2)] * 8
    assert looked(learnt(), held)[-1], "before a body that never gave anything it is a phone"
    long = learnt()
    for turn in range(400):  # each 3.5 s a look that nothing calls for a closer one of
        long.look(shown(faint), FACE, LEARNT + 3.5 * turn)
        assert long.held is None
    assert not any(looked(long, held, start=LEARNT + 1400.0)), "this body usually gives as much"


def test_a_phone_held_while_the_body_is_learnt_does_not_make_itself_usual() -> None:
    known = Sightings()
    for turn in range(7):
        known.look(shown(NOTHING), FACE, 2.0 * turn)
    assert known.learns(14.0)
    assert looked(known, [(0.16, 0.16)] * 12, start=14.0)[-1]


def test_looks_that_miss_it_take_it_back_and_three_end_it() -> None:
    known = learnt()
    told = looked(known, [(0.6, 0.6)] * 3 + [NOTHING, (0.4, 0.3), *[NOTHING] * 4])
    assert told == [False, False, True, False, True, False, False, False, False]
    assert not known.doubted


def test_looks_are_due_each_two_seconds_for_half_a_minute_and_no_longer() -> None:
    sightings = Sightings()
    for tenth in range(600):
        if sightings.learns(tenth / 10):
            sightings.look(shown(NOTHING), FACE, tenth / 10)
            last = tenth / 10
    assert last == pytest.approx(28.0, abs=0.2)


def watched(*, told_apart: bool) -> PhoneSeeker:
    """A seat that was watched for 40 s, a badge before its body."""
    phones = PhoneSeeker(told_apart=told_apart)
    for tenth in range(400):
        phones.passes(PICTURE, tenth / 10, body=True, cut=False)
        if phones.learns(tenth / 10):
            phones.before_body(shown((0.45, 0.4), BADGE), FACE, SIZE, tenth / 10, late=0.0)
    assert not phones.learns(40.0)
    return phones


def called(phones: PhoneSeeker, at: tuple[float, float], start: float) -> bool:
    """Whether looks at one place, 0.7 s apart, are called a phone within 6 s."""
    answers = []
    for turn in range(9):
        time = start + 0.7 * turn
        phones.passes(PICTURE, time, body=True, cut=False)
        answers.append(phones.before_body(shown((0.45, 0.4), at), FACE, SIZE, time, late=time).yes)
    return any(answers)


def test_whoever_sits_down_after_an_absence_is_learnt_again() -> None:
    for told_apart in (True, False):
        phones = watched(told_apart=told_apart)
        phones.passes(PICTURE, 42.0, body=True, cut=False)
        assert not phones.learns(42.0)
        phones.passes(PICTURE, 46.0, body=True, cut=False)
        assert phones.learns(46.0)


def test_after_a_cut_another_bodys_badge_is_no_phone_where_faces_are_not_compared() -> None:
    phones = watched(told_apart=False)
    phones.passes(PICTURE, 40.1, body=True, cut=True)
    assert phones.learns(40.1)
    assert not called(phones, HAND, 40.1)


def test_after_a_cut_the_same_persons_body_is_still_known() -> None:
    phones = watched(told_apart=True)
    phones.passes(PICTURE, 40.1, body=True, cut=True)
    assert called(phones, HAND, 40.1)
    assert not called(phones, BADGE, 60.0)


@pytest.mark.parametrize(("empty_at", "began"), [(None, 41.0), (42.0, 42.0)])
def test_it_is_not_dated_before_a_look_that_saw_nothing_there(
    empty_at: float | None, began: float
) -> None:
    phones = watched(told_apart=True)
    changed = PICTURE.copy()
    changed[40:70, 90:115] = 20
    onset = None
    for tenth in range(400, 480):
        time = tenth / 10
        phones.passes(PICTURE if time < 41.0 else changed, time, body=True, cut=False)
        if time == empty_at:
            phones.before_body(shown(NOTHING), FACE, SIZE, time, late=time)
        if time >= 43.0 and onset is None and tenth % 7 == 0:
            onset = phones.before_body(shown((0.5, 0.5)), FACE, SIZE, time, late=time).onset
    assert onset == pytest.approx(began, abs=0.11)


def test_a_look_that_adds_nothing_but_shows_the_usual_does_not_date_it_anew() -> None:
    phones = watched(told_apart=True)
    came, swayed = PICTURE.copy(), PICTURE.copy()
    came[40:70, 90:115], swayed[40:70, 90:115] = 60, 20
    usual, sure = (0.08, 0.07), (0.5, 0.5)
    looks = {40.5: NOTHING, 41.2: (0.4, 0.3), 41.9: usual, 42.6: sure, 43.3: sure}
    onset = None
    for tenth in range(400, 440):
        time = tenth / 10
        picture = PICTURE if time < 41.0 else came if time < 42.0 else swayed
        phones.passes(picture, time, body=True, cut=False)
        if time in looks:
            onset = phones.before_body(shown(looks[time]), FACE, SIZE, time, late=time).onset
    assert onset == pytest.approx(41.0, abs=0.11)


def test_what_the_wide_cut_shows_is_not_missed_by_a_closer_look_elsewhere() -> None:
    sightings, fold = learnt(), shown((0.95, 0.95), (-1.2, 1.8))
    assert looked(sightings, [(0.6, 0.6)] * 4, (0.25, 1.8))[-1]
    sightings.look(together(fold, shown((0.5, 0.5), (0.45, 1.8))), FACE, LEARNT + 2.8)
    assert sightings.held is not None


def test_what_was_missed_calls_less_for_the_closer_look_than_something_new() -> None:
    sightings = learnt()
    looked(sightings, [(0.7, 0.7), NOTHING], (-1.2, 1.8))
    asked: list[View] = []

    def find(view: View) -> list[Thing]:
        asked.append(view)
        return shown((0.45, 0.45))(view)

    sightings.look(find, FACE, LEARNT + 1.4)
    assert asked == [View.WHOLE, View.RIGHT]


def test_a_closer_look_that_went_elsewhere_is_no_look_that_saw_nothing_there() -> None:
    phones = watched(told_apart=True)
    changed = PICTURE.copy()
    changed[40:70, 90:115] = 20
    fold, hand = shown((0.6, 0.6), (-1.2, 1.8)), shown((0.5, 0.5))
    onset = None
    for tenth in range(400, 460):
        time = tenth / 10
        phones.passes(PICTURE if time < 41.0 else changed, time, body=True, cut=False)
        if time == 40.8:
            phones.before_body(shown(NOTHING), FACE, SIZE, time, late=time)
        if time == 41.5:
            find = together(fold, hand)
            assert not phones.before_body(find, FACE, SIZE, time, late=time).yes
        if time >= 42.2 and onset is None and tenth % 7 == 2:
            onset = phones.before_body(hand, FACE, SIZE, time, late=time).onset
    assert onset == pytest.approx(41.0, abs=0.11)


def test_the_closer_look_goes_to_what_exceeds_the_usual_most() -> None:
    sightings = learnt()
    faint, sure = (-1.2, 1.8), (0.9, 1.8)
    sightings.look(shown((0.2, 0.2), faint), FACE, LEARNT)
    asked: list[View] = []
    both = together(shown((0.2, 0.2), faint), shown((0.7, 0.7), sure))

    def find(view: View) -> list[Thing]:
        asked.append(view)
        return both(view)

    sightings.look(find, FACE, LEARNT + 0.7)
    assert asked == [View.WHOLE, View.RIGHT]


def test_what_a_look_took_for_one_before_it_came_does_not_date_it() -> None:
    phones = watched(told_apart=True)
    changed = PICTURE.copy()
    changed[40:70, 90:115] = 20
    fold, faint, sure = (0.3, 0.2), (0.05, 0.05), (0.5, 0.5)
    looks = {40.5: NOTHING, 41.2: fold, 41.9: faint, 42.6: sure, 43.3: sure}
    onset = None
    for tenth in range(400, 440):
        time = tenth / 10
        phones.passes(PICTURE if time < 42.3 else changed, time, body=True, cut=False)
        if time in looks:
            onset = phones.before_body(shown(looks[time]), FACE, SIZE, time, late=time).onset
    assert onset == pytest.approx(42.3)


def test_looks_that_agreed_before_count_and_one_more_must_agree() -> None:
    stretch = Stretch(Kind.PHONE)
    assert stretch.look(10.0, yes=True, onset=7.0, lasted=2.8) is None
    turns = [stretch.look(10.0 + 0.2 * step, yes=True, onset=7.0) for step in range(1, 6)]
    opened = [10.0 + 0.2 * step for step, turn in enumerate(turns, 1) if turn is not None]
    assert opened == [10.8]
    assert turns[3] is not None
    assert (turns[3].change, turns[3].start) == (Change.OPENED, 7.0)
