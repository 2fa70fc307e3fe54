"""Erasing what is past its term, each rule by a parameter of the pack, each run with a receipt.

Evidence under a hold is never erased; video past its term always is. A run may be broken off and
begun again: what is gone is gone, and the next run counts the rest.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from exam.audit import services as audit
from exam.booking.models import Booking
from exam.db import db, new_id, transaction
from exam.notify.models import Notice, SimulatedText
from exam.people.access_models import KeptForm, OneTimeCode, Visit
from exam.people.models import Activation, Person, SupportNeed
from exam.policy.pack import Pack
from exam.policy.spans import months_later
from exam.privacy.holds import held_persons
from exam.privacy.models import Erasure
from exam.registration import intake
from exam.registration.models import LIVE_CASE, Case, SubjectResult, Upload, UploadRow
from exam.system.models import IdempotencyKey, OutboxEvent
from exam.vision.models import QuestionState, VisionQuestion

BATCH = 500


@dataclass(frozen=True)
class Counts:
    """What a rule did: erased, kept because of a hold, left to a camera worker."""

    erased: int = 0
    held: int = 0
    ordered: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.erased + other.erased, self.held + other.held, self.ordered + other.ordered
        )


@dataclass(frozen=True)
class Run:
    """One run of one rule: what is older than ``limit`` goes, ``now`` is when."""

    limit: datetime
    now: datetime
    folder: Path


Work = Callable[[Run], Counts]


def limit_of(rule: str, pack: Pack, now: datetime) -> datetime:
    """What is older than this is past the term of a rule, which counts in days or years."""
    count = pack.integer(rule)
    if rule.endswith("_years"):
        day = months_later(now.date(), -12 * count)
        return now.replace(year=day.year, month=day.month, day=day.day)
    return now - timedelta(days=count)


def receipt(rule: str, counts: Counts, *, now: datetime) -> None:
    """Write a receipt where anything was done or kept back, in a transaction of its own."""
    if counts == Counts():
        return
    with transaction() as session:
        made = Erasure(
            id=new_id(),
            rule=rule,
            at=now,
            erased=counts.erased,
            held=counts.held,
            ordered=counts.ordered,
        )
        session.add(made)
        session.flush()
        facts: dict[str, Any] = {"rule": rule, "erased": counts.erased, "held": counts.held}
        audit.record("data.erased", made, now=now, account_id=None, **facts)


def needs(run: Run) -> Counts:
    """Support needs whose date has passed, and those of persons without a live case."""
    live = sa.select(Case.person_id).where(sa.text(LIVE_CASE))
    rows = db.session.execute(sa.select(SupportNeed, SupportNeed.person_id.in_(live))).all()
    ended = [
        need
        for need, alive in rows
        if (need.until is not None and need.until < run.limit.date())
        or (not alive and need.declared_at < run.limit)
    ]
    held = set(db.session.scalars(held_persons()))
    going = [x.id for x in ended if x.person_id not in held]
    with transaction() as session:
        session.execute(sa.delete(SupportNeed).where(SupportNeed.id.in_(going)))
    return Counts(len(going), len(ended) - len(going))


def contacts(run: Run) -> Counts:
    """Phone, address and photo of persons all of whose cases ended and rested for the term."""
    total = Counts(held=_count(sa.and_(_rested(run.limit), Person.id.in_(held_persons()))))
    free = sa.and_(_rested(run.limit), Person.id.not_in(held_persons()))
    while people := _take(free):
        _forget(people, run)
        total += Counts(len(people))
    return total


def _take(condition: sa.ColumnElement[bool]) -> list[Person]:
    return list(db.session.scalars(sa.select(Person).where(condition).limit(BATCH)))


def _forget(people: Collection[Person], run: Run) -> None:
    """The rows first: a broken-off run leaves a file without a name, never a name without one."""
    photos = [x.photo for x in people if x.photo]
    with transaction():
        for person in people:
            person.phone, person.address, person.photo = "", "", None
            person.forgotten_at = run.now
    for photo in photos:
        (run.folder / photo).unlink(missing_ok=True)


def _rested(limit: datetime) -> sa.ColumnElement[bool]:
    """Persons with something left to forget, and with nothing that happened since the limit."""
    own = Case.person_id == Person.id
    since = sa.or_(
        sa.text(LIVE_CASE),
        Case.created_at >= limit,
        Case.accepted_at >= limit,
        sa.exists().where(SubjectResult.case_id == Case.id, SubjectResult.recorded_at >= limit),
        sa.exists().where(
            Booking.case_id == Case.id,
            sa.func.coalesce(Booking.ended_at, Booking.ends_at) >= limit,
        ),
    )
    return sa.and_(
        Person.forgotten_at.is_(None),
        Person.created_at < limit,
        ~sa.exists().where(own, since),
    )


def _count(condition: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(Person).where(condition)
    return db.session.scalar(query) or 0


def identity_pictures(run: Run) -> Counts:
    """Pictures of the desk and what the machine said of them."""
    old = sa.select(VisionQuestion).where(
        VisionQuestion.asked_at < run.limit,
        VisionQuestion.state == QuestionState.ANSWERED,
        VisionQuestion.probe.startswith("identity/"),
    )
    rows = list(db.session.scalars(old))
    with transaction():
        for row in rows:
            row.probe, row.answer = "erased", {"state": "unreadable", "facts": {}}
            row.reference = "erased" if row.reference else None
    names = {
        x.name for x in (run.folder / "identity").glob("*") if x.name < run.limit.date().isoformat()
    }
    done = 0
    for name in sorted(names):
        done += _empty(run.folder / "identity" / name)
    return Counts(done)


def _empty(folder: Path) -> int:
    files = [x for x in folder.iterdir() if x.is_file()]
    for file in files:
        file.unlink(missing_ok=True)
    folder.rmdir()
    return len(files)


def upload_cells(run: Run) -> Counts:
    """The cells of old uploads, and orders of those that failed; what became of each row stays."""
    old = sa.select(Upload.id).where(Upload.received_at < run.limit)
    empty = sa.literal({}, JSONB)
    change = sa.update(UploadRow).where(UploadRow.upload_id.in_(old), UploadRow.given != empty)
    cells = _changed(change.values(given=empty).returning(UploadRow.id))
    return cells + Counts(intake.forget_failed(run.limit))


def notices(run: Run) -> Counts:
    """Notices that were read long ago."""
    return _changed(sa.delete(Notice).where(Notice.read_at < run.limit).returning(Notice.id))


def technical(run: Run) -> Counts:
    """Delivered events, ended codes and visits, answers kept against doubling."""
    total = Counts()
    for change in (
        sa.delete(OutboxEvent).where(OutboxEvent.handled_at < run.limit).returning(OutboxEvent.id),
        sa.delete(Activation).where(Activation.expires_at < run.limit).returning(Activation.id),
        sa.delete(OneTimeCode).where(OneTimeCode.expires_at < run.limit).returning(OneTimeCode.id),
        sa.delete(KeptForm).where(KeptForm.kept_at < run.limit).returning(KeptForm.id),
        sa.delete(Visit).where(Visit.ended_at < run.limit).returning(Visit.id),
        sa.delete(SimulatedText)
        .where(SimulatedText.sent_at < run.limit)
        .returning(SimulatedText.id),
        sa.delete(IdempotencyKey)
        .where(IdempotencyKey.created_at < run.limit)
        .returning(IdempotencyKey.key),
    ):
        total += _changed(change)
    return total


def _changed(change: Any) -> Counts:
    with transaction() as session:
        return Counts(len(session.execute(change).all()))


WORK: dict[str, Work] = {
    "retention.need_days": needs,
    "retention.person_years": contacts,
    "retention.identity_days": identity_pictures,
    "retention.upload_days": upload_cells,
    "retention.notice_years": notices,
    "retention.technical_days": technical,
}
"""Term to what is done when it is over; the video's is in `video.py`."""


def latest_receipts(*, limit: int = 100) -> list[Erasure]:
    """Receipts, the newest first."""
    return list(db.session.scalars(sa.select(Erasure).order_by(Erasure.at.desc()).limit(limit)))


def totals() -> dict[str, tuple[int, int]]:
    """By rule: erased so far, and held back by the last run."""
    rows = db.session.execute(
        sa.select(Erasure.rule, sa.func.sum(Erasure.erased)).group_by(Erasure.rule)
    )
    held = {x.rule: x.held for x in reversed(latest_receipts())}
    return {rule: (int(erased), held.get(rule, 0)) for rule, erased in rows}
