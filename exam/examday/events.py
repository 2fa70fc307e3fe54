"""News of the exam day; payloads hold ids and codes, never names."""

from typing import ClassVar
from uuid import UUID

from exam.system.outbox import DomainEvent


class DayClosed(DomainEvent):
    """An exam day was closed: nobody is left."""

    name: ClassVar[str] = "examday.day_closed"
    exam_day_id: UUID


class SittingReleased(DomainEvent):
    """A sitting ended through no fault of the candidate; her place was given back."""

    name: ClassVar[str] = "examday.sitting_released"
    sitting_id: UUID
    reason: str
