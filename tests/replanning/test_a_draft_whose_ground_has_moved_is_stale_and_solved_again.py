from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.booking.models import Booking, BookingState
from exam.booking.services import bookings
from exam.db import db
from exam.errors import Conflict, KaochangError, RuleRefused
from exam.examday import services as day_services
from exam.examday.models import Sitting
from exam.replanning import solving, telling
from exam.replanning.asking import Cut
from exam.replanning.models import ReplanState
from tests.booking.factories import CALENDAR, NOW, PACK
from tests.replanning.factories import LATER, Town, replan

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Flask

    from exam.people.roles import Actor


@pytest.fixture
def draft(town: Town) -> UUID:
    """The fullest session is cancelled; nobody has signed yet."""
    lost = max(town.sessions(), key=lambda x: len(town.held(x)))
    return town.ask(Cut(lost.id, cancels=True))


def owner(town: Town, booking: Booking) -> Actor:
    return next(x.actor for x in town.people if x.case_id == booking.case_id)


def give_back(town: Town, *, now: datetime = NOW) -> Booking:
    one = db.session.scalars(
        sa.select(Booking).where(Booking.state == "booked").order_by(Booking.reference).limit(1)
    ).one()
    return bookings.cancel(owner(town, one), one.reference, now=now, pack=PACK, calendar=CALENDAR)


def test_a_place_given_back_before_the_signature_makes_the_draft_stale(
    town: Town, draft: UUID
) -> None:
    give_back(town)
    with pytest.raises(Conflict):
        telling.sign(town.city.planner, draft, now=LATER, pack=PACK)
    found = replan(draft)
    assert found.state is ReplanState.STALE
    assert found.stale == {"left": 1}
    town.solve()
    assert replan(draft).state is ReplanState.DRAFT
    assert replan(draft).stale == {"left": 1}, "the new draft says why there is one"
    assert len(town.lines(draft)) == len(town.people) - 1
    town.sign(draft)
    town.tell(draft)


def test_an_approval_falls_with_the_draft_that_it_approved(town: Town, draft: UUID) -> None:
    town.sign(draft)
    gone = give_back(town)
    with pytest.raises(Conflict):
        town.tell(draft)
    found = replan(draft)
    assert found.state is ReplanState.STALE
    assert found.approved_by is None
    assert found.signed_by is None
    live = db.session.scalars(sa.select(Booking).where(Booking.state == "booked")).all()
    assert len(live) == len(town.people) - 1, "nobody was moved"
    assert db.session.get_one(Booking, gone.id).state is BookingState.CANCELLED


def test_the_jobs_process_finds_a_stale_draft_by_itself(town: Town, draft: UUID) -> None:
    assert solving.watch(now=LATER, pack=PACK) == {"stale": 0}
    give_back(town)
    assert solving.watch(now=LATER, pack=PACK) == {"stale": 1}
    assert replan(draft).state is ReplanState.STALE


def test_an_exam_day_that_begins_ends_the_draft_plainly(town: Town) -> None:
    first = town.sessions()[0]
    key = town.ask(Cut(first.id, cancels=True))
    town.sign(key)
    morning = first.starts_at - timedelta(hours=2)
    day_services.start_day(first.site_id, first.date, now=morning)
    with pytest.raises(Conflict):
        town.tell(key, now=morning)
    assert replan(key).stale == {"begun": 1}
    town.solve(now=morning)
    assert replan(key).state is ReplanState.STALE
    assert replan(key).progress["failure"] == "replan.day_begun"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Sitting)) == len(
        [x for y in town.sessions() if y.date == first.date for x in town.held(y)]
    )
    with pytest.raises(RuleRefused) as caught:
        town.ask(Cut(first.id, cancels=True), now=morning)
    assert caught.value.rule == "replan.day_begun"


@pytest.mark.parametrize("attempt", range(3))
def test_a_candidate_who_gives_back_while_it_is_told_never_has_two_answers(
    app: Flask, town: Town, draft: UUID, attempt: int
) -> None:
    """Either she was first, and the draft is stale; or she was told, and giving back is refused."""
    town.sign(draft)
    lines = [x for x in town.lines(draft) if x.change.value == "session"]
    one = db.session.get_one(Booking, lines[attempt % len(lines)].booking_id)
    reference, actor, booking_id = one.reference, owner(town, one), one.id
    db.session.rollback()
    errors: dict[str, KaochangError | None] = {}
    gate = threading.Barrier(2)

    def act(name: str) -> None:
        with app.app_context():
            gate.wait()
            try:
                if name == "tell":
                    town.tell(draft)
                else:
                    bookings.cancel(actor, reference, now=NOW, pack=PACK, calendar=CALENDAR)
                errors[name] = None
            except KaochangError as error:
                errors[name] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=act, args=(x,)) for x in ("tell", "cancel")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [x is None for x in errors.values()].count(True) == 1, errors
    old = db.session.get_one(Booking, booking_id, populate_existing=True)
    if errors["tell"] is None:
        assert old.state is BookingState.RELEASED
        assert replan(draft).state is ReplanState.TOLD
    else:
        assert old.state is BookingState.CANCELLED
        assert replan(draft).state is ReplanState.STALE
    seats = db.session.scalars(sa.select(Booking.seat_id).where(Booking.state == "booked")).all()
    assert len(set(seats)) == len(seats)
