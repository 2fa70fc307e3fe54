"""News of replanning; payloads hold ids, never names."""

from typing import ClassVar
from uuid import UUID

from exam.system.outbox import DomainEvent


class ReplanTold(DomainEvent):
    """Seats have changed: everybody whom it concerns is to be told."""

    name: ClassVar[str] = "replanning.told"
    replan_id: UUID
