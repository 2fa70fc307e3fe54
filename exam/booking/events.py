"""News of booking; payloads hold ids and codes, never names."""

from typing import ClassVar
from uuid import UUID

from exam.system.outbox import DomainEvent


class RoundPublished(DomainEvent):
    """A round is decided, checked and signed: everybody in it has a seat or a reason."""

    name: ClassVar[str] = "booking.round_published"
    round_id: UUID
    code: str
