from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from exam.booking.models import Booking
from exam.db import db
from exam.errors import InvalidInput, RuleRefused
from exam.notify.models import Notice
from exam.policy.subjects import Subject
from exam.registration.models import Case
from exam.replanning.asking import Cut, Guest
from exam.replanning.models import Change, ReplanKind, ReplanState
from exam.replanning.reading import counts_of
from exam.replanning.rules import days_around
from exam.system import outbox
from tests.booking.factories import FIRST_DAY, LAST_DAY, Candidate, make_candidates
from tests.replanning.factories import LATER, Town, replan

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

DAYS = st.dates(FIRST_DAY - timedelta(days=9), FIRST_DAY + timedelta(days=30))


@pytest.fixture
def newcomer(town: Town) -> Candidate:
    (made,) = make_candidates(town.city, 1, permit_issued=None)
    return made


def guest(case_id: UUID, **other: object) -> Guest:
    number = str(db.session.get_one(Case, case_id).serial_number)
    return Guest(
        **{"serial_number": number, "subject": Subject.S1, "days": (FIRST_DAY, LAST_DAY)} | other
    )


def test_a_guest_gets_what_is_left_and_nobody_moves(town: Town, newcomer: Candidate) -> None:
    key = town.ask(kind=ReplanKind.GREEN_CHANNEL, guest=guest(newcomer.case_id))
    changes = [x.change for x in town.lines(key)]
    assert changes.count(Change.SEATED) == 1
    assert set(changes) == {Change.SEATED, Change.KEPT}
    assert db.session.scalar(sa.select(Booking).where(Booking.case_id == newcomer.case_id)) is None
    town.sign(key)
    town.tell(key)
    made = db.session.scalars(sa.select(Booking).where(Booking.case_id == newcomer.case_id)).one()
    while outbox.drain(now=LATER):
        pass
    told = db.session.scalars(sa.select(Notice).where(Notice.kind == "replan.seated")).one()
    assert told.person_id == newcomer.person_id
    assert told.facts["reference"] == made.reference
    counts = counts_of([key])[key]
    assert (counts.seated, counts.moved, counts.lost, counts.changed) == (1, 0, 0, 1)


def test_a_guest_gets_nothing_where_everybody_who_was_told_needs_the_seats(
    town: Town, newcomer: Candidate
) -> None:
    free = min(town.sessions(), key=lambda x: len(town.held(x)))
    cuts = [Cut(x.id, seats=len(town.held(x))) for x in town.sessions() if len(town.held(x)) < 4]
    assert free
    key = town.ask(*cuts, kind=ReplanKind.GREEN_CHANNEL, guest=guest(newcomer.case_id))
    assert {x.change for x in town.lines(key)} == {Change.KEPT, Change.NOT_SEATED}


def test_the_law_binds_a_guest_like_everybody_else(town: Town, newcomer: Candidate) -> None:
    wish = guest(newcomer.case_id, subject=Subject.S2)
    key = town.ask(kind=ReplanKind.GREEN_CHANNEL, guest=wish)
    found = replan(key)
    assert found.state is ReplanState.ASKED
    assert found.progress["failure"] == "replan.not_eligible"


def test_who_has_a_seat_is_no_guest(town: Town) -> None:
    key = town.ask(kind=ReplanKind.GREEN_CHANNEL, guest=guest(town.people[0].case_id))
    assert replan(key).progress["failure"] == "replan.not_eligible"


def test_an_unknown_serial_number_is_told_at_its_field(town: Town, newcomer: Candidate) -> None:
    with pytest.raises(InvalidInput) as caught:
        town.ask(guest=guest(newcomer.case_id, serial_number="no such"))
    assert caught.value.field == "serial_number"
    with pytest.raises(InvalidInput) as caught:
        town.ask(guest=guest(newcomer.case_id, days=(LAST_DAY, FIRST_DAY)))
    assert caught.value.field == "latest"
    with pytest.raises(RuleRefused):
        town.ask()


@given(
    own=DAYS,
    allowed=st.tuples(DAYS, DAYS),
    first_move=DAYS,
    busy=st.lists(st.tuples(DAYS, DAYS).map(sorted).map(tuple), max_size=4),
)
def test_a_window_holds_her_own_day_and_no_day_on_which_she_is_due_elsewhere(
    own: date, allowed: tuple[date, date], first_move: date, busy: list[tuple[date, date]]
) -> None:
    first, last = days_around(own, allowed, first_move=first_move, busy=busy)
    assert first <= own <= last
    for day in (first + timedelta(days=x) for x in range((last - first).days + 1)):
        if day == own:
            continue
        assert not any(a <= day <= b for a, b in busy)
        assert day > own or (day >= allowed[0] and day >= first_move)
        assert day < own or day <= allowed[1]
