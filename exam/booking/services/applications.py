"""Applications: saved, changed and withdrawn while the window is open. Never first come.

One application is the case of many: :func:`apply_many` answers each wish with its id or its
refusal, with a fixed number of statements for any number of wishes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from exam.audit import services as audit
from exam.booking import rules
from exam.booking.models import (
    APPLICATION_MOVES,
    Application,
    ApplicationState,
    Choice,
    Round,
    RoundState,
)
from exam.booking.rules import Applicant, Wish
from exam.booking.services import offering, standings
from exam.booking.wording import refused
from exam.clock import civil_date
from exam.db import db, lock_row, new_id, transaction
from exam.errors import KaochangError, NotFound
from exam.people.models import Person
from exam.people.roles import Actor
from exam.policy.eligibility import CaseFacts, Refusal, assess
from exam.policy.pack import Pack
from exam.policy.ranking import may_use_credit
from exam.policy.subjects import Subject
from exam.registration.models import Case
from exam.states import move


def apply(actor: Actor, round_id: UUID, wish: Wish, *, now: datetime, pack: Pack) -> Application:
    """Save or change a candidate's application for one subject of an open round.

    Raises:
        NotFound: the case is not hers, or the round not of her office.
        RuleRefused: every rule that stands against it, in words.
    """
    answer = apply_many([wish], round_id, actor=actor, now=now, pack=pack)[0]
    if isinstance(answer, KaochangError):
        raise answer
    return db.session.get_one(Application, answer)


def apply_many(
    wishes: Sequence[Wish],
    round_id: UUID,
    *,
    now: datetime,
    pack: Pack,
    actor: Actor | None = None,
) -> list[UUID | KaochangError]:
    """Save many applications at once; a wrong one is answered with its error and changes nothing.

    Races stopped: the round closing meanwhile (its row is held in share mode, which a close waits
    for), and two applications of one person at once (her row is locked, in the order of ids).

    Args:
        wishes: at most one for each case and subject.
        round_id: an open round.
        now: the injected time.
        pack: the rules in force.
        actor: the candidate; None: the system, for any case of the round's office.

    Returns:
        For each wish, in order, the application's id or the error.

    Raises:
        RuleRefused: the window is not open.
    """
    with transaction():
        found = _open_round(round_id, now)
        desk = _Desk(found, wishes, actor=actor, now=now, pack=pack)
        answers = [desk.answer(wish) for wish in wishes]
        desk.write()
    return answers


def withdraw(actor: Actor, application_id: UUID, *, now: datetime) -> None:
    """Take an application back while the window is open; it costs nothing.

    Races stopped: the round closing meanwhile, and two clicks. Round before application, as the
    freeze locks them.

    Raises:
        RuleRefused: the window has closed.
    """
    with transaction() as session:
        hers = (Case.id == Application.case_id, Case.person_id == actor.person_id)
        query = sa.select(Application).where(Application.id == application_id)
        own = session.scalar(query.where(sa.exists().where(*hers)))
        if own is None:
            raise NotFound
        _open_round(own.round_id, now)
        found: Application = lock_row(Application, application_id)
        found.state = move(found.state, ApplicationState.WITHDRAWN, APPLICATION_MOVES)
        found.changed_at = now
        audit.record(
            "application.withdrawn",
            found,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            for_person_id=actor.person_id,
        )


def _open_round(round_id: UUID, now: datetime) -> Round:
    query = sa.select(Round).where(Round.id == round_id).with_for_update(read=True)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    if found.state is not RoundState.OPEN or not found.opens_at <= now < found.closes_at:
        raise refused([Refusal("round.not_open")])
    return found


@dataclass(frozen=True)
class _Earlier:
    """What this round knows already of a case and subject."""

    id: UUID
    state: ApplicationState


class _Desk:
    """Everything that answers the wishes of one call, read once."""

    def __init__(
        self,
        found: Round,
        wishes: Sequence[Wish],
        *,
        actor: Actor | None,
        now: datetime,
        pack: Pack,
    ) -> None:
        self._round, self._actor, self._now, self._pack = found, actor, now, pack
        self._days = (found.first_day, found.last_day)
        sessions = offering.sessions_of(found)
        self._offered = offering.offered(sessions)
        self._today = civil_date(now, sessions[0].site.time_zone)
        self._cases = _locked_cases({x.case_id for x in wishes})
        self._earlier = _earlier(found, self._cases)
        changed = {
            self._earlier[x.case_id, x.subject].id
            for x in wishes
            if (x.case_id, x.subject) in self._earlier
        }
        self._facts = standings.facts_of(list(self._cases), ignoring=changed)
        persons = {x.person_id for x in self._cases.values()}
        self._taken = standings.taken_days(persons, ignoring=changed)
        self._needs: dict[Subject, dict[UUID, frozenset[str]]] = {}
        self._used: dict[Subject, set[UUID]] = {}
        for subject in {x.subject for x in wishes}:
            self._needs[subject] = standings.needs_of_persons(
                persons, subject, pack, on=found.first_day
            )
            self._used[subject] = standings.credits_used(list(self._cases), subject)
        self._new: list[dict[str, Any]] = []
        self._changes: list[dict[str, Any]] = []
        self._choices: list[dict[str, Any]] = []

    def answer(self, wish: Wish) -> UUID | KaochangError:
        case = self._cases.get(wish.case_id)
        if case is None or not self._covers(case):
            return NotFound()
        who = self._applicant(wish, case, self._facts[case.id])
        refusals = rules.wish_refusals(wish, who, self._offered, self._days, self._pack)
        if refusals:
            return refused(refusals)
        return self._take(wish, case, who)

    def _covers(self, case: Case) -> bool:
        mine = self._actor is None or self._actor.person_id == case.person_id
        return mine and case.office_id == self._round.office_id

    def _applicant(self, wish: Wish, case: Case, facts: CaseFacts) -> Applicant:
        permit_until = facts.permit.valid_until if facts.permit else None
        return Applicant(
            licence_class=case.licence_class,
            needs=self._needs[wish.subject].get(case.person_id, frozenset()),
            eligibility=assess(wish.subject, facts, self._pack, today=self._today),
            taken=tuple(days for _key, days in self._taken.get(case.person_id, [])),
            credit=may_use_credit(
                permit_until,
                self._pack,
                used=case.id in self._used[wish.subject],
                today=self._today,
            ),
        )

    def _take(self, wish: Wish, case: Case, who: Applicant) -> UUID:
        dates = [self._offered[x].date for x in wish.choices]
        first, last = rules.window_of(wish, dates, self._days, who.eligibility)
        earlier = self._earlier.get((case.id, wish.subject))
        key = earlier.id if earlier else new_id()
        row = {
            "id": key,
            "round_id": self._round.id,
            "case_id": case.id,
            "subject": wish.subject,
            "licence_class": case.licence_class,
            "any_session": wish.any_session,
            "area": sorted(set(wish.area)),
            "earliest": first,
            "latest": last,
            "use_credit": wish.use_credit,
            "needs": sorted(who.needs),
            "state": ApplicationState.ACTIVE,
            "changed_at": self._now,
        }
        if earlier:
            self._changes.append(row)
        else:
            self._new.append({**row, "created_at": self._now})
        self._choices += [
            {"application_id": key, "position": position, "session_id": session_id}
            for position, session_id in enumerate(wish.choices, start=1)
        ]
        self._taken.setdefault(case.person_id, []).append((key, (first, last)))
        return key

    def write(self) -> None:
        session = db.session
        if self._new:
            session.execute(sa.insert(Application), self._new)
        if self._changes:
            keys = [x["id"] for x in self._changes]
            session.execute(sa.delete(Choice).where(Choice.application_id.in_(keys)))
            session.execute(sa.update(Application), self._changes)
        if self._choices:
            session.execute(sa.insert(Choice), self._choices)
        for act, rows in (
            ("application.saved", self._new),
            ("application.changed", self._changes),
        ):
            for row in rows:
                self._audit(act, row)
        session.flush()
        session.expire_all()

    def _audit(self, act: str, row: dict[str, Any]) -> None:
        audit.record(
            act,
            Application(id=row["id"]),
            now=self._now,
            account_id=self._actor.account_id if self._actor else None,
            role=self._actor.role if self._actor else None,
            for_person_id=self._cases[row["case_id"]].person_id,
            subject_code=row["subject"],
            pack=self._pack.edition,
        )


def _locked_cases(case_ids: Collection[UUID]) -> dict[UUID, Case]:
    """The cases, with their persons' rows locked in the order of ids."""
    persons = (
        sa.select(Person.id)
        .where(Person.id.in_(sa.select(Case.person_id).where(Case.id.in_(case_ids))))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    )
    db.session.execute(persons).all()
    found = db.session.scalars(sa.select(Case).where(Case.id.in_(case_ids)))
    return {case.id: case for case in found}


def _earlier(found: Round, case_ids: Collection[UUID]) -> dict[tuple[UUID, Subject], _Earlier]:
    rows = db.session.execute(
        sa.select(
            Application.case_id, Application.subject, Application.id, Application.state
        ).where(Application.round_id == found.id, Application.case_id.in_(case_ids))
    )
    return {(case, Subject(subject)): _Earlier(key, state) for case, subject, key, state in rows}
