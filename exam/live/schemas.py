"""What a ledger line's payload must say before it becomes a row.

Kinds and fields that are not known are kept or passed over; groups and severities are known all.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from exam.live.states import EventGroup, Severity

Milliseconds = Annotated[int, Field(ge=0, lt=1 << 62)]
Number = Annotated[int, Field(ge=1, lt=1 << 62)]


class Payload(BaseModel):
    """Base: unknown fields are left where they are, in the ledger."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class StartPayload(Payload):
    """A worker began; `origin_ms` is where the stream's timeline stood then."""

    origin_ms: Milliseconds = 0


class EventPayload(Payload):
    """An event as it stands."""

    event: Number
    kind: Annotated[str, Field(min_length=1, max_length=32)]
    group: Annotated[EventGroup, Field(strict=False)]
    seat: Annotated[str, Field(max_length=32)] = ""
    start_ms: Milliseconds
    end_ms: Milliseconds
    severity: Annotated[Severity, Field(strict=False)]
    confidence_pm: Annotated[int, Field(ge=0, le=1000)]
    facts: dict[str, int | str] = Field(default_factory=dict)


class EvidencePayload(Payload):
    """A clip of an event, kept."""

    event: Number
    path: Annotated[str, Field(min_length=1, max_length=200)]
    bytes: Milliseconds
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class CheckpointPayload(Payload):
    """A signed head."""

    head: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    key_id: Annotated[str, Field(max_length=64)]
    signature: Annotated[str, Field(max_length=128)]
