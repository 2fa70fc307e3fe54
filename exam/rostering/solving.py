"""Solving rosters in the jobs process, through the scheduler's public functions alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from exam.audit import services as audit
from exam.db import db, lock_row, new_id, transaction
from exam.examday.models import Room
from exam.rostering import conflicts, rules
from exam.rostering.gathering import gather, sites_of
from exam.rostering.models import Roster, RosterDuty, RosterPlace
from exam.rostering.rules import Problem
from exam.rostering.states import ROSTER_MOVES, RosterState
from exam.states import move
from scheduler.roster import Duty, Rules, Worker, make_roster
from scheduler.roster import Roster as Answer

log = structlog.get_logger()
WORK = 20.0
"""In the engine's own units, so that the answer does not depend on the machine's speed."""
NOBODY, NOTHING = "nobody_is_qualified", "no_sessions"


@dataclass(frozen=True)
class Solved:
    """Who has which need, and how it was found."""

    places: Mapping[int, frozenset[str]]
    answer: Answer
    untouched: bool = False
    """Only gaps were filled: nobody else's duty has changed."""


def advance(*, now: datetime) -> dict[str, int]:
    """Solve whatever waits; one that fails says so on its page, the others go on."""
    done = 0
    for key in _waiting():
        try:
            done += solve_roster(key, now=now)
        except Exception as error:
            log.exception("roster.failed", roster_id=str(key))
            _note_failure(key, type(error).__name__)
    return {"rosters": done}


def _waiting() -> list[UUID]:
    query = sa.select(Roster.id).where(
        Roster.state == RosterState.ASKED, sa.not_(Roster.progress.has_key("failure"))
    )
    found = list(db.session.scalars(query.order_by(Roster.asked_at)))
    db.session.rollback()
    return found


def solve_roster(key: UUID, *, now: datetime) -> bool:
    """Draft one roster; False if it is not to be solved (any more).

    Race stopped: two processes solving one roster; the first that finds the locked row in its state
    writes. What changes meanwhile is found by the fingerprint when somebody signs.

    Raises:
        SolveError: the engine found nothing within its limit, nor that there is nothing.
    """
    found = db.session.get_one(Roster, key)
    if found.state is not RosterState.ASKED:
        return False
    problem = gather(found, now=now)
    db.session.rollback()
    failure = NOTHING if not problem.needs else NOBODY if not problem.people else None
    if failure:
        _note_failure(key, failure)
        return False
    solved = solve(problem)
    with transaction() as session:
        locked: Roster = lock_row(Roster, key)
        if locked.state is not RosterState.ASKED:
            return False
        session.execute(sa.delete(RosterPlace).where(RosterPlace.roster_duty_id.in_(_duties(key))))
        session.execute(sa.delete(RosterDuty).where(RosterDuty.roster_id == key))
        _write(locked, problem, solved)
        locked.fingerprint = problem.fingerprint()
        locked.conflict = conflicts.kept(solved.answer.conflict)
        locked.answer = _told(problem, solved)
        wanted = RosterState.CONFLICT if locked.conflict else RosterState.DRAFT
        locked.state = move(locked.state, wanted, ROSTER_MOVES)
        audit.record("roster.solved", locked, now=now, account_id=None, state=locked.state)
    return True


def solve(problem: Problem) -> Solved:
    """First by filling only the gaps of the roster before, where there was one; else anew."""
    if problem.prior:
        stays = rules.kept(problem)
        left = rules.gaps(problem, stays)
        filled = _filled(problem, left, stays) if left is not None else None
        if filled is not None:
            return filled
    answer = _ask(problem)
    places = {int(name): frozenset(keys) for name, keys in answer.duties.items()}
    return Solved(places, answer)


def _filled(problem: Problem, left: Problem, stays: Mapping[int, frozenset[str]]) -> Solved | None:
    """The gaps filled, everybody else as before; None where that cannot be."""
    numbers = [n for n, x in enumerate(problem.needs, 1) if len(stays.get(n, ())) < x.count]
    answer = _ask(left) if left.needs else Answer({}, 0, proven=True)
    if answer.conflict:
        return None
    places = dict(stays)
    for name, keys in answer.duties.items():
        number = numbers[int(name) - 1]
        places[number] = places.get(number, frozenset()) | frozenset(keys)
    return Solved(places, answer, untouched=True)


def _ask(problem: Problem) -> Answer:
    demands = problem.demands
    return make_roster(
        [
            Worker(
                worker=x.key,
                roles=x.roles,
                classes=x.tokens,
                avoids=x.avoids,
                away=x.away,
                most_minutes=x.most_minutes,
                most_days=x.most_days,
            )
            for x in problem.people
        ],
        [
            Duty(str(n), x.site, x.role, x.count, x.start, x.end, x.token)
            for n, x in enumerate(problem.needs, 1)
        ],
        Rules(
            rest_minutes=demands.rest_hours * 60,
            most_days_at_site=demands.most_days_at_site,
            spread_load=True,
        ),
        work_limit=WORK,
    )


def _duties(key: UUID) -> sa.Select[UUID]:
    return sa.select(RosterDuty.id).where(RosterDuty.roster_id == key)


def _write(found: Roster, problem: Problem, solved: Solved) -> None:
    sites = {x.code: x.id for x in sites_of(found).values()}
    rooms = {
        (x.site_id, x.code): x.id
        for x in db.session.scalars(sa.select(Room).where(Room.site_id.in_(sites.values())))
    }
    duties, places = [], []
    for number, need in enumerate(problem.needs, 1):
        made = new_id()
        site_id = sites[need.site]
        duties.append(
            {
                "id": made,
                "roster_id": found.id,
                "position": number,
                "site_id": site_id,
                "room_id": rooms.get((site_id, need.room)),
                "role": need.role,
                "subject": need.subject or None,
                "kind": need.kind,
                "date": need.day,
                "starts_at": need.start,
                "ends_at": need.end,
                "count": need.count,
            }
        )
        places += [
            {"id": new_id(), "roster_duty_id": made, "account_id": UUID(hex=key)}
            for key in sorted(solved.places.get(number, ()))
        ]
    db.session.execute(sa.insert(RosterDuty), duties)
    if places:
        db.session.execute(sa.insert(RosterPlace), places)


def _told(problem: Problem, solved: Solved) -> dict[str, Any]:
    answer = solved.answer
    before = {(n, key) for n, keys in problem.prior.items() for key in keys}
    after = {(n, key) for n, keys in solved.places.items() for key in keys}
    return {
        "proven": answer.proven,
        "smallest": answer.smallest,
        "steps_open": max(0, answer.cost - answer.bound) // 10,
        "weekend_spread": answer.unfairness,
        "load_spread": answer.load_spread,
        "people": len(problem.people),
        "untouched": solved.untouched,
        "changed": len(after - before) if problem.prior else None,
    }


def _note_failure(key: UUID, failure: str) -> None:
    """Leave the roster where it stands until a person asks to try again, or drops it."""
    db.session.rollback()
    with transaction() as session:
        change = sa.update(Roster).where(Roster.id == key)
        session.execute(change.values(progress={"failure": failure}))
