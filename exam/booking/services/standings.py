"""What applications stand on: facts of many cases at once, and the order they give."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from exam.booking.models import (
    Application,
    ApplicationState,
    Booking,
    BookingState,
    PriorityCredit,
    Round,
    Session,
)
from exam.booking.rules import Days, needs_of
from exam.db import db
from exam.people import services as people
from exam.people.needs import live_needs
from exam.policy.eligibility import CaseFacts
from exam.policy.pack import Pack
from exam.policy.ranking import RankFacts, Standing, standing
from exam.policy.subjects import Subject
from exam.registration import progress
from exam.registration.models import Case, ResultOutcome, SubjectResult


def facts_of(
    case_ids: Collection[UUID], *, ignoring: Collection[UUID] = ()
) -> dict[UUID, CaseFacts]:
    """Facts of cases with what they have booked or applied for.

    Args:
        case_ids: the cases.
        ignoring: applications that do not count, because they are being changed or decided.
    """
    taken: dict[UUID, set[Subject]] = {}
    for case_id, subject in db.session.execute(
        sa.union_all(
            sa.select(Booking.case_id, Booking.subject).where(
                Booking.case_id.in_(case_ids), Booking.state == BookingState.BOOKED
            ),
            sa.select(Application.case_id, Application.subject).where(
                Application.case_id.in_(case_ids),
                Application.state == ApplicationState.ACTIVE,
                Application.id.not_in(ignoring),
            ),
        )
    ):
        taken.setdefault(case_id, set()).add(Subject(subject))
    return {
        key: replace(facts, booked=frozenset(taken.get(key, ())))
        for key, facts in progress.case_facts(case_ids).items()
    }


def taken_days(
    person_ids: Collection[UUID], *, ignoring: Collection[UUID] = ()
) -> dict[UUID, list[tuple[UUID, Days]]]:
    """Days on which persons may be due: of live applications and bookings, by person.

    Returns:
        Person to (application or booking id, first and last day).
    """
    found: dict[UUID, list[tuple[UUID, Days]]] = {}
    wishes = sa.select(
        Case.person_id, Application.id, Application.earliest, Application.latest
    ).join(Application, Application.case_id == Case.id)
    wishes = wishes.where(
        Case.person_id.in_(person_ids),
        Application.state == ApplicationState.ACTIVE,
        Application.id.not_in(ignoring),
    )
    for person_id, key, first, last in db.session.execute(wishes):
        found.setdefault(person_id, []).append((key, (first, last)))
    for person_id, key, day in db.session.execute(_booked_days(person_ids)):
        found.setdefault(person_id, []).append((key, (day, day)))
    return found


def _booked_days(person_ids: Collection[UUID]) -> sa.Select[UUID, UUID, date]:
    return (
        sa.select(Case.person_id, Booking.id, Session.date)
        .join(Booking, Booking.case_id == Case.id)
        .join(Session, Session.id == Booking.session_id)
        .where(Case.person_id.in_(person_ids), Booking.state == BookingState.BOOKED)
    )


def needs_of_persons(
    person_ids: Collection[UUID], subject: Subject, pack: Pack, *, on: date
) -> dict[UUID, frozenset[str]]:
    """What pools must offer each of these persons; those without needs are left out."""
    found = live_needs(person_ids, on=on)
    return {key: needs_of(kinds, subject, pack) for key, kinds in found.items()}


def withdrawals(case_ids: Collection[UUID], subject: Subject) -> dict[UUID, datetime]:
    """The last own cancellation or absence of each case in a subject."""
    rows = sa.union_all(
        sa.select(Booking.case_id.label("case_id"), Booking.ended_at.label("at")).where(
            Booking.case_id.in_(case_ids),
            Booking.subject == subject,
            Booking.state == BookingState.CANCELLED,
        ),
        sa.select(SubjectResult.case_id, SubjectResult.exam_at).where(
            SubjectResult.case_id.in_(case_ids),
            SubjectResult.subject == subject,
            SubjectResult.outcome == ResultOutcome.ABSENT,
        ),
    ).subquery()
    latest = sa.select(rows.c.case_id, sa.func.max(rows.c.at)).group_by(rows.c.case_id)
    return {key: at for key, at in db.session.execute(latest) if at is not None}


def credits_used(case_ids: Collection[UUID], subject: Subject) -> set[UUID]:
    """Cases that have used their one priority booking of the subject."""
    rows = sa.select(PriorityCredit.case_id).where(
        PriorityCredit.case_id.in_(case_ids),
        PriorityCredit.subject == subject,
        PriorityCredit.returned_at.is_(None),
    )
    return set(db.session.scalars(rows))


def displaced(case_ids: Collection[UUID], subject: Subject) -> set[UUID]:
    """Cases that an event left without the seat they had, and that have had none since."""
    later = aliased(Booking)
    since = sa.exists().where(
        later.case_id == Booking.case_id,
        later.subject == Booking.subject,
        later.created_at >= Booking.ended_at,
        later.state != BookingState.RELEASED,
    )
    rows = sa.select(Booking.case_id).where(
        Booking.case_id.in_(case_ids), Booking.subject == subject, Booking.displaced, ~since
    )
    return set(db.session.scalars(rows))


@dataclass(frozen=True)
class Asking:
    """A case that asks, or might ask, for a subject."""

    case_id: UUID
    person_id: UUID
    use_credit: bool = False


def standings(
    asking: Sequence[Asking],
    subject: Subject,
    *,
    pack: Pack,
    last_exam_day: date,
    facts: Mapping[UUID, CaseFacts] | None = None,
) -> dict[UUID, Standing]:
    """Tier and key of many cases in one subject, by case.

    Args:
        asking: who.
        subject: for what.
        pack: the rules in force.
        last_exam_day: the last day that the round gives out.
        facts: where they are at hand already.
    """
    keys = [x.case_id for x in asking]
    known = facts if facts is not None else progress.case_facts(keys)
    times = progress.rank_times(keys)
    away = withdrawals(keys, subject)
    used = credits_used(keys, subject)
    lost = displaced(keys, subject)
    first_called = people.service_group([x.person_id for x in asking], on=last_exam_day, pack=pack)
    found = {}
    for one in asking:
        accepted_at, last_exam_at = times[one.case_id]
        permit = known[one.case_id].permit
        found[one.case_id] = standing(
            RankFacts(
                subject=subject,
                accepted_at=accepted_at,
                last_exam_at=last_exam_at,
                last_withdrawal_at=away.get(one.case_id),
                permit_until=permit.valid_until if permit else None,
                use_credit=one.use_credit,
                credit_left=one.case_id not in used,
                service_group=one.person_id in first_called,
                displaced=one.case_id in lost,
            ),
            pack,
            last_exam_day=last_exam_day,
        )
    return found


def order_now(found: Round, subject: Subject, *, pack: Pack) -> dict[UUID, tuple[int, datetime]]:
    """Tier and key of every live application of a round and subject, by case: without lots."""
    rows = db.session.execute(
        sa.select(Application.case_id, Case.person_id, Application.use_credit)
        .join(Case, Case.id == Application.case_id)
        .where(
            Application.round_id == found.id,
            Application.subject == subject,
            Application.state == ApplicationState.ACTIVE,
        )
    )
    asking = [Asking(*row) for row in rows]
    if not asking:
        return {}
    return places(standings(asking, subject, pack=pack, last_exam_day=found.last_day))


def places(found: Mapping[UUID, Standing]) -> dict[UUID, tuple[int, datetime]]:
    """What standings sort by."""
    return {key: (x.tier, x.key) for key, x in found.items()}


def rank_among(mine: tuple[int, datetime], others: Iterable[tuple[int, datetime]]) -> int:
    """The rank of one place among others, lots apart: equals share the better rank."""
    return 1 + sum(other < mine for other in others)
