"""Turns ledger lines into events, evidence, checkpoints and review items, in one transaction.

Everything is an upsert by (stream, number), written together with the position: whoever is killed
in between has written nothing, and a line that comes again changes nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert

from exam.db import db, new_id
from exam.live import rules
from exam.live.models import Camera, CameraEvent, Checkpoint, Evidence, LedgerPosition, ReviewItem
from exam.live.schemas import CheckpointPayload, EventPayload, EvidencePayload, StartPayload
from exam.live.seating import sitting_at
from exam.live.states import EventGroup, ItemState, Severity
from proctor.ledger.lines import LineType

log = structlog.get_logger()
LEDGER_BROKEN = "ledger_broken"


@dataclass(frozen=True)
class Times:
    """When lines arrive, and what is added to a ledger's times to read them on our clock.

    Workers write the machine's time; only the demo's movable clock makes `shift` other than zero.
    """

    now: datetime
    shift: timedelta
    within: timedelta
    """Events of one camera and group closer than this belong together."""


class PayloadUnreadableError(Exception):
    """A line of a whole chain whose payload does not say what its type must say."""


@dataclass
class Intake:
    """Takes the lines of one stream; `touched` are the items that changed."""

    camera: Camera
    position: LedgerPosition
    times: Times
    touched: dict[UUID, ReviewItem] = field(default_factory=dict)

    def take(self, line: dict[str, Any]) -> None:
        """Take one line of the chain.

        Raises:
            PayloadUnreadableError: nothing of the line was written.
        """
        takers = {
            LineType.START: self._start,
            LineType.OPENED: self._event,
            LineType.UPDATED: self._event,
            LineType.CLOSED: self._event,
            LineType.EVIDENCE: self._evidence,
            LineType.CHECKPOINT: self._checkpoint,
        }
        try:
            if line["type"] in takers:
                takers[line["type"]](line)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise PayloadUnreadableError(f"{line['type']}: {where} is not as it must be") from error

    def broken(self, problem: str) -> None:
        """Stop here for good: the ledger's next line does not hold, and people must know."""
        seq = self.position.seq + 1
        self.position.broken_seq = seq
        payload = EventPayload(
            event=1,
            kind=LEDGER_BROKEN,
            group=EventGroup.EQUIPMENT,
            start_ms=0,
            end_ms=0,
            severity=Severity.ALERT,
            confidence_pm=1000,
            facts={"line": seq, "problem": problem[:200]},
        )
        log.error("ledger.broken", stream=self.position.stream, seq=seq, problem=problem)
        self._upsert(payload, number=-seq, seq=seq, started_at=self.times.now, is_open=False)

    def _start(self, line: dict[str, Any]) -> None:
        payload = StartPayload.model_validate(line["payload"])
        self.position.origin_ms = payload.origin_ms
        self.position.origin_at = datetime.fromisoformat(line["time"])

    def _event(self, line: dict[str, Any]) -> None:
        payload = EventPayload.model_validate(line["payload"])
        began = self.position.origin_at or datetime.fromisoformat(line["time"])
        passed = timedelta(milliseconds=payload.start_ms - self.position.origin_ms)
        self._upsert(
            payload,
            number=payload.event,
            seq=line["seq"],
            started_at=began + passed + self.times.shift,
            is_open=line["type"] != LineType.CLOSED,
        )

    def _evidence(self, line: dict[str, Any]) -> None:
        payload = EvidencePayload.model_validate(line["payload"])
        event = self._known(payload.event)
        if event is None:
            raise PayloadUnreadableError(f"evidence: no line opened event {payload.event}")
        row = insert(Evidence).values(
            id=new_id(),
            camera_event_id=event.id,
            stream=self.position.stream,
            path=payload.path,
            bytes=payload.bytes,
            sha256=payload.sha256,
        )
        db.session.execute(row.on_conflict_do_nothing())
        self._touch(event.item_id)

    def _checkpoint(self, line: dict[str, Any]) -> None:
        payload = CheckpointPayload.model_validate(line["payload"])
        if payload.head != line["prev"]:
            raise PayloadUnreadableError("checkpoint: it signs another head")
        row = insert(Checkpoint).values(
            id=new_id(), stream=self.position.stream, seq=line["seq"], **payload.model_dump()
        )
        db.session.execute(row.on_conflict_do_nothing())

    def _upsert(
        self, payload: EventPayload, *, number: int, seq: int, started_at: datetime, is_open: bool
    ) -> None:
        event = self._known(number)
        if event is None:
            event = CameraEvent(
                id=new_id(),
                camera_id=self.camera.id,
                stream=self.position.stream,
                event=number,
                kind=payload.kind,
                group=payload.group,
                seat=payload.seat or None,
                start_ms=payload.start_ms,
                started_at=started_at,
                received_at=self.times.now,
                seq=0,
            )
            event.item_id = self._item_for(event, payload.severity).id
            db.session.add(event)
        if seq > event.seq:
            event.seq, event.end_ms, event.open = seq, payload.end_ms, is_open
            event.severity, event.confidence_pm = payload.severity, payload.confidence_pm
            event.facts = dict(payload.facts)
        db.session.flush()
        self._touch(event.item_id, event)

    def _known(self, number: int) -> CameraEvent | None:
        return db.session.scalar(
            sa.select(CameraEvent).where(
                CameraEvent.stream == self.position.stream, CameraEvent.event == number
            )
        )

    def _item_for(self, event: CameraEvent, severity: Severity) -> ReviewItem:
        """The open item that this event continues, or a new one.

        Race stopped: somebody acknowledges the item while an event joins it. The row is locked,
        and after the wait an acknowledged item is not found any more: nothing new hides in it.
        """
        item = db.session.scalar(
            sa.select(ReviewItem)
            .where(
                ReviewItem.camera_id == self.camera.id,
                ReviewItem.group == event.group,
                ReviewItem.state == ItemState.OPEN,
            )
            .order_by(ReviewItem.number.desc())
            .limit(1)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if item is not None and self._continues(item, event.started_at):
            return item
        sitting = sitting_at(self.camera, event.started_at)
        item = ReviewItem(
            id=new_id(),
            camera_id=self.camera.id,
            sitting_id=sitting,
            group=event.group,
            severity=severity,
            state=ItemState.OPEN,
            opened_at=event.started_at,
            last_at=event.started_at,
        )
        db.session.add(item)
        db.session.flush()
        return item

    def _continues(self, item: ReviewItem, started_at: datetime) -> bool:
        if rules.belongs(started_at, item_last_at=item.last_at, within=self.times.within):
            return True
        going_on = sa.select(CameraEvent.id).where(
            CameraEvent.item_id == item.id, CameraEvent.open.is_(True)
        )
        return db.session.scalar(going_on.limit(1)) is not None

    def _touch(self, item_id: UUID | None, event: CameraEvent | None = None) -> None:
        item = db.session.get(ReviewItem, item_id) if item_id else None
        if item is None:
            return
        if event is not None:
            lasted = timedelta(milliseconds=max(0, (event.end_ms or 0) - event.start_ms))
            item.last_at = max(item.last_at, event.started_at + lasted)
            item.severity = rules.worst((item.severity, event.severity))
        self.touched[item.id] = item
