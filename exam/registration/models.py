"""Uploads, cases, permits, passes, and what came from the national platform."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import Base, Code, Id, Instant, Json, JsonList, UTCDateTime, one_of, ref
from exam.people.models import Person, School
from exam.policy.subjects import LicenceClass, Pathway, Subject
from exam.sealing.attributes import DATE, TEXT, Sealed, Sealing, envelope, optional
from exam.sealing.envelopes import Envelope


class Upload(Base):
    """One file that a school handed in, with what became of each row."""

    __tablename__ = "upload"
    __table_args__ = (sa.UniqueConstraint("school_id", "sha256"),)

    id: Mapped[Id]
    school_id: Mapped[UUID] = ref("school.id")
    account_id: Mapped[UUID | None] = ref("account.id")
    file_name: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    received_at: Mapped[Instant]
    taken: Mapped[int]
    refused: Mapped[int]

    rows: Mapped[list["UploadRow"]] = relationship(lazy="raise", order_by="UploadRow.row_number")


class UploadRow(Base):
    """One row of an upload: taken with its case, or refused with its findings."""

    __tablename__ = "upload_row"
    __table_args__ = (
        sa.UniqueConstraint("upload_id", "row_number"),
        sa.CheckConstraint(
            "(case_id IS NULL) = (findings <> '[]'::jsonb)", name="taken_or_refused"
        ),
    )

    id: Mapped[Id]
    upload_id: Mapped[UUID] = ref("upload.id", index=False)
    row_number: Mapped[int]
    """As the spreadsheet shows it."""
    given: Mapped[Json]
    """The cells as they came, masked where they are personal."""
    findings: Mapped[JsonList]
    """[{"column", "code", "facts"}]"""
    case_id: Mapped[UUID | None] = ref("case.id", index=False)


class CaseState(StrEnum):
    """Life of a case."""

    PREREGISTERED = "preregistered"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


CASE_MOVES: dict[CaseState, frozenset[CaseState]] = {
    CaseState.PREREGISTERED: frozenset({CaseState.CONFIRMED, CaseState.WITHDRAWN}),
    CaseState.CONFIRMED: frozenset({CaseState.ACCEPTED, CaseState.RETURNED, CaseState.WITHDRAWN}),
    CaseState.RETURNED: frozenset({CaseState.CONFIRMED, CaseState.WITHDRAWN}),
    CaseState.ACCEPTED: frozenset({CaseState.COMPLETED, CaseState.LAPSED, CaseState.WITHDRAWN}),
}

LIVE_CASE = "state IN ('preregistered','confirmed','returned','accepted')"


class TrainingSource(StrEnum):
    """Where the person learns."""

    SCHOOL = "school"
    SELF = "self"
    MILITARY = "military"


class Case(Sealing, Base):
    """A person's business (业务): one licence class, one pathway, one office, one serial number."""

    __tablename__ = "case"
    __table_args__ = (
        sa.Index(
            "uq_case_live_class",
            "person_id",
            "licence_class",
            unique=True,
            postgresql_where=sa.text(LIVE_CASE),
        ),
        sa.CheckConstraint(
            "(state IN ('accepted','completed','lapsed')) <= (accepted_at IS NOT NULL)",
            name="accepted_has_time",
        ),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (serial_number IS NULL)", name="serial_on_acceptance"
        ),
    )

    id: Mapped[Id]
    office_id: Mapped[UUID] = ref("office.id")
    person_id: Mapped[UUID] = ref("person.id")
    school_id: Mapped[UUID | None] = ref("school.id")
    serial_number: Mapped[str | None] = mapped_column(sa.String(32), unique=True)
    licence_class: Mapped[LicenceClass] = one_of(LicenceClass, "licence_class")
    pathway: Mapped[Pathway] = one_of(Pathway, "pathway")
    training_source: Mapped[TrainingSource] = one_of(TrainingSource, "training_source")
    medical_number = Sealed(optional(TEXT))
    medical_number_sealed: Mapped[Envelope] = envelope()
    medical_date = Sealed(optional(DATE))
    medical_date_sealed: Mapped[Envelope] = envelope()
    state: Mapped[CaseState] = one_of(CaseState, "state")
    created_at: Mapped[Instant]
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """To the second; the first ranking key. Never changed."""
    returned_reasons: Mapped[JsonList] = mapped_column(default=list)
    simulated: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship(lazy="raise")
    school: Mapped[School | None] = relationship(lazy="raise")


class Permit(Base):
    """A learner permit (学习驾驶证明), issued by a signed result or with the acceptance."""

    __tablename__ = "permit"
    __table_args__ = (
        sa.CheckConstraint("valid_until > issued_on", name="valid_after_issue"),
        sa.CheckConstraint(
            "(result_id IS NULL) <> (basis = 'result')", name="basis_matches_result"
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = ref("case.id", unique=True, index=False)
    number: Mapped[Code] = mapped_column(unique=True)
    issued_on: Mapped[date]
    valid_until: Mapped[date]
    """Inclusive: to 24:00 of this day."""
    basis: Mapped[str] = mapped_column(sa.String(16))
    """result, acceptance or national."""
    result_id: Mapped[UUID | None] = ref("subject_result.id", index=False)


class ResultOutcome(StrEnum):
    """What a sitting came to in the end."""

    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    NO_FAULT = "no_fault"


class SubjectResult(Base):
    """The signed result of a sitting, or one that the national platform told us.

    This row, and nothing else, issues the permit, sets the next earliest date and feeds the next
    round's rank.
    """

    __tablename__ = "subject_result"
    __table_args__ = (
        sa.CheckConstraint(
            "(sitting_id IS NULL) <> (national_record_id IS NULL)", name="one_provenance"
        ),
        sa.Index("ix_subject_result_case_subject", "case_id", "subject"),
        sa.Index(
            "uq_subject_result_pass",
            "case_id",
            "subject",
            unique=True,
            postgresql_where=sa.text("outcome = 'passed' AND voided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = ref("case.id", index=False)
    subject: Mapped[Subject] = one_of(Subject, "subject")
    outcome: Mapped[ResultOutcome] = one_of(ResultOutcome, "outcome")
    points: Mapped[int | None]
    exam_at: Mapped[Instant]
    """When the last attempt ended: the next round's ranking key."""
    exam_date: Mapped[date]
    booking_counts: Mapped[bool]
    """Whether the booking uses one of those that the class allows (not after no-fault)."""
    sitting_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("sitting.id", use_alter=True), unique=True
    )
    national_record_id: Mapped[UUID | None] = ref("national_record.id", index=False)
    recorded_at: Mapped[Instant]
    voided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    void_rule: Mapped[str | None] = mapped_column(sa.String(64))


class NationalImport(Base):
    """One delivery of the national platform's adapter; the demo's says that it is simulated."""

    __tablename__ = "national_import"

    id: Mapped[Id]
    office_id: Mapped[UUID] = ref("office.id")
    source: Mapped[str] = mapped_column(sa.String(64))
    simulated: Mapped[bool]
    received_at: Mapped[Instant]
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    records: Mapped[int]


class NationalRecord(Base):
    """One record of a delivery, as it came."""

    __tablename__ = "national_record"
    __table_args__ = (sa.UniqueConstraint("import_id", "position"),)

    id: Mapped[Id]
    import_id: Mapped[UUID] = ref("national_import.id", index=False)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(32))
    payload: Mapped[Json]
