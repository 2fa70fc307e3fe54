from hypothesis import given
from hypothesis import strategies as st

from proctor.fusion import Change, Stretch, Turn
from proctor.kinds import RULES, Kind, Severity

STEP = 0.2
looks = st.lists(st.sampled_from([True, False, None]), max_size=200)


def turns(kind: Kind, answers: list[bool | None]) -> list[Turn]:
    stretch = Stretch(kind)
    found = (stretch.look(index * STEP, yes=yes) for index, yes in enumerate(answers))
    return [turn for turn in found if turn is not None]


@given(kind=st.sampled_from(Kind), answers=looks)
def test_opened_and_closed_take_turns_and_time_never_runs_backwards(
    kind: Kind, answers: list[bool | None]
) -> None:
    changes = [turn.change for turn in turns(kind, answers) if turn.change is not Change.UPDATED]
    assert changes == [Change.OPENED, Change.CLOSED] * (len(changes) // 2) + [Change.OPENED] * (
        len(changes) % 2
    )
    found = turns(kind, answers)
    assert all(turn.start <= turn.end for turn in found)
    assert [turn.start for turn in found] == sorted(turn.start for turn in found)


@given(kind=st.sampled_from(Kind), answers=st.lists(st.sampled_from([False, None]), max_size=200))
def test_nothing_opens_without_a_yes(kind: Kind, answers: list[bool | None]) -> None:
    assert turns(kind, answers) == []


@given(kind=st.sampled_from(Kind), answers=looks)
def test_nothing_opens_on_less_evidence_than_its_rule(
    kind: Kind, answers: list[bool | None]
) -> None:
    seen = sum(yes is True for yes in answers) * STEP
    if RULES[kind].share_of_minute is None and seen < RULES[kind].opens_after:
        assert turns(kind, answers) == []


def test_an_empty_seat_opens_after_three_seconds_and_is_dated_back() -> None:
    answers = [False] * 10 + [True] * 20 + [False] * 10
    opened, closed = turns(Kind.FACE_ABSENT, answers)
    assert (opened.change, opened.start, opened.severity) == (Change.OPENED, 2.0, Severity.NOTICE)
    assert (closed.change, round(closed.end, 1)) == (Change.CLOSED, 5.8)


def test_hands_before_a_face_for_two_seconds_are_no_empty_seat() -> None:
    assert turns(Kind.FACE_ABSENT, ([True] * 10 + [False] * 5) * 8) == []


def test_a_stretch_that_stays_unknown_is_closed_where_it_was_last_seen() -> None:
    opened, closed = turns(Kind.FACE_ABSENT, [True] * 20 + [None] * 40)
    assert opened.change is Change.OPENED
    assert (closed.change, round(closed.end, 1)) == (Change.CLOSED, 3.8)


def test_looking_away_often_opens_though_no_glance_is_long() -> None:
    glances = ([True] * 10 + [False] * 12) * 20
    assert turns(Kind.LOOKING_AWAY, glances)[0].change is Change.OPENED
