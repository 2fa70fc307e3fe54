from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.booking.models import Application, Booking, BookingState, PriorityCredit
from exam.booking.services import standings
from exam.booking.services.standings import Asking
from exam.db import db, new_id, transaction
from exam.errors import Conflict
from exam.notify.models import Notice
from exam.policy.subjects import Subject
from exam.registration import progress
from exam.replanning.asking import Cut
from exam.replanning.models import Change, ReplanKind
from exam.system import outbox
from tests.booking.factories import LAST_DAY, NOW, PACK
from tests.replanning.factories import LATER, Town

if TYPE_CHECKING:
    from uuid import UUID


@pytest.fixture
def closed(town: Town) -> Town:
    """The site is closed but for one session: eight of twelve have no place."""
    kept = town.sessions()[-1]
    cuts = [Cut(x.id, cancels=True) for x in town.sessions() if x.id != kept.id]
    holder = db.session.scalars(sa.select(Application).limit(1)).one()
    with transaction() as session:
        for one in session.scalars(sa.select(Application)).all():
            session.add(
                PriorityCredit(
                    id=new_id(),
                    case_id=one.case_id,
                    subject=one.subject,
                    application_id=one.id,
                    used_at=NOW,
                )
            )
    assert holder.state == "served"
    key = town.ask(*cuts, kind=ReplanKind.SITE_CLOSED)
    town.sign(key)
    town.tell(key)
    while outbox.drain(now=LATER):
        pass
    return town


def lost(town: Town) -> set[UUID]:
    rows = sa.select(Booking.case_id).where(Booking.displaced)
    assert town
    return set(db.session.scalars(rows))


def test_the_best_ranked_keep_a_place_and_the_others_are_told_why_and_whom_to_call(
    closed: Town,
) -> None:
    gone = lost(closed)
    assert len(gone) == 8
    ranks = {x.case_id: x.rank for x in db.session.scalars(sa.select(Application))}
    assert max(ranks[x] for x in ranks.keys() - gone) < min(ranks[x] for x in gone)
    told = db.session.scalars(sa.select(Notice).where(Notice.kind == "replan.lost")).all()
    persons = {x.person_id for x in closed.people if x.case_id in gone}
    assert {x.person_id for x in told} == persons
    for one in told:
        assert one.facts["because"] == "site_closed"
        assert one.facts["phone"] == "12123"
        assert one.facts["date"]


def test_no_attempt_is_counted_and_the_priority_use_is_given_back(closed: Town) -> None:
    gone = lost(closed)
    facts = progress.case_facts(gone)
    assert all(not any(x.bookings_used.values()) for x in facts.values())
    rows = db.session.execute(sa.select(PriorityCredit.case_id, PriorityCredit.returned_at))
    assert {key for key, at in rows if at is not None} == gone


def test_they_come_before_others_in_the_next_round_until_they_have_a_seat(closed: Town) -> None:
    gone = lost(closed)
    asking = [Asking(x.case_id, x.person_id) for x in closed.people]

    def tiers() -> dict[UUID, str]:
        found = standings.standings(asking, Subject.S1, pack=PACK, last_exam_day=LAST_DAY)
        return {key: x.tier_rule for key, x in found.items()}

    assert {key for key, rule in tiers().items() if rule == "tier.displaced"} == gone
    assert PACK.integer("tier.displaced") < PACK.integer("tier.others")
    one = db.session.scalars(sa.select(Booking).where(Booking.displaced).limit(1)).one()
    with transaction() as session:
        columns = {x.name: getattr(one, x.name) for x in Booking.__table__.columns}
        fresh = {"id": new_id(), "reference": "AAAA-BBBB-CCCC", "created_at": LATER}
        session.add(
            Booking(
                **columns
                | fresh
                | {"state": BookingState.BOOKED, "displaced": False, "ended_at": None}
            )
        )
    assert tiers()[one.case_id] == "tier.others"


def test_every_change_stands_in_the_record_of_the_person_whom_it_concerns(closed: Town) -> None:
    rows = db.session.execute(
        sa.select(AuditRecord.for_person_id, AuditRecord.act).where(
            AuditRecord.act.startswith("booking.replan_")
        )
    ).all()
    gone = {x.person_id for x in closed.people if x.case_id in lost(closed)}
    assert {person for person, act in rows if act == "booking.replan_lost"} == gone
    assert not any(act == f"booking.replan_{Change.KEPT}" for _person, act in rows)


def test_only_a_place_that_was_taken_back_can_be_one_that_was_lost(town: Town) -> None:
    assert town
    with pytest.raises(Conflict) as caught, transaction() as session:
        session.execute(sa.update(Booking).values(displaced=True))
    assert caught.value.facts["constraint"] == "ck_booking_displaced_is_released"
