"""Check-in: the number, then the identity by machine or person. Nothing technical fails anybody."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _

from exam.booking.models import Booking, BookingState
from exam.db import db, new_id, transaction
from exam.errors import InvalidInput, RuleRefused, WrongState
from exam.examday import rules
from exam.examday.desk import WHOLE, go, locked_day, locked_sitting, must_be_open, note, require
from exam.examday.models import ExamDay, Incident, Sitting, SittingState
from exam.examday.rules import IdentityStep
from exam.features import Feature, enabled
from exam.people.models import Person
from exam.people.roles import Actor, Role
from exam.people.services import service_group
from exam.policy.pack import Pack
from exam.registration.models import Case
from exam.vision import services as vision
from exam.vision.rules import AnswerState
from scheduler import draw

FACE, PERSON = "face", "person"


def check_in(actor: Actor, day_id: UUID, number: str, *, pack: Pack, now: datetime) -> Sitting:
    """Somebody is at the desk with this number; who was checked in before is simply found again.

    Args:
        actor: hall officer or duty leader of the site.
        day_id: the day.
        number: the booking's reference, the content of its QR code, the ticket, or the number of
            the identity document.
        pack: the rules in force.
        now: the injected time.

    Raises:
        InvalidInput: nobody of this day has the number; the message tells what to try.
        RuleRefused: the booking was cancelled or given back.
        WrongState: the day is not open.
    """
    require(actor, Role.HALL_OFFICER, Role.DUTY_LEADER)
    with transaction():
        day = locked_day(actor, day_id)
        must_be_open(day)
        sitting = _find(day, number)
        if sitting.state is SittingState.EXPECTED:
            if sitting.booking.state is not BookingState.BOOKED:
                raise RuleRefused(
                    _("This booking was cancelled or given back. Ask the duty leader."),
                    rule="booking.not_live",
                )
            person_id = sitting.booking.case.person_id
            first = service_group([person_id], on=day.date, pack=pack)
            admit(sitting, actor, first_called=person_id in first, now=now)
    return sitting


def admit(sitting: Sitting, actor: Actor, *, first_called: bool, now: datetime) -> None:
    """She is here; inside the caller's transaction, with the day locked.

    Only the flag is kept, never why somebody is called first.
    """
    go(sitting, SittingState.CHECKED_IN)
    sitting.checked_in_at = now
    sitting.first_called = first_called
    sitting.draw_secret = draw.new_secret().hex()
    note("sitting.checked_in", sitting, actor, now=now)


def ask_machine(actor: Actor, sitting_id: UUID, probe: str, *, now: datetime) -> Sitting:
    """Put a picture taken at the desk before the machine; a drawn reference goes to a person.

    Args:
        actor: hall officer or duty leader.
        sitting_id: the sitting.
        probe: path of the picture below the data folder.
        now: the injected time.
    """
    require(actor, Role.HALL_OFFICER, Role.DUTY_LEADER)
    with transaction():
        sitting = _waiting_for_identity(actor, sitting_id)
        person = sitting.booking.case.person
        if comparable(person):
            assert person.photo is not None
            sitting.vision_question_id = vision.ask_compare(person.photo, probe, now=now)
            db.session.flush()
            note("sitting.face_asked", sitting, actor, now=now)
    return sitting


def comparable(person: Person) -> bool:
    """Whether the registered picture may be compared by machine: a photo, not a drawing."""
    photo = person.photo is not None and not person.photo_simulated
    return photo and enabled(Feature.FACE_COMPARE)


def identity_step(sitting: Sitting, *, pack: Pack, now: datetime) -> IdentityStep:
    """Who confirms the identity now; asks the database, changes nothing."""
    question = sitting.vision_question_id
    answer = vision.answer_of(question) if question else None
    late = answer is not None and rules.is_late(answer.asked_at, answer.answered_at, pack)
    same = answer is not None and answer.state is AnswerState.SAME and not late
    return rules.identity_step(
        confirmed=sitting.identity_by is not None,
        comparable=comparable(sitting.booking.case.person),
        asked_at=vision.asked_at(question) if question else None,
        answered=answer is not None and not same,
        now=now,
        pack=pack,
    )


def take_answer(actor: Actor, sitting_id: UUID, *, pack: Pack, now: datetime) -> bool:
    """Accept the machine's answer if it came in time and found the same person.

    Any other answer, and a late one, is only kept: a person looks. Returns whether the identity
    is confirmed now.
    """
    with transaction():
        sitting = locked_sitting(actor, sitting_id)
        if sitting.identity_by is not None or sitting.state is not SittingState.CHECKED_IN:
            return sitting.identity_by is not None
        question = sitting.vision_question_id
        answer = vision.answer_of(question) if question else None
        if (
            answer is None
            or answer.state is not AnswerState.SAME
            or rules.is_late(answer.asked_at, answer.answered_at, pack)
        ):
            return False
        confirm(sitting, None, by=FACE, now=now)
    return True


def confirm_by_person(actor: Actor, sitting_id: UUID, *, now: datetime) -> Sitting:
    """The officer has compared face and document: she may wait for her call.

    Raises:
        WrongState: she is not at the desk, or her identity is confirmed already.
    """
    require(actor, Role.HALL_OFFICER, Role.DUTY_LEADER)
    with transaction():
        sitting = _waiting_for_identity(actor, sitting_id)
        confirm(sitting, actor, by=PERSON, now=now)
    return sitting


def confirm(sitting: Sitting, actor: Actor | None, *, by: str, now: datetime) -> None:
    """The identity is confirmed, and she queues; inside the caller's transaction."""
    sitting.identity_by = by
    sitting.identity_account_id = actor.account_id if actor else None
    sitting.queued_at = now
    note("sitting.identified", sitting, actor, now=now, by=by)


