"""What people do at the wall, and how cameras come into the house."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from exam.audit import services as audit
from exam.audit.models import AuditRecord
from exam.db import db, new_id, transaction
from exam.errors import InvalidInput, NotAllowed, NotFound
from exam.examday.models import Terminal
from exam.live import rules, webcam
from exam.live.models import Camera, CameraEvent, ReviewAct, ReviewItem
from exam.live.news import tell_item
from exam.live.seating import subjects_in
from exam.live.sources import check_source, reach_of
from exam.live.states import ITEM_MOVES, ItemState, View
from exam.live.streams import STREAM_NAME, WatchedCamera, write_list
from exam.people.models import Site
from exam.people.roles import Actor
from exam.policy.subjects import Subject
from exam.states import move

NOTE_MAX = 400
PEOPLE_MAX = 500
SEAT_MAX = 32


def acknowledge(actor: Actor, number: int, *, now: datetime) -> ReviewItem:
    """Say that one is looking at an item.

    Race stopped: two people press at once. The row is locked; whoever comes second is shown who
    was first, and nothing is recorded twice.

    Raises:
        NotFound: no such item, or not one that this person may see.
    """
    with transaction():
        item = locked_item(actor, number)
        if item.state is ItemState.OPEN:
            item.state = move(item.state, ItemState.ACKNOWLEDGED, ITEM_MOVES)
            item.acknowledged_at, item.acknowledged_by = now, _account(actor)
            _record(actor, item, "acknowledged", None, now=now)
    return item


def decide(actor: Actor, number: int, *, to: ItemState, note: str, now: datetime) -> ReviewItem:
    """Put an acknowledged item aside, or refer it; in either case somebody writes down why.

    There is no outcome beyond these two: whether it was cheating is decided elsewhere, by two
    people of two sites and after the candidate has been heard.

    Raises:
        NotFound: no such item, or not one that this person may see.
        NotAllowed: this role looks, but does not decide.
        InvalidInput: the note is missing or too long.
        WrongState: not acknowledged yet, or decided already.
    """
    if not rules.may_decide(actor.role):
        raise NotAllowed
    note = note.strip()
    if not note:
        raise InvalidInput(_("Write down what you saw and why."), field="note")
    if len(note) > NOTE_MAX:
        raise InvalidInput(_("Use at most 400 characters."), field="note")
    with transaction():
        item = locked_item(actor, number)
        item.state = move(item.state, to, ITEM_MOVES)
        _record(actor, item, str(to), note, now=now)
    return item


def locked_item(actor: Actor, number: int) -> ReviewItem:
    """An item in the actor's scope, locked and read afresh.

    Raises:
        NotFound: unknown, of another site, or of a group that this role does not see.
    """
    item = db.session.scalar(
        sa.select(ReviewItem)
        .where(ReviewItem.number == number, ReviewItem.group.in_(rules.groups_for(actor.role)))
        .options(joinedload(ReviewItem.camera).joinedload(Camera.site))
        .with_for_update(of=ReviewItem)
        .execution_options(populate_existing=True)
    )
    if item is None or not covers(actor, item.camera.site):
        raise NotFound
    return item


def covers(actor: Actor, site: Site) -> bool:
    """Whether a site's cameras are this person's to watch."""
    return actor.covers(office_id=site.office_id, site_id=site.id)


def note_viewing(actor: Actor, event: CameraEvent, item_number: int, *, now: datetime) -> None:
    """Record that somebody looked at the clip of an event.

    A player asks for one clip in many pieces: those of one person within ten minutes are one
    viewing.
    """
    with transaction():
        if not _viewed(actor, event, since=now - rules.ONE_VIEWING, until=now):
            audit.record(
                "evidence.viewed",
                event,
                now=now,
                account_id=actor.account_id,
                role=actor.role,
                item=item_number,
            )


def _viewed(actor: Actor, event: CameraEvent, *, since: datetime, until: datetime) -> bool:
    """Whether a viewing by this person is recorded for the time (the demo's clock may go back)."""
    found = db.session.scalar(
        sa.select(AuditRecord.id)
        .where(
            AuditRecord.subject_kind == CameraEvent.__tablename__,
            AuditRecord.subject_id == event.id,
            AuditRecord.account_id == actor.account_id,
            AuditRecord.act == "evidence.viewed",
            AuditRecord.at.between(since, until),
        )
        .limit(1)
    )
    return found is not None


def _account(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise NotAllowed
    return actor.account_id


def _record(actor: Actor, item: ReviewItem, act: str, note: str | None, *, now: datetime) -> None:
    db.session.add(
        ReviewAct(
            id=new_id(), item_id=item.id, account_id=_account(actor), act=act, note=note, at=now
        )
    )
    audit.record(
        f"item.{act}",
        item,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        reason=note,
        item=item.number,
        group=item.group,
        severity=item.severity,
    )
    tell_item(item, item.camera.site)


def add_camera(
    actor: Actor | None,
    *,
    site: Site,
    stream: str,
    name_zh: str,
    name_en: str,
    view: View,
    source: str,
    people: int = 1,
    room_id: UUID | None = None,
    terminal_id: UUID | None = None,
    vehicle_id: UUID | None = None,
    now: datetime,
) -> Camera:
    """Put a camera into the house; workers learn of it within seconds.

    Args:
        actor: who does it; None for a set-up without anybody signed in.
        site: where it hangs.
        stream: its opaque name: a-z, 0-9 and hyphens; it stands in every line of the ledger.
        name_zh: its name on the wall, and
        name_en: the same in English.
        view: what it is for.
        source: a file below the data folder (played in a loop), an rtsp:// address or a device.
        people: how many are expected before it.
        room_id: the room that it watches,
        terminal_id: or the terminal,
        vehicle_id: or the vehicle.
        now: the injected time.

    Raises:
        InvalidInput: the stream's name or the number of people cannot be served, or the source
            lies where no camera of this installation may be.
        Conflict: the stream's name is taken.
    """
    if not re.fullmatch(STREAM_NAME, stream):
        raise InvalidInput(_("Name the stream with a-z, 0-9 and hyphens only."), field="stream")
    if not 0 <= people <= PEOPLE_MAX:
        raise InvalidInput(_("Expect 0 to 500 people before a camera."), field="people")
    check_source(source, reach_of(current_app.config["KAOCHANG"]))
    with transaction() as session:
        camera = Camera(
            id=new_id(),
            site_id=site.id,
            stream=stream,
            name_zh=name_zh,
            name_en=name_en,
            view=view,
            source=source,
            people=people,
            room_id=room_id,
            terminal_id=terminal_id,
            vehicle_id=vehicle_id,
        )
        session.add(camera)
        session.flush()
        _record_camera("camera.added", camera, actor, now=now)
    return camera


def renew_stream(actor: Actor | None, stream: str, *, now: datetime) -> str:
    """Give the camera of a broken ledger a fresh stream; the old folder stays as it is.

    Returns:
        The new stream's name.

    Raises:
        NotFound: no camera writes this stream.
    """
    with transaction() as session:
        camera = session.scalar(sa.select(Camera).where(Camera.stream == stream).with_for_update())
        if camera is None:
            raise NotFound
        base, _dash, count = stream.rpartition("-r")
        if not base or not count.isdigit():
            base, count = stream, "1"
        camera.stream = f"{base}-r{int(count) + 1}"
        _record_camera("camera.stream_renewed", camera, actor, now=now, before=stream)
        return camera.stream


def publish_list(data_folder: Path) -> list[WatchedCamera]:
    """Write the list of enabled cameras for the workers where it has changed, and return it.

    How many people a car's camera expects comes from the sitting in the car; which cameras hang
    in one room is told by an opaque mark.
    """
    with transaction() as session:
        webcam.retire(session.scalars(sa.select(Camera).where(Camera.enabled)), data_folder)
        session.flush()
        rows = session.execute(
            sa.select(Camera, Terminal.code, sa.func.coalesce(Camera.room_id, Terminal.room_id))
            .join(Terminal, Terminal.id == Camera.terminal_id, isouter=True)
            .where(Camera.enabled)
            .order_by(Camera.stream)
        ).all()
        subjects = subjects_in({row[0].vehicle_id for row in rows if row[0].vehicle_id})
        cameras = [
            WatchedCamera(
                stream=camera.stream,
                source=camera.source,
                view=camera.view,
                people=_people(camera, subjects),
                seat=(seat or "")[:SEAT_MAX],
                room=room_id.hex if room_id else "",
            )
            for camera, seat, room_id in rows
        ]
    write_list(data_folder, cameras)
    return cameras


def _people(camera: Camera, subjects: Mapping[UUID, Subject]) -> int:
    if camera.view is not View.CABIN or camera.vehicle_id is None:
        return camera.people
    return rules.people_in_car(subjects.get(camera.vehicle_id), camera.people)


def _record_camera(
    act: str, camera: Camera, actor: Actor | None, *, now: datetime, **facts: Any
) -> None:
    audit.record(
        act,
        camera,
        now=now,
        account_id=actor.account_id if actor else None,
        role=actor.role if actor else None,
        stream=camera.stream,
        **facts,
    )
