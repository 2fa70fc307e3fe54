"""Publishing: two names, then decisions, bookings and references in one transaction."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from exam.audit import services as audit
from exam.booking.events import RoundPublished
from exam.booking.models import (
    ROUND_MOVES,
    Application,
    ApplicationState,
    Booking,
    BookingState,
    Decision,
    Pool,
    PriorityCredit,
    Round,
    RoundState,
    Seat,
    Session,
)
from exam.booking.round_files import PLAN_FILES, digests, folder_of, read_table
from exam.booking.services import offering
from exam.booking.services.rounds import own_round
from exam.db import db, new_id, transaction
from exam.errors import Conflict, NotAllowed, WrongState
from exam.people.models import Person
from exam.people.roles import Act, Actor
from exam.registration.models import Case
from exam.states import move
from exam.system import outbox

REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
REFERENCE_GROUPS, REFERENCE_GROUP = 3, 4
NOT_ELIGIBLE = "not_eligible"


def sign_round(actor: Actor, round_id: UUID, *, now: datetime) -> Round:
    """The planner signs a checked round; the duty leader's signature then publishes it.

    Raises:
        NotAllowed: the role may not sign first.
        WrongState: not checked, or signed already.
    """
    with transaction():
        found = own_round(actor, round_id)
        if not actor.may_sign(Act.PUBLISH_ROUND, second=False):
            raise NotAllowed
        if found.state is not RoundState.CHECKED or found.published_by is not None:
            raise WrongState
        found.published_by, found.signed_at = actor.account_id, now
        audit.record(
            "round.signed",
            found,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            round_sha256=found.round_sha256,
        )
    return found


def publish_round(actor: Actor, round_id: UUID, *, now: datetime, data_folder: Path) -> Round:
    """The duty leader's signature: everybody gets the seat or the reason, at once or not at all.

    Races stopped: two publishers at once (the round's row is locked, the second finds it
    published), and a booking taking a seat meanwhile (the sessions' rows are locked in the order
    of ids; a unique index on live seats stands behind it).

    Raises:
        NotAllowed: the role may not sign second, or it is the person who signed first.
        WrongState: not checked, not signed first, or published already.
        Conflict: the plan's files are not those that were checked, or a seat is gone.
    """
    with transaction():
        found = own_round(actor, round_id)
        if found.state is not RoundState.CHECKED or found.published_by is None:
            raise WrongState
        first = found.published_by
        if not actor.may_sign(Act.PUBLISH_ROUND, second=True, first_account_id=first):
            raise NotAllowed
        folder = folder_of(data_folder, found.code) / "plan"
        if digests(folder, PLAN_FILES) != found.summary["files"]:
            raise Conflict(_("The files of this plan are not those that were checked."))
        served = _write(found, folder, now)
        found.approved_by, found.published_at = actor.account_id, now
        found.state = move(found.state, RoundState.PUBLISHED, ROUND_MOVES)
        outbox.publish(RoundPublished(round_id=found.id, code=found.code), now=now)
        audit.record(
            "round.published",
            found,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            signed_first=str(first),
            served=served,
        )
    return found


def _write(found: Round, folder: Path, now: datetime) -> int:
    wishes = _wishes(found)
    names = {x.public_name: x for x in wishes if x.public_name is not None}
    pools = _locked_pools(found)
    seated = read_table(folder / "assignments.csv")
    refused = read_table(folder / "refused.csv")
    turned_away = [x for x in wishes if x.rank is None]
    if len(seated) + len(refused) + len(turned_away) != len(wishes):
        raise Conflict(_("The plan does not decide every application of the round."))
    _write_decisions(seated, refused, turned_away, names=names, pools=pools)
    _write_bookings(seated, names=names, pools=pools, now=now)
    _settle([names[x["application"]] for x in seated], ApplicationState.SERVED, now)
    unserved = [names[x["application"]] for x in refused] + turned_away
    _settle(unserved, ApplicationState.REFUSED, now)
    return_credits([x.id for x in unserved], now)
    return len(seated)


def _wishes(found: Round) -> Sequence[Application]:
    return db.session.scalars(
        sa.select(Application)
        .where(Application.round_id == found.id, Application.state == ApplicationState.ACTIVE)
        .options(
            selectinload(Application.case)
            .load_only(Case.person_id)
            # Her number alone: whatever else stands there is sealed, and dear to open.
            .selectinload(Case.person)
            .load_only(Person.number)
        )
    ).all()


def _locked_pools(found: Round) -> dict[str, Pool]:
    """The pools of the round by code; their sessions' rows are locked in the order of ids."""
    locked = (
        sa.select(Session.id)
        .where(
            Session.plan_id == found.plan_id,
            Session.date.between(found.first_day, found.last_day),
        )
        .order_by(Session.id)
        .with_for_update()
    )
    keys = db.session.scalars(locked).all()
    pools = db.session.scalars(
        sa.select(Pool).where(Pool.session_id.in_(keys)).options(selectinload(Pool.session))
    )
    return {pool.code: pool for pool in pools}


