"""What a candidate's pages show: what she may apply for, where she stands, what she got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from exam.booking.models import (
    Application,
    ApplicationState,
    Booking,
    Choice,
    Decision,
    Round,
    RoundState,
    Session,
)
from exam.booking.rules import Offered
from exam.booking.services import offering, standings
from exam.booking.services.offering import Room
from exam.booking.services.standings import Asking
from exam.clock import civil_date
from exam.db import db
from exam.errors import NotFound
from exam.people.models import Site
from exam.people.roles import Actor
from exam.policy.eligibility import Eligibility, assess, subjects_of
from exam.policy.pack import Pack
from exam.policy.ranking import may_use_credit
from exam.policy.subjects import Subject
from exam.registration.models import Case, CaseState


def open_rounds(office_id: UUID, *, now: datetime) -> list[Round]:
    """Rounds that take applications now."""
    query = sa.select(Round).where(
        Round.office_id == office_id,
        Round.state == RoundState.OPEN,
        Round.opens_at <= now,
        Round.closes_at > now,
    )
    return list(db.session.scalars(query.order_by(Round.closes_at)))


def applications_of(person_id: UUID) -> list[Application]:
    """A person's applications that were not withdrawn, the latest first."""
    query = (
        sa.select(Application)
        .join(Case, Case.id == Application.case_id)
        .where(Case.person_id == person_id, Application.state != ApplicationState.WITHDRAWN)
        .options(joinedload(Application.round), joinedload(Application.case))
        .order_by(Application.created_at.desc())
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class Possible:
    """A subject of a case in an open round, and whether it may be applied for."""

    round: Round
    case: Case
    subject: Subject
    eligibility: Eligibility
    sessions: int
    """Sessions that serve the class inside the lawful days."""


def possibilities(actor: Actor, *, now: datetime, pack: Pack) -> list[Possible]:
    """For every open round, what the candidate could apply for or why not yet."""
    cases = _cases(actor)
    facts = standings.facts_of([x.id for x in cases])
    found = []
    for round_ in open_rounds(actor.office_id, now=now):
        sessions = offering.sessions_of(round_)
        known = offering.offered(sessions).values()
        today = civil_date(now, sessions[0].site.time_zone)
        for case in cases:
            for subject in subjects_of(case.pathway, pack):
                if subject in facts[case.id].passed:
                    continue
                state = assess(subject, facts[case.id], pack, today=today)
                fitting = [x for x in known if _serves(x, case, subject, state)]
                found.append(Possible(round_, case, subject, state, len(fitting)))
    return found


def _cases(actor: Actor) -> Sequence[Case]:
    return db.session.scalars(
        sa.select(Case)
        .where(Case.person_id == actor.person_id, Case.state == CaseState.ACCEPTED)
        .order_by(Case.accepted_at)
    ).all()


def _serves(session: Offered, case: Case, subject: Subject, state: Eligibility) -> bool:
    return (
        session.subject is subject
        and session.serves(case.licence_class)
        and (state.earliest is None or session.date >= state.earliest)
        and (state.latest is None or session.date <= state.latest)
    )


@dataclass(frozen=True)
class Line:
    """A session on the page of applying."""

    session: Session
    room: Room
    applied: int
    kinds: tuple[str, ...]
    """Kinds of vehicle that serve the candidate's class."""
    fits: bool
    """Whether it has the support that she asked for."""


@dataclass(frozen=True)
class Offer:
    """Everything on the page of applying for one subject in one round."""

    round: Round
    case: Case
    subject: Subject
    eligibility: Eligibility
    lines: tuple[Line, ...]
    sites: tuple[Site, ...]
    application: Application | None
    rank: int | None
    """As of now, equals sharing the better one; lots decide at the freeze."""
    asking: int
    credit: bool
    last_chance: bool
    days: tuple[date, date]


def offer(
    actor: Actor, code: str, case_id: UUID, subject: Subject, *, now: datetime, pack: Pack
) -> Offer:
    """What one subject of an open round offers the candidate.

    Raises:
        NotFound: no such open round, or not her case.
    """
    round_ = next((x for x in open_rounds(actor.office_id, now=now) if x.code == code), None)
    case = db.session.get(Case, case_id)
    if round_ is None or case is None or case.person_id != actor.person_id:
        raise NotFound
    return _offer(round_, case, subject, now=now, pack=pack)


def _offer(round_: Round, case: Case, subject: Subject, *, now: datetime, pack: Pack) -> Offer:
    mine = _own_application(round_, case, subject)
    ignoring = [mine.id] if mine else []
    facts = standings.facts_of([case.id], ignoring=ignoring)[case.id]
    sessions = offering.sessions_of(round_, subject=subject)
    today = civil_date(now, sessions[0].site.time_zone) if sessions else now.date()
    state = assess(subject, facts, pack, today=today)
    lines = _lines(round_, case, sessions, state, pack)
    permit_until = facts.permit.valid_until if facts.permit else None
    used = case.id in standings.credits_used([case.id], subject)
    asking = Asking(case.id, case.person_id, use_credit=bool(mine and mine.use_credit))
    standing = standings.standings(
        [asking], subject, pack=pack, last_exam_day=round_.last_day, facts={case.id: facts}
    )
    others = standings.order_now(round_, subject, pack=pack)
    others.pop(case.id, None)
    place = standings.places(standing)[case.id]
    live = mine is not None and mine.state is not ApplicationState.WITHDRAWN
    return Offer(
        round=round_,
        case=case,
        subject=subject,
        eligibility=state,
        lines=lines,
        sites=tuple({x.session.site.code: x.session.site for x in lines}.values()),
        application=mine if live else None,
        rank=standings.rank_among(place, others.values()),
        asking=len(others) + live,
        credit=may_use_credit(permit_until, pack, used=used, today=today),
        last_chance=standing[case.id].tier_rule == "tier.last_chance",
        days=(
            max(round_.first_day, state.earliest or round_.first_day),
            min(round_.last_day, state.latest or round_.last_day),
        ),
    )


def _own_application(round_: Round, case: Case, subject: Subject) -> Application | None:
    return db.session.scalar(
        sa.select(Application)
        .where(
            Application.round_id == round_.id,
            Application.case_id == case.id,
            Application.subject == subject,
        )
        .options(selectinload(Application.choices))
    )


def _lines(
    round_: Round, case: Case, sessions: Sequence[Session], state: Eligibility, pack: Pack
) -> tuple[Line, ...]:
    subject = state.subject
    known = offering.offered(sessions)
    taken = offering.taken_by_pool(sessions)
    applied = offering.applied_by_session(round_)
    needs = standings.needs_of_persons([case.person_id], subject, pack, on=round_.first_day)
    own = needs.get(case.person_id, frozenset())
    return tuple(
        Line(
            session=x,
            room=offering.room_of(x, taken),
            applied=applied.get(x.id, 0),
            kinds=tuple(
                sorted({p.kind for p in x.pools if {case.licence_class, "*"} & set(p.classes)})
            ),
            fits=known[x.id].fits(case.licence_class, own),
        )
        for x in sessions
        if x.id in known and _serves(known[x.id], case, subject, state)
    )


@dataclass(frozen=True)
class Outcome:
    """One application with what the round made of it."""

    application: Application
    chosen: tuple[Session, ...]
    decision: Decision | None
    booking: Booking | None
    asking: int


def outcome(actor: Actor, application_id: UUID) -> Outcome:
    """A candidate's own application.

    Raises:
        NotFound: unknown, or somebody else's.
    """
    hers = sa.exists().where(Case.id == Application.case_id, Case.person_id == actor.person_id)
    mine = db.session.scalar(
        sa.select(Application)
        .where(Application.id == application_id, hers)
        .options(
            joinedload(Application.case),
            joinedload(Application.round),
            selectinload(Application.choices),
        )
    )
    if mine is None:
        raise NotFound
    ranked = sa.select(sa.func.count()).where(
        Application.round_id == mine.round_id,
        Application.subject == mine.subject,
        Application.rank.is_not(None),
    )
    return Outcome(
        application=mine,
        chosen=_chosen(mine.choices),
        decision=db.session.get(Decision, mine.id),
        booking=db.session.scalar(
            sa.select(Booking)
            .where(Booking.application_id == mine.id)
            .options(joinedload(Booking.session).joinedload(Session.site))
            .order_by(Booking.created_at.desc(), Booking.id.desc())
            .limit(1)
        ),
        asking=db.session.scalar(ranked) or 0,
    )


def sessions_named(codes: Sequence[str]) -> list[Session]:
    """The sessions of these codes in the order of time."""
    query = (
        sa.select(Session)
        .where(Session.code.in_(codes))
        .options(joinedload(Session.site))
        .order_by(Session.starts_at, Session.code)
    )
    return list(db.session.scalars(query))


def _chosen(choices: Sequence[Choice]) -> tuple[Session, ...]:
    query = (
        sa.select(Session)
        .where(Session.id.in_([x.session_id for x in choices]))
        .options(joinedload(Session.site))
    )
    by_id = {x.id: x for x in db.session.scalars(query)}
    return tuple(by_id[x.session_id] for x in sorted(choices, key=lambda x: x.position))
