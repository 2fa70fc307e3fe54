"""What a delivery of the national platform's adapter looks like (`kaochang-national/1`)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from exam.policy.subjects import Subject


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    serial: str = Field(min_length=1, max_length=32)
    """The case's serial number."""


class PermitRecord(_Record):
    """A learner permit that was issued elsewhere."""

    kind: Literal["permit"]
    number: str = Field(min_length=1, max_length=64)
    issued_on: date
    valid_until: date


class PassRecord(_Record):
    """A subject that was passed elsewhere."""

    kind: Literal["pass"]
    subject: Subject
    points: int | None = Field(default=None, ge=0, le=100)
    exam_at: AwareDatetime


class FailedRecord(_Record):
    """A booking that ended without a pass."""

    kind: Literal["failed", "absent"]
    subject: Subject
    points: int | None = Field(default=None, ge=0, le=100)
    exam_at: AwareDatetime


Record = Annotated[PermitRecord | PassRecord | FailedRecord, Field(discriminator="kind")]


class NationalDelivery(BaseModel):
    """One delivery: records of cases that this office has accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["kaochang-national/1"]
    source: str = Field(min_length=1, max_length=64)
    simulated: bool
    records: tuple[Record, ...]
