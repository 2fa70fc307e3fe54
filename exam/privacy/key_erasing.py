"""Asking for an evidence key to be erased, and deciding it: a reviewer and a supervisor.

An administrator, who holds the machine, is neither: who could erase by hand does not sign for it.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from exam.audit import services as audit
from exam.db import db, lock_row, new_id, transaction
from exam.errors import InvalidInput, NotFound, RuleRefused
from exam.examday.models import ExamDay, Sitting
from exam.live.evidence_keys import keys_of
from exam.live.models import Camera, CameraEvent, Evidence, ReviewItem
from exam.live.states import ItemState
from exam.people.models import Site
from exam.people.roles import Actor
from exam.policy.pack import Pack
from exam.privacy.holds import held_evidence
from exam.privacy.key_models import KeyErasure
from exam.privacy.key_rules import Ground, Kept, Standing, in_the_way
from exam.privacy.retention import limit_of
from exam.privacy.video import RULE
from exam.privacy.wording import KEPT, SAY_WHY

EARLY = "evidence.early_without_exam"
ASKED, GRANTED, REFUSED = "key.erasure_asked", "key.erasure_granted", "key.erasure_refused"
REASON_MAX = 400
OPENED_BEFORE = timedelta(minutes=10)
"""An event begins before it is told, and its clip carries the key of the moment it was told."""


def ask(
    actor: Actor,
    camera_id: UUID,
    day: date,
    ground: Ground,
    *,
    reason: str,
    now: datetime,
    pack: Pack,
    data_folder: Path,
) -> KeyErasure:
    """Ask for the key of a camera and day to be erased for good.

    Raises:
        NotAllowed: not a reviewer.
        InvalidInput: no reason, no such camera here, or something keeps the key; names the field.
        Conflict: it was asked for already.
    """
    KeyErasure.NAMES.may_ask(actor)
    reason = reason.strip()
    if not reason or len(reason) > REASON_MAX:
        raise InvalidInput(SAY_WHY, field="reason")
    camera = next((x for x in cameras(actor) if x.id == camera_id), None)
    if camera is None:
        raise InvalidInput(KEPT[Kept.NO_KEY], field="camera")
    why = in_the_way(ground, standing(camera, day, now=now, pack=pack, data_folder=data_folder))
    if why is not None:
        raise InvalidInput(KEPT[why], field="day", kept=why)
    with transaction() as session:
        asked = KeyErasure(
            id=new_id(),
            office_id=actor.office_id,
            camera_id=camera.id,
            day=day,
            ground=ground,
            reason=reason,
        )
        KeyErasure.NAMES.ask(asked, actor, now=now)
        session.add(asked)
        session.flush()
        _note(ASKED, asked, actor, now)
    return asked


def decide(
    actor: Actor, key: UUID, *, granted: bool, now: datetime, pack: Pack, data_folder: Path
) -> KeyErasure:
    """Give or refuse the second name; what was agreed is erased by the jobs process.

    Race stopped: two supervisors deciding at once; the request's row is locked.

    Raises:
        NotFound: no such request in this office.
        NotAllowed: not a supervisor, or the person who asked.
        RuleRefused: something keeps the key now; it can still be refused.
        WrongState: decided already.
    """
    with transaction():
        asked: KeyErasure | None = lock_row(KeyErasure, key)
        if asked is None or not actor.covers(office_id=asked.office_id):
            raise NotFound
        KeyErasure.NAMES.decide(asked, actor, granted=granted, now=now)
        if granted:
            camera = db.session.get_one(Camera, asked.camera_id, options=[joinedload(Camera.site)])
            found = standing(camera, asked.day, now=now, pack=pack, data_folder=data_folder)
            why = in_the_way(asked.ground, found)
            if why is not None:
                raise RuleRefused(KEPT[why], rule=f"key_erasure.{why}")
        _note(GRANTED if granted else REFUSED, asked, actor, now)
    return asked


def cameras(actor: Actor) -> list[Camera]:
    """The cameras of the actor's office and site, by place and name; also those switched off."""
    query = (
        sa.select(Camera)
        .join(Site, Site.id == Camera.site_id)
        .where(Site.office_id == actor.office_id)
        .options(joinedload(Camera.site))
        .order_by(Site.code, Camera.stream)
    )
    found = db.session.scalars(query).all()
    return [x for x in found if actor.covers(office_id=actor.office_id, site_id=x.site_id)]


def requests(actor: Actor, *, limit: int = 100) -> Sequence[KeyErasure]:
    """The office's requests: first those that wait for somebody, then the newest."""
    query = (
        sa.select(KeyErasure)
        .where(KeyErasure.office_id == actor.office_id)
        .options(joinedload(KeyErasure.camera).joinedload(Camera.site))
        .order_by(KeyErasure.decided_at.is_not(None), KeyErasure.asked_at.desc())
    )
    return db.session.scalars(query.limit(limit)).all()


def standing(
    camera: Camera, day: date, *, now: datetime, pack: Pack, data_folder: Path
) -> Standing:
    """What the house knows of the key of a camera and day."""
    waiting = (ItemState.OPEN, ItemState.ACKNOWLEDGED)
    under = evidence_of(camera.stream, day)
    return Standing(
        there=bool(keys_of(data_folder, camera.stream, day)),
        day_over=day < now.astimezone(UTC).date(),
        held=_any(under.where(Evidence.id.in_(held_evidence()))),
        undecided=_any(
            under.join(ReviewItem, ReviewItem.id == CameraEvent.item_id).where(
                ReviewItem.state.in_(waiting)
            )
        ),
        term_over=day < limit_of(RULE, pack, now).date(),
        examined=_any(_sittings(camera.site, day)),
        early_allowed=bool(pack.integer(EARLY)),
    )


def evidence_of(stream: str, day: date) -> sa.Select[UUID]:
    """Ids of the evidence that a day's key may have sealed, rather one too many than one less."""
    begin = datetime.combine(day, time(), UTC)
    return (
        sa.select(Evidence.id)
        .join(CameraEvent, CameraEvent.id == Evidence.camera_event_id)
        .where(
            Evidence.stream == stream,
            CameraEvent.started_at >= begin - OPENED_BEFORE,
            CameraEvent.started_at < begin + timedelta(days=1),
        )
    )


def _sittings(site: Site, day: date) -> sa.Select[UUID]:
    """Sittings of the site on the dates there that a day in UTC touches."""
    begin, zone = datetime.combine(day, time(), UTC), ZoneInfo(site.time_zone)
    dates = {(begin + timedelta(hours=x)).astimezone(zone).date() for x in (0, 24)}
    return (
        sa.select(Sitting.id)
        .join(ExamDay, ExamDay.id == Sitting.exam_day_id)
        .where(ExamDay.site_id == site.id, ExamDay.date.in_(dates))
    )


def _any(query: sa.Select[UUID]) -> bool:
    return db.session.scalar(query.limit(1)) is not None


def _note(act: str, asked: KeyErasure, actor: Actor, now: datetime) -> None:
    audit.record(
        act,
        asked,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        reason=asked.reason,
        ground=asked.ground,
        day=asked.day.isoformat(),
    )
