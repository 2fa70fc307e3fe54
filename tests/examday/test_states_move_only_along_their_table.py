from __future__ import annotations

import itertools

import pytest

from exam.errors import WrongState
from exam.examday.models import (
    DAY_MOVES,
    IN_USE,
    OPEN_STATES,
    SITTING_MOVES,
    DayState,
    SittingState,
)
from exam.states import move


def reachable(start: SittingState) -> set[SittingState]:
    found, ahead = set(), [start]
    while ahead:
        state = ahead.pop()
        if state not in found:
            found.add(state)
            ahead += SITTING_MOVES.get(state, frozenset())
    return found


@pytest.mark.parametrize(("a", "b"), list(itertools.product(SittingState, SittingState)))
def test_a_move_outside_the_table_is_refused(a: SittingState, b: SittingState) -> None:
    if b in SITTING_MOVES.get(a, frozenset()):
        assert move(a, b, SITTING_MOVES) is b
    else:
        with pytest.raises(WrongState):
            move(a, b, SITTING_MOVES)


def test_every_state_is_reached_and_every_open_one_has_a_way_out() -> None:
    assert reachable(SittingState.EXPECTED) == set(SittingState)
    for state in OPEN_STATES:
        assert reachable(state) & {SittingState.SIGNED, SittingState.RELEASED}


def test_a_fault_of_nobody_can_end_whatever_has_no_result_yet() -> None:
    for state in OPEN_STATES - {SittingState.TO_SIGN}:
        assert SittingState.RELEASED in SITTING_MOVES[state]


def test_signed_is_reached_from_the_signatures_alone_and_ends() -> None:
    before = {a for a, targets in SITTING_MOVES.items() if SittingState.SIGNED in targets}
    assert before == {SittingState.TO_SIGN}
    assert SittingState.SIGNED not in SITTING_MOVES
    assert SittingState.RELEASED not in SITTING_MOVES


def test_a_day_opens_once_and_closes_once() -> None:
    assert set(DAY_MOVES) == {DayState.PREPARING, DayState.OPEN}
    assert IN_USE < OPEN_STATES