def doubt_identity(actor: Actor, sitting_id: UUID, *, words: str, now: datetime) -> Incident:
    """The officer says that this is somebody else: noted, and the place waits for the right person.

    Nothing is decided about anybody: the booked person may still come, and a duty leader reads it.

    Raises:
        InvalidInput: no words.
    """
    require(actor, Role.HALL_OFFICER, Role.DUTY_LEADER)
    if not words.strip():
        raise InvalidInput(_("Write what you saw."), field="words")
    with transaction() as session:
        sitting = _waiting_for_identity(actor, sitting_id)
        go(sitting, SittingState.EXPECTED)
        sitting.checked_in_at = None
        sitting.vision_question_id = None
        incident = Incident(
            id=new_id(),
            exam_day_id=sitting.exam_day_id,
            sitting_id=sitting.id,
            kind="identity",
            note=words.strip(),
            at=now,
            account_id=actor.account_id,
        )
        session.add(incident)
        note("sitting.identity_doubted", sitting, actor, now=now, reason=words.strip()[:400])
    return incident


def _waiting_for_identity(actor: Actor, sitting_id: UUID) -> Sitting:
    sitting = locked_sitting(actor, sitting_id)
    must_be_open(sitting.day)
    if sitting.state is not SittingState.CHECKED_IN or sitting.identity_by is not None:
        raise WrongState(current=sitting.state.value, wanted="identity")
    return sitting


def _find(day: ExamDay, number: str) -> Sitting:
    """By reference, ticket or document number; one answer for all that do not fit."""
    wanted = rules.reference_in(number)
    query = (
        sa.select(Sitting)
        .join(Booking, Booking.id == Sitting.booking_id)
        .join(Case, Case.id == Booking.case_id)
        .join(Person, Person.id == Case.person_id)
        .where(Sitting.exam_day_id == day.id)
        .where(
            sa.or_(
                Booking.reference == wanted,
                Sitting.ticket == wanted,
                Person.document_number.matches(wanted),
            )
        )
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    found = list(db.session.scalars(query)) if wanted else []
    if not found:
        raise InvalidInput(
            _(
                "Nobody with this number is expected here today. Check the digits, the date and the"
                " site on the booking, or ask the duty leader."
            ),
            field="number",
        )
    return min(found, key=lambda x: (x.state is not SittingState.EXPECTED, x.booking.starts_at))