@dataclass(frozen=True)
class _Row:
    """One decision before it is written."""

    application: Application
    pool: Pool | None = None
    choice: int | None = None
    vehicle: int | None = None
    turn: int | None = None
    reason: str | None = None
    cut: int | None = None


def _write_decisions(
    seated: Iterable[Mapping[str, str]],
    refused: Iterable[Mapping[str, str]],
    turned_away: Iterable[Application],
    *,
    names: Mapping[str, Application],
    pools: Mapping[str, Pool],
) -> None:
    rows = [
        _Row(
            names[x["application"]],
            pool=pools[x["pool"]],
            choice=int(x["order"]),
            vehicle=int(x["vehicle"]),
            turn=int(x["turn"]),
        )
        for x in seated
    ]
    rows += [
        _Row(names[x["application"]], reason=x["reason"], cut=int(x["cut"]) if x["cut"] else None)
        for x in refused
    ]
    rows += [_Row(x, reason=NOT_ELIGIBLE) for x in turned_away]
    if rows:
        db.session.execute(sa.insert(Decision), [_decision_row(x) for x in rows])


def _decision_row(row: _Row) -> dict[str, Any]:
    return {
        "application_id": row.application.id,
        "pool_id": row.pool.id if row.pool else None,
        "choice": row.choice,
        "vehicle": row.vehicle,
        "turn": row.turn,
        "reason": row.reason,
        "cut": row.cut,
    }


def _write_bookings(
    seated: Sequence[Mapping[str, str]],
    *,
    names: Mapping[str, Application],
    pools: Mapping[str, Pool],
    now: datetime,
) -> None:
    if not seated:
        return
    _refuse_oversold(seated, pools)
    free = free_seats({pools[x["pool"]].id for x in seated})
    rows = []
    for line in sorted(seated, key=_by_turn):
        pool, wish = pools[line["pool"]], names[line["application"]]
        if not free[pool.id]:
            raise Conflict(_("A seat of this plan has been taken meanwhile. Solve again."))
        rows.append(_booking_row(wish, pool, free[pool.id].pop(), now))
    db.session.execute(sa.insert(Booking), rows)


def _refuse_oversold(seated: Sequence[Mapping[str, str]], pools: Mapping[str, Pool]) -> None:
    """A session's own cap has no rows of seats; its locked row and this count stand for it."""
    sessions = {pool.session_id: pool.session for pool in pools.values()}
    held = db.session.execute(
        sa.select(Booking.session_id, sa.func.count())
        .where(Booking.session_id.in_(sessions), Booking.state.in_(offering.TAKEN))
        .group_by(Booking.session_id)
    )
    wanted = Counter(dict(held.all()))
    wanted.update(pools[x["pool"]].session_id for x in seated)
    if any(count > sessions[key].seats for key, count in wanted.items()):
        raise Conflict(_("A seat of this plan has been taken meanwhile. Solve again."))


def _by_turn(line: Mapping[str, str]) -> tuple[str, int, int]:
    """Lower seats to earlier turns; nobody is shown either."""
    return line["pool"], int(line["turn"]), int(line["vehicle"])


def _booking_row(wish: Application, pool: Pool, seat_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "reference": new_reference(),
        "office_id": pool.session.office_id,
        "case_id": wish.case_id,
        "person_number": wish.case.person.number,
        "subject": wish.subject,
        "session_id": pool.session_id,
        "pool_id": pool.id,
        "seat_id": seat_id,
        "application_id": wish.id,
        "starts_at": pool.session.starts_at,
        "ends_at": pool.session.ends_at,
        "state": BookingState.BOOKED,
        "created_at": now,
    }


def free_seats(pool_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Seats without a live booking, the lowest number last."""
    live = sa.select(Booking.seat_id).where(Booking.state.in_(offering.TAKEN))
    rows = db.session.execute(
        sa.select(Seat.pool_id, Seat.id)
        .where(Seat.pool_id.in_(pool_ids), Seat.id.not_in(live))
        .order_by(Seat.number.desc())
    )
    free: dict[UUID, list[UUID]] = defaultdict(list)
    for pool_id, seat_id in rows:
        free[pool_id].append(seat_id)
    return free


def new_reference() -> str:
    """A booking's reference: short enough to read out, too many to guess."""
    return "-".join(
        "".join(secrets.choice(REFERENCE_ALPHABET) for _letter in range(REFERENCE_GROUP))
        for _group in range(REFERENCE_GROUPS)
    )


def _settle(wishes: Sequence[Application], state: ApplicationState, now: datetime) -> None:
    db.session.execute(
        sa.update(Application)
        .where(Application.id.in_([x.id for x in wishes]))
        .values(state=state, changed_at=now)
        # By what the database says it changed: searching each loaded one in the list is quadratic.
        .execution_options(synchronize_session="fetch")
    )


def return_credits(application_ids: Collection[UUID], now: datetime) -> None:
    """A priority use that did not serve is hers again; in the caller's transaction."""
    db.session.execute(
        sa.update(PriorityCredit)
        .where(
            PriorityCredit.application_id.in_(application_ids),
            PriorityCredit.returned_at.is_(None),
        )
        .values(returned_at=now)
    )
