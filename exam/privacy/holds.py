"""Setting and lifting legal holds: a reviewer and a supervisor, and never one alone."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _

from exam.audit import services as audit
from exam.booking.models import Booking
from exam.db import advisory_lock, db, lock_row, new_id, transaction
from exam.errors import InvalidInput, NotFound, WrongState
from exam.examday.models import Sitting
from exam.live.models import Camera, CameraEvent, Evidence, ReviewItem
from exam.people.models import Person, Site
from exam.people.roles import Actor
from exam.privacy.models import LegalHold
from exam.privacy.wording import SAY_WHY
from exam.registration.models import Case
from proctor.erasure import HOLD

REASON_MAX = 400
ASKED, SET, LIFT_ASKED, LIFTED = "hold.asked", "hold.set", "hold.lift_asked", "hold.lifted"


def ask(
    actor: Actor, *, item: int | None, document: str | None, reason: str, now: datetime
) -> LegalHold:
    """A reviewer asks for a hold on the clips of a review item, or on a person's data.

    It holds at once: until a supervisor has decided nothing may be lost.

    Raises:
        InvalidInput: no reason, or nothing of this office is meant.
        NotAllowed: not a reviewer.
        Conflict: a hold on it stands.
    """
    LegalHold.SETTING.may_ask(actor)
    reason = reason.strip()
    if not reason or len(reason) > REASON_MAX:
        raise InvalidInput(SAY_WHY, field="reason")
    if bool(item) == bool(document):
        message = _("Give the number of a review item, or a document number: one of both.")
        raise InvalidInput(message, field="item")
    with transaction() as session:
        hold = LegalHold(
            id=new_id(),
            office_id=actor.office_id,
            item_id=_item(actor, item) if item else None,
            person_id=_person(actor, document) if document else None,
            reason=reason,
        )
        LegalHold.SETTING.ask(hold, actor, now=now)
        session.add(hold)
        session.flush()
        _record(ASKED, hold, actor, now)
        write_file()
    return hold


def agree(actor: Actor, hold_id: UUID, *, now: datetime) -> LegalHold:
    """A supervisor sets what was asked for.

    Race stopped: two supervisors deciding at once; the row is locked.
    """
    with transaction():
        hold = _locked(actor, hold_id)
        if hold.lifted_at is not None:
            raise WrongState
        LegalHold.SETTING.decide(hold, actor, now=now)
        _record(SET, hold, actor, now)
    return hold


def ask_lift(actor: Actor, hold_id: UUID, *, now: datetime) -> LegalHold:
    """A reviewer asks to lift a hold; it holds until a supervisor agrees."""
    with transaction():
        hold = _locked(actor, hold_id)
        LegalHold.LIFTING.ask(hold, actor, now=now)
        _record(LIFT_ASKED, hold, actor, now)
    return hold


def lift(actor: Actor, hold_id: UUID, *, now: datetime) -> LegalHold:
    """A supervisor lifts a hold that a reviewer asked to lift; what is past its term may go."""
    with transaction():
        hold = _locked(actor, hold_id)
        LegalHold.LIFTING.decide(hold, actor, now=now)
        _record(LIFTED, hold, actor, now)
        db.session.flush()
        write_file()
    return hold


def live_holds(actor: Actor, *, limit: int = 200) -> list[LegalHold]:
    """Holds of the office that stand, the newest first."""
    query = sa.select(LegalHold).where(
        LegalHold.office_id == actor.office_id, LegalHold.lifted_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(LegalHold.asked_at.desc()).limit(limit)))


def held_evidence() -> sa.Select[UUID]:
    """Ids of evidence that a hold keeps, as a query: of an item, or of a person's sittings."""
    items = sa.select(LegalHold.item_id).where(
        LegalHold.item_id.is_not(None), LegalHold.lifted_at.is_(None)
    )
    of_persons = (
        sa.select(ReviewItem.id)
        .join(Sitting, Sitting.id == ReviewItem.sitting_id)
        .join(Booking, Booking.id == Sitting.booking_id)
        .join(Case, Case.id == Booking.case_id)
        .where(Case.person_id.in_(held_persons()))
    )
    return (
        sa.select(Evidence.id)
        .join(CameraEvent, CameraEvent.id == Evidence.camera_event_id)
        .where(sa.or_(CameraEvent.item_id.in_(items), CameraEvent.item_id.in_(of_persons)))
    )


def held_persons() -> sa.Select[UUID | None]:
    """Ids of persons whose data a hold keeps, as a query."""
    return sa.select(LegalHold.person_id).where(
        LegalHold.person_id.is_not(None), LegalHold.lifted_at.is_(None)
    )


def write_file() -> None:
    """Tell the engine, in the file beside the streams that it reads before it erases anything.

    Race stopped: two holds writing one file; writers queue until the end of their transactions.
    """
    advisory_lock("hold", "file")
    rows = db.session.execute(
        sa.select(Evidence.stream, Evidence.path).where(Evidence.id.in_(held_evidence()))
    )
    streams: Path = current_app.config["KAOCHANG"].data_folder / "streams"
    _replace(streams / HOLD, (f"{stream}/{path}" for stream, path in rows))


def _replace(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text("".join(f"{x}\n" for x in sorted(lines)), encoding="utf-8")
    draft.replace(path)


def _locked(actor: Actor, hold_id: UUID) -> LegalHold:
    hold: LegalHold | None = lock_row(LegalHold, hold_id)
    if hold is None or not actor.covers(office_id=hold.office_id):
        raise NotFound
    return hold


def _item(actor: Actor, number: int) -> UUID:
    query = (
        sa.select(ReviewItem.id)
        .join(Camera, Camera.id == ReviewItem.camera_id)
        .join(Site, Site.id == Camera.site_id)
        .where(ReviewItem.number == number, Site.office_id == actor.office_id)
    )
    found = db.session.scalar(query)
    if found is None:
        raise InvalidInput(_("This office has no review item with this number."), field="item")
    return found


def _person(actor: Actor, document: str) -> UUID:
    query = sa.select(Person.id).where(
        Person.document_number.matches(document), Person.office_id == actor.office_id
    )
    found = db.session.scalar(query)
    if found is None:
        raise InvalidInput(_("This office has nobody with this number."), field="document")
    return found


def _record(act: str, hold: LegalHold, actor: Actor, now: datetime) -> None:
    audit.record(
        act,
        hold,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        for_person_id=hold.person_id,
        reason=hold.reason,
    )
