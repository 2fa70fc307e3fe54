"""The freeze: applications become ranks, and the round becomes files with a hash.

What is solved is the very file that the public reads (`scheduler.public`): nothing is transformed
after the solver, so that anybody can check and even repeat it. Tier, key and lot stay in the
database with the rules they stand on; a commitment in the file binds them, and each candidate can
open her own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from exam.audit import services as audit
from exam.booking import rules
from exam.booking.engine import Frozen, freeze_round
from exam.booking.models import (
    ROUND_MOVES,
    Application,
    ApplicationState,
    PriorityCredit,
    Round,
    RoundState,
)
from exam.booking.round_files import folder_of
from exam.booking.round_tables import FrozenApplication, tables_of
from exam.booking.rules import Days
from exam.booking.services import offering, standings
from exam.booking.services.standings import Asking
from exam.clock import civil_date
from exam.db import db, lock_row, new_id, transaction
from exam.policy.eligibility import Refusal, assess
from exam.policy.pack import Pack
from exam.policy.ranking import Standing
from exam.policy.subjects import Subject
from exam.states import move


def freeze(round_id: UUID, *, now: datetime, pack: Pack, data_folder: Path) -> bool:
    """Freeze a closed round; False if somebody else has done it.

    The files are written before the commit and replaced by the next try, so that a crash at any
    point leaves a closed round that can be frozen again.

    Race stopped: two processes freezing one round; the row is locked, the second finds it moved.
    """
    with transaction():
        found: Round | None = lock_row(Round, round_id)
        if found is None or found.state is not RoundState.CLOSED:
            return False
        _freeze(found, now=now, pack=pack, folder=folder_of(data_folder, found.code))
    return True


def _freeze(found: Round, *, now: datetime, pack: Pack, folder: Path) -> None:
    sessions = offering.sessions_of(found)
    today = civil_date(now, sessions[0].site.time_zone)
    wishes = _wishes(found)
    admitted, refused = _admit(wishes, pack=pack, today=today)
    frozen = _ranked(found, admitted, pack)
    tables = tables_of(sessions, offering.taken_by_pool(sessions), frozen)
    written = freeze_round(tables, folder / "round")
    _store(frozen, refused, written=written, pack=pack, now=now)
    found.round_sha256 = written.sha256
    found.frozen_at = now
    found.state = move(found.state, RoundState.FROZEN, ROUND_MOVES)
    audit.record(
        "round.frozen",
        found,
        now=now,
        account_id=None,
        round_sha256=found.round_sha256,
        applications=len(frozen),
        not_eligible=len(refused),
        pack=pack.edition,
    )


def _wishes(found: Round) -> Sequence[Application]:
    query = (
        sa.select(Application)
        .where(Application.round_id == found.id, Application.state == ApplicationState.ACTIVE)
        .options(selectinload(Application.choices), selectinload(Application.case))
        .order_by(Application.id)
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


@dataclass(frozen=True)
class _Admitted:
    """An application that may be decided, with the days that the law leaves it."""

    application: Application
    days: Days
    needs: frozenset[str]


def _admit(
    wishes: Sequence[Application], *, pack: Pack, today: date
) -> tuple[list[_Admitted], dict[UUID, list[Refusal]]]:
    """Ask the rules once more: days have passed, and results may have come in."""
    keys = [x.id for x in wishes]
    facts = standings.facts_of([x.case_id for x in wishes], ignoring=keys)
    persons = {x.case.person_id for x in wishes}
    booked = standings.taken_days(persons, ignoring=keys)
    needs = {
        subject: standings.needs_of_persons(persons, subject, pack, on=today) for subject in Subject
    }
    admitted, refused = [], {}
    for wish in wishes:
        state = assess(wish.subject, facts[wish.case_id], pack, today=today)
        days = (
            max(wish.earliest, state.earliest or wish.earliest),
            min(wish.latest, state.latest or wish.latest),
        )
        problems = list(state.refusals)
        if not problems and days[0] > days[1]:
            problems = [Refusal("wish.no_days")]
        taken = booked.get(wish.case.person_id, [])
        if not problems and any(days[0] <= b and a <= days[1] for _key, (a, b) in taken):
            problems = [Refusal("wish.days_taken")]
        if problems:
            refused[wish.id] = problems
        else:
            own = needs[wish.subject].get(wish.case.person_id, frozenset())
            admitted.append(_Admitted(wish, days, own))
    return admitted, refused


def _ranked(found: Round, admitted: Sequence[_Admitted], pack: Pack) -> list[FrozenApplication]:
    """Tier, key and lot of each, and the rank from 1 inside each subject."""
    ranked = []
    for subject in Subject:
        inside = [x for x in admitted if x.application.subject is subject]
        asking = [
            Asking(x.application.case_id, x.application.case.person_id, x.application.use_credit)
            for x in inside
        ]
        known = standings.standings(asking, subject, pack=pack, last_exam_day=found.last_day)
        drawn = [_frozen(x, known[x.application.case_id], str(found.lot_seed)) for x in inside]
        drawn.sort(key=lambda x: (x.standing.tier, x.key, x.lot))
        for rank, one in enumerate(drawn, start=1):
            one.rank = rank
        ranked += drawn
    return ranked


def _frozen(one: _Admitted, standing: Standing, seed: str) -> FrozenApplication:
    return FrozenApplication(
        application=one.application,
        days=one.days,
        needs=one.needs,
        standing=standing,
        key=int(standing.key.timestamp()),
        lot=rules.lot(seed, str(one.application.id)),
    )


def _store(
    frozen: Sequence[FrozenApplication],
    refused: dict[UUID, list[Refusal]],
    *,
    written: Frozen,
    pack: Pack,
    now: datetime,
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": x.application.id,
            "tier": x.standing.tier,
            "ranking_key": x.standing.key,
            "lot": x.lot,
            "rank": x.rank,
            "needs": sorted(x.needs),
            "public_name": written.names[str(x.application.id)],
            "opening": written.openings[str(x.application.id)],
            "rule": {
                "tier": x.standing.tier_rule,
                "key": x.standing.key_rule,
                "pack": pack.edition,
                "earliest": x.days[0].isoformat(),
                "latest": x.days[1].isoformat(),
            },
        }
        for x in frozen
    ]
    turned_away: list[dict[str, Any]] = [
        {
            "id": key,
            "rule": {
                "refusals": [{"rule": r.rule, "facts": dict(r.facts)} for r in refusals],
                "pack": pack.edition,
            },
        }
        for key, refusals in refused.items()
    ]
    for batch in (rows, turned_away):
        if batch:
            db.session.execute(sa.update(Application), batch)
    _use_credits([x for x in frozen if x.standing.tier_rule == "tier.priority_credit"], now)


def _use_credits(frozen: Sequence[FrozenApplication], now: datetime) -> None:
    """The one priority use is spent here, and given back when the round does not serve."""
    if not frozen:
        return
    db.session.execute(
        sa.insert(PriorityCredit),
        [
            {
                "id": new_id(),
                "case_id": x.application.case_id,
                "subject": x.application.subject,
                "application_id": x.application.id,
                "used_at": now,
            }
            for x in frozen
        ],
    )
