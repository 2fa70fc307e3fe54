"""News of registration; payloads hold ids and codes, never names."""

from typing import ClassVar
from uuid import UUID

from exam.system.outbox import DomainEvent


class CaseAccepted(DomainEvent):
    """A reviewer accepted a case: its first subject may be booked."""

    name: ClassVar[str] = "registration.case_accepted"
    case_id: UUID


class CaseEnded(DomainEvent):
    """A case lapsed or was withdrawn: nothing of it may be booked any more."""

    name: ClassVar[str] = "registration.case_ended"
    case_id: UUID
    rule: str
    """The parameter of the pack that ended it, or ``person.withdrew``."""


class ResultRecorded(DomainEvent):
    """A subject's final result, signed at a site or told by the national platform."""

    name: ClassVar[str] = "registration.result_recorded"
    result_id: UUID
    case_id: UUID
    subject: str
    outcome: str


class PermitIssued(DomainEvent):
    """A learner permit was issued."""

    name: ClassVar[str] = "registration.permit_issued"
    permit_id: UUID
    case_id: UUID


class PhoneCodeAsked(DomainEvent):
    """Somebody without a school wants to hand in an application: the phone is to be proven."""

    name: ClassVar[str] = "registration.phone_code_asked"
    code_id: UUID
