"""What the wall shows: cameras with trouble first, items that wait for people, one item whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from exam.db import db
from exam.errors import NotFound
from exam.examday.models import Room, Sitting, Terminal, Vehicle
from exam.live import rules
from exam.live.models import (
    Camera,
    CameraEvent,
    Checkpoint,
    Evidence,
    LedgerPosition,
    ReviewAct,
    ReviewItem,
)
from exam.live.pulse import is_silent
from exam.live.states import EventGroup, ItemState, Severity
from exam.people.models import Account, Site
from exam.people.roles import Actor

ITEMS_SHOWN = 30
EVENTS_SHOWN = 3
GREATEST = (1 << 62) - 1


ItemQuery = sa.Select[ReviewItem, str, str, str]
"""Rows of item, place, ticket, name of who acknowledged; outer joins leave the last three empty."""


@dataclass(frozen=True)
class Tile:
    """One camera of the wall; `alert` and `notice` count its waiting items."""

    camera: Camera
    place: str | None
    silent: bool
    broken: bool
    alert: int
    notice: int


@dataclass(frozen=True)
class SeenEvent:
    """An event and its clip, if the clip is finished."""

    event: CameraEvent
    evidence: Evidence | None

    @property
    def lasted(self) -> timedelta:
        """How long it lasted, as the ledger last told."""
        end_ms = self.event.end_ms or self.event.start_ms
        return timedelta(milliseconds=max(0, end_ms - self.event.start_ms))


@dataclass(frozen=True)
class Card:
    """An item as the wall shows it: what called first, then the newest; how many in all."""

    item: ReviewItem
    place: str | None
    ticket: str | None
    acknowledged_by: str | None
    events: Sequence[SeenEvent]
    total: int

    @property
    def going_on(self) -> bool:
        """Whether something that was seen has not ended yet."""
        return any(seen.event.open for seen in self.events)

    def lasted(self, now: datetime) -> timedelta:
        """From the first sight to the last, or to now while it goes on."""
        return max(timedelta(), (now if self.going_on else self.item.last_at) - self.item.opened_at)


@dataclass(frozen=True)
class Act:
    """What somebody did about an item."""

    act: ReviewAct
    who: str


def tiles(actor: Actor) -> list[Tile]:
    """The enabled cameras in the actor's scope, those with trouble first."""
    waiting = (
        sa.select(
            ReviewItem.camera_id,
            sa.func.count().filter(ReviewItem.severity == Severity.ALERT).label("alert"),
            sa.func.count().filter(ReviewItem.severity == Severity.NOTICE).label("notice"),
        )
        .where(
            ReviewItem.state.in_(rules.WAITING), ReviewItem.group.in_(rules.groups_for(actor.role))
        )
        .group_by(ReviewItem.camera_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(
            Camera, PLACE, is_silent(), LedgerPosition.broken_seq, waiting.c.alert, waiting.c.notice
        )
        .join(Camera.site)
        .join(LedgerPosition, LedgerPosition.stream == Camera.stream, isouter=True)
        .join(waiting, waiting.c.camera_id == Camera.id, isouter=True)
        .outerjoin(Room, Room.id == Camera.room_id)
        .outerjoin(Terminal, Terminal.id == Camera.terminal_id)
        .outerjoin(Vehicle, Vehicle.id == Camera.vehicle_id)
        .where(Camera.enabled, in_scope(actor))
        .options(contains_eager(Camera.site))
        .order_by(Camera.stream)
    )
    found = [
        Tile(camera, place, bool(silent), broken is not None, alert or 0, notice or 0)
        for camera, place, silent, broken, alert, notice in rows
    ]
    return sorted(found, key=_trouble)


def _trouble(tile: Tile) -> tuple[bool, bool, bool]:
    return (not tile.alert, not (tile.silent or tile.broken), not tile.notice)


def camera(actor: Actor, camera_id: UUID) -> Camera:
    """A camera in the actor's scope.

    Raises:
        NotFound: unknown, or of another site.
    """
    found = db.session.scalar(
        sa.select(Camera)
        .join(Camera.site)
        .where(Camera.id == camera_id, in_scope(actor))
        .options(contains_eager(Camera.site))
    )
    if found is None:
        raise NotFound
    return found


def cards(actor: Actor, group: EventGroup) -> tuple[list[Card], int]:
    """The newest waiting items of a group, alerts first, and how many wait in all."""
    if group not in rules.groups_for(actor.role):
        return [], 0
    alerts_first = sa.case((ReviewItem.severity == Severity.ALERT, 0), else_=1)
    open_first = sa.case((ReviewItem.state == ItemState.OPEN, 0), else_=1)
    wanted = _items(actor).where(ReviewItem.group == group, ReviewItem.state.in_(rules.WAITING))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    ordered = wanted.order_by(open_first, alerts_first, ReviewItem.number.desc())
    return _cards(ordered.limit(ITEMS_SHOWN), events=EVENTS_SHOWN), total


def card(actor: Actor, number: int, *, events: int = EVENTS_SHOWN) -> Card:
    """One item.

    Raises:
        NotFound: unknown, of another site, or of a group that this role does not see.
    """
    found = _cards(_items(actor).where(ReviewItem.number == number), events=events)
    if not found:
        raise NotFound
    return found[0]


def newer(actor: Actor, after: int) -> list[ReviewItem]:
    """Items with a greater number, the oldest first: what somebody missed while away."""
    after = max(0, min(after, GREATEST))
    query = _items(actor).where(ReviewItem.number > after).order_by(ReviewItem.number)
    return [row[0] for row in db.session.execute(query.limit(ITEMS_SHOWN))]


def told(items: Sequence[ReviewItem]) -> list[dict[str, str | int]]:
    """Items as the wall's pages are told of them: numbers and states, nothing else."""
    return [
        {
            "item": item.number,
            "group": str(item.group),
            "state": str(item.state),
            "severity": str(item.severity),
        }
        for item in items
    ]


def acts(item: ReviewItem) -> list[Act]:
    """What people did about an item, the oldest first."""
    rows = db.session.execute(
        sa.select(ReviewAct, Account.display_name)
        .join(Account, Account.id == ReviewAct.account_id)
        .where(ReviewAct.item_id == item.id)
        .order_by(ReviewAct.at, ReviewAct.id)
    )
    return [Act(act, who) for act, who in rows]


def last_checkpoint(stream: str) -> Checkpoint | None:
    """The newest signed head that is kept outside the stream's folder."""
    return db.session.scalar(
        sa.select(Checkpoint)
        .where(Checkpoint.stream == stream)
        .order_by(Checkpoint.seq.desc())
        .limit(1)
    )


def position(stream: str) -> LedgerPosition | None:
    """How far a stream's ledger has been read."""
    return db.session.get(LedgerPosition, stream)


def event_of(number: int, event_id: UUID) -> SeenEvent:
    """One event of an item.

    Raises:
        NotFound: the item has no such event.
    """
    row = db.session.execute(
        sa.select(CameraEvent, Evidence)
        .join(ReviewItem, ReviewItem.id == CameraEvent.item_id)
        .outerjoin(Evidence, Evidence.camera_event_id == CameraEvent.id)
        .where(ReviewItem.number == number, CameraEvent.id == event_id)
        .limit(1)
    ).first()
    if row is None:
        raise NotFound
    return SeenEvent(*row)


def in_scope(actor: Actor) -> sa.ColumnElement[bool]:
    """The sites that an actor covers; the same rule as `Actor.covers`, for many rows."""
    own_site = sa.true() if actor.site_id is None else Site.id == actor.site_id
    return sa.and_(Site.office_id == actor.office_id, own_site)


PLACE = sa.func.coalesce(Terminal.code, Vehicle.code, Room.code)


def _items(actor: Actor) -> ItemQuery:
    return (
        sa.select(ReviewItem, PLACE, Sitting.ticket, Account.display_name)
        .join(ReviewItem.camera)
        .join(Camera.site)
        .outerjoin(Room, Room.id == Camera.room_id)
        .outerjoin(Terminal, Terminal.id == Camera.terminal_id)
        .outerjoin(Vehicle, Vehicle.id == Camera.vehicle_id)
        .outerjoin(Sitting, Sitting.id == ReviewItem.sitting_id)
        .outerjoin(Account, Account.id == ReviewItem.acknowledged_by)
        .where(in_scope(actor), ReviewItem.group.in_(rules.groups_for(actor.role)))
        .options(contains_eager(ReviewItem.camera).contains_eager(Camera.site))
    )


def _cards(query: ItemQuery, *, events: int) -> list[Card]:
    rows = db.session.execute(query).all()
    seen, totals = _events([row[0].id for row in rows], most=events)
    return [
        Card(item, place, ticket, who, seen.get(item.id, []), totals.get(item.id, 0))
        for item, place, ticket, who in rows
    ]


def _events(
    item_ids: Sequence[UUID], *, most: int
) -> tuple[dict[UUID, list[SeenEvent]], dict[UUID, int]]:
    """The newest events of each item, alerts and those still going on first; how many each has."""
    order = (
        sa.case((CameraEvent.severity == Severity.ALERT, 0), else_=1),
        CameraEvent.open.desc(),
        CameraEvent.started_at.desc(),
        CameraEvent.event.desc(),
    )
    place = sa.func.row_number().over(partition_by=CameraEvent.item_id, order_by=order)
    total = sa.func.count().over(partition_by=CameraEvent.item_id)
    ranked = (
        sa.select(CameraEvent.id, place.label("place"), total.label("total"))
        .where(CameraEvent.item_id.in_(item_ids))
        .subquery()
    )
    rows = db.session.execute(
        sa.select(CameraEvent, Evidence, ranked.c.total)
        .join(ranked, ranked.c.id == CameraEvent.id)
        .outerjoin(Evidence, Evidence.camera_event_id == CameraEvent.id)
        .where(ranked.c.place <= most)
        .order_by(ranked.c.place)
    )
    seen: dict[UUID, list[SeenEvent]] = {}
    totals: dict[UUID, int] = {}
    for event, evidence, total_events in rows:
        seen.setdefault(event.item_id, []).append(SeenEvent(event, evidence))
        totals[event.item_id] = total_events
    return seen, totals
