"""The candidate's home: where each of her cases stands, and what can be done from when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy import orm

from exam.booking import wording
from exam.booking.services.standings import facts_of
from exam.db import db
from exam.errors import NotAllowed
from exam.notify import kinds
from exam.notify.services import latest
from exam.people.mandates import mandates_of
from exam.people.models import Person
from exam.people.roles import Actor
from exam.policy.eligibility import CaseFacts, Eligibility, assess, subjects_of
from exam.policy.pack import Pack
from exam.policy.sources import source_of
from exam.policy.subjects import Subject
from exam.registration.models import Case, CaseState, Permit
from exam.registration.review import today_at_office
from exam.web.filters import day
from exam.web.locale import language

SOURCES = {
    "pathway.not_asked": "pathway.subjects",
    "subject.order": "pathway.subjects",
    "permit.missing": "permit.valid_years",
    "permit.ends_first": "permit.valid_years",
    "attempt.used_up": "attempt.max_bookings",
}
"""The parameter that a rule stands on, so that the page can name its source."""

WAITS = {
    Subject.S2: "wait.s2_after_permit_days",
    Subject.S3R: "wait.s3r_after_permit_days",
}


@dataclass(frozen=True)
class Reason:
    """Why not yet, or why from then, with where it is written."""

    text: str
    source: str | None


@dataclass(frozen=True)
class SubjectState:
    """One subject of a case."""

    subject: Subject
    state: str
    """passed, booked, open, later or closed."""
    earliest: date | None
    latest: date | None
    reasons: tuple[Reason, ...]
    used: int
    limit: int | None


@dataclass(frozen=True)
class CaseView:
    """One case with its subjects and permit."""

    case: Case
    permit: Permit | None
    days_left: int | None
    subjects: tuple[SubjectState, ...]


@dataclass(frozen=True)
class Home:
    """Everything on the candidate's page."""

    person: Person
    cases: tuple[CaseView, ...]
    notices: tuple[tuple[datetime, str], ...]
    mandated: frozenset[UUID]
    """Schools that may act for her."""


def home_of(actor: Actor, *, now: datetime, pack: Pack) -> Home:
    """Gather the signed-in candidate's page.

    Raises:
        NotAllowed: the actor is no candidate.
    """
    if actor.person_id is None:
        raise NotAllowed
    query = (
        sa.select(Case).where(Case.person_id == actor.person_id).order_by(Case.created_at.desc())
    )
    cases = db.session.scalars(query.options(orm.joinedload(Case.school))).all()
    keys = [x.id for x in cases]
    permits = _permits(keys)
    facts = facts_of(keys)
    today = today_at_office(now)
    return Home(
        db.session.get_one(Person, actor.person_id),
        tuple(_case(x, facts[x.id], permits.get(x.id), pack, today) for x in cases),
        tuple((x.created_at, kinds.text_of(x)) for x in latest(actor.person_id)),
        frozenset(x.school_id for x in mandates_of(actor.person_id) if x.revoked_at is None),
    )


def _permits(case_ids: Sequence[UUID]) -> dict[UUID, Permit]:
    query = sa.select(Permit).where(Permit.case_id.in_(case_ids))
    return {x.case_id: x for x in db.session.scalars(query)}


def _case(case: Case, facts: CaseFacts, permit: Permit | None, pack: Pack, today: date) -> CaseView:
    left = (permit.valid_until - today).days + 1 if permit else None
    followed = case.state in (CaseState.ACCEPTED, CaseState.COMPLETED)
    subjects = subjects_of(case.pathway, pack) if followed else ()
    states = tuple(_subject(x, facts, pack, today) for x in subjects)
    return CaseView(case, permit, left, states)


def _subject(subject: Subject, facts: CaseFacts, pack: Pack, today: date) -> SubjectState:
    found = assess(subject, facts, pack, today=today)
    rules = {x.rule for x in found.refusals}
    return SubjectState(
        subject=subject,
        state=_state(found, rules, today),
        earliest=found.earliest,
        latest=found.latest,
        reasons=tuple(_reasons(found, facts, pack, today)),
        used=facts.bookings_used.get(subject, 0),
        limit=pack.by("attempt.max_bookings", subject),
    )


def _state(found: Eligibility, rules: set[str], today: date) -> str:
    if "subject.passed" in rules:
        return "passed"
    if rules == {"subject.already_booked"}:
        return "booked"
    if not found.open:
        return "closed"
    return "later" if found.earliest and found.earliest > today else "open"


def _reasons(found: Eligibility, facts: CaseFacts, pack: Pack, today: date) -> list[Reason]:
    if "subject.passed" in {x.rule for x in found.refusals}:
        return []
    told = [Reason(wording.sentence(x), _source(x.rule, pack)) for x in found.refusals]
    if found.earliest and found.earliest > today:
        told += _waits(found.subject, facts, pack)
    return told


def _source(rule: str, pack: Pack) -> str | None:
    name = SOURCES.get(rule)
    return _cited(name, pack) if name else None


def _cited(name: str, pack: Pack) -> str:
    return source_of(pack[name], language())


def _waits(subject: Subject, facts: CaseFacts, pack: Pack) -> list[Reason]:
    told = []
    name = WAITS.get(subject)
    days = pack.by(name, facts.licence_class) if name else None
    if name and days and facts.permit:
        text = _(
            "Class %(class)s waits %(days)s days after the permit of %(date)s.",
            days=days,
            date=day(facts.permit.issued_on),
            **{"class": facts.licence_class},
        )
        told.append(Reason(text, _cited(name, pack)))
    failed = facts.last_failed_on.get(subject)
    wait = pack.by("attempt.rebook_wait_days", subject)
    if failed and wait:
        text = _("After the exam of %(date)s %(days)s days must pass.", days=wait, date=day(failed))
        told.append(Reason(text, _cited("attempt.rebook_wait_days", pack)))
    return told
