"""What a site has: vehicles, rooms, terminals, lanes, and who is on duty."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from exam.audit import services as audit
from exam.db import db, new_id, transaction
from exam.errors import NotFound
from exam.examday.models import Duty, Lane, Room, Terminal, Vehicle
from exam.people.models import Site
from exam.people.roles import Actor, Role
from exam.policy.subjects import LicenceClass, Subject


@dataclass(frozen=True)
class VehicleEntry:
    """A vehicle to be entered; ``kind`` matches the kind of a pool."""

    code: str
    kind: str
    subject: Subject


@dataclass(frozen=True)
class RoomEntry:
    """A room with its terminals."""

    code: str
    name_zh: str
    name_en: str
    terminals: tuple[str, ...]


@dataclass(frozen=True)
class LaneEntry:
    """A lane of the field (S2), or an approved route (S3R)."""

    code: str
    subject: Subject
    name_zh: str
    name_en: str


def equip(
    site_id: UUID,
    *,
    vehicles: Iterable[VehicleEntry] = (),
    rooms: Iterable[RoomEntry] = (),
    lanes: Iterable[LaneEntry] = (),
) -> None:
    """Enter equipment in the caller's transaction; a code that is there stays as it is."""
    _enter(
        Vehicle,
        [
            {"site_id": site_id, "code": x.code, "kind": x.kind, "subject": x.subject}
            for x in vehicles
        ],
    )
    rooms = list(rooms)
    _enter(
        Room,
        [
            {"site_id": site_id, "code": x.code, "name_zh": x.name_zh, "name_en": x.name_en}
            for x in rooms
        ],
    )
    known = sa.select(Room.code, Room.id).where(Room.site_id == site_id)
    room_ids = {x[0]: x[1] for x in db.session.execute(known)}
    _enter(
        Terminal,
        [{"room_id": room_ids[x.code], "code": code} for x in rooms for code in x.terminals],
    )
    _enter(
        Lane,
        [
            {
                "site_id": site_id,
                "subject": x.subject,
                "code": x.code,
                "name_zh": x.name_zh,
                "name_en": x.name_en,
            }
            for x in lanes
        ],
    )


def _enter(model: type[Vehicle | Room | Terminal | Lane], rows: list[dict[str, object]]) -> None:
    if rows:
        db.session.execute(
            insert(model).on_conflict_do_nothing(), [{"id": new_id(), **row} for row in rows]
        )


def put_on_duty(
    site_id: UUID,
    on: date,
    account_ids: Collection[UUID],
    *,
    role: Role,
    subjects: Collection[Subject],
    classes: Collection[LicenceClass | str] = ("*",),
) -> None:
    """Put accounts on duty at a site in the caller's transaction; who is on duty stays as she is.

    Args:
        site_id: the site.
        on: the civil date there.
        account_ids: who.
        role: in which role.
        subjects: which subjects an examiner may examine.
        classes: for which licence classes; ``*`` all.
    """
    rows = [
        {
            "id": new_id(),
            "site_id": site_id,
            "account_id": x,
            "date": on,
            "role": role,
            "subjects": [str(s) for s in subjects],
            "classes": [str(c) for c in classes],
        }
        for x in account_ids
    ]
    if rows:
        query = insert(Duty).on_conflict_do_nothing(index_elements=["account_id", "date", "role"])
        db.session.execute(query, rows)


def set_out_of_order(
    actor: Actor, place_id: UUID, *, out: bool, now: datetime
) -> Vehicle | Terminal:
    """Take a vehicle or terminal out of the draw, or put it back.

    Raises:
        NotFound: unknown, or outside the actor's scope.
    """
    with transaction() as session:
        found: Vehicle | Terminal | None = session.get(Vehicle, place_id)
        site_id = found.site_id if isinstance(found, Vehicle) else None
        if found is None:
            found = session.get(Terminal, place_id)
            site_id = found.room.site_id if isinstance(found, Terminal) else None
        site = session.get(Site, site_id) if site_id else None
        if found is None or site is None:
            raise NotFound
        if not actor.covers(office_id=site.office_id, site_id=site.id):
            raise NotFound
        found.out_since = now if out else None
        audit.record(
            "equipment.out" if out else "equipment.back",
            found,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
        )
    return found
