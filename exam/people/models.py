"""Offices, sites, schools, persons, accounts, roles, mandates."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import Base, Code, Id, Instant, Name, Texts, UTCDateTime, one_of, ref
from exam.people.roles import Role
from exam.sealing.attributes import (
    DATE,
    TEXT,
    Codec,
    Sealed,
    Sealing,
    envelope,
    fingerprint,
    optional,
)
from exam.sealing.envelopes import Envelope


class OfficeKind(StrEnum):
    """Levels of the authority."""

    COUNTRY = "country"
    PROVINCE = "province"
    OFFICE = "office"


class Office(Base):
    """A vehicle management office, or an authority above it."""

    __tablename__ = "office"

    id: Mapped[Id]
    code: Mapped[Code] = mapped_column(unique=True)
    kind: Mapped[OfficeKind] = one_of(OfficeKind, "kind")
    parent_id: Mapped[UUID | None] = ref("office.id")
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    help_phone: Mapped[str] = mapped_column(sa.String(32))


class Site(Base):
    """An exam site with its own civil time."""

    __tablename__ = "site"
    __table_args__ = (sa.UniqueConstraint("office_id", "code"),)

    id: Mapped[Id]
    office_id: Mapped[UUID] = ref("office.id")
    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    address_zh: Mapped[str] = mapped_column(sa.String(200))
    address_en: Mapped[str] = mapped_column(sa.String(200))
    time_zone: Mapped[str] = mapped_column(sa.String(40))
    island: Mapped[bool]
    simulated: Mapped[bool]


class SiteAuthorisation(Base):
    """Which subject a site may examine for which classes (accepted by the province)."""

    __tablename__ = "site_authorisation"

    site_id: Mapped[UUID] = ref("site.id", primary_key=True, index=False)
    subject: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    classes: Mapped[Texts]


class School(Base):
    """A driving school on file with the office."""

    __tablename__ = "school"
    __table_args__ = (sa.UniqueConstraint("office_id", "code"),)

    id: Mapped[Id]
    office_id: Mapped[UUID] = ref("office.id")
    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    online: Mapped[bool]
    """Registers its candidates over the network."""
    simulated: Mapped[bool]


class DocumentType(StrEnum):
    """Identity documents that the regulation knows (Art. 109)."""

    IDENTITY_CARD = "identity_card"
    SOLDIER_CARD = "soldier_card"
    RESIDENCE_PERMIT = "residence_permit"
    TRAVEL_PERMIT = "travel_permit"
    PASSPORT = "passport"


class Sex(StrEnum):
    """As the document has it."""

    FEMALE = "female"
    MALE = "male"


class Provenance(StrEnum):
    """Where a row came from."""

    SCHOOL = "school"
    COUNTER = "counter"
    SELF = "self"
    NATIONAL = "national"


class Person(Sealing, Base):
    """A human being, once, however many cases she has."""

    __tablename__ = "person"
    __table_args__ = (
        sa.UniqueConstraint("document_type", "document_number_key"),
        sa.Index("ix_person_name_prefix", "name", postgresql_ops={"name": "text_pattern_ops"}),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
    """A small integer for the exclusion constraint on places; shown to nobody."""
    office_id: Mapped[UUID] = ref("office.id")
    name: Mapped[Name]
    document_type: Mapped[DocumentType] = one_of(DocumentType, "document_type")
    document_number = Sealed(TEXT, found=True)
    document_number_sealed: Mapped[Envelope] = envelope()
    document_number_key: Mapped[bytes] = fingerprint()
    document_number_tail: Mapped[bytes] = fingerprint(index=True)
    birth_date: Mapped[date]
    sex: Mapped[Sex] = one_of(Sex, "sex")
    phone = Sealed(TEXT)
    phone_sealed: Mapped[Envelope] = envelope()
    address = Sealed(TEXT)
    address_sealed: Mapped[Envelope] = envelope()
    photo: Mapped[str | None] = mapped_column(sa.String(200))
    """Path below the data folder, of a file that is sealed to it."""
    photo_simulated: Mapped[bool] = mapped_column(default=False)
    """A drawn picture: never compared by machine, always by a person."""
    provenance: Mapped[Provenance] = one_of(Provenance, "provenance")
    simulated: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Instant]
    forgotten_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When phone, address and photo were erased after their term."""

    needs: Mapped[list["SupportNeed"]] = relationship(back_populates="person", lazy="raise")


class NeedKind(StrEnum):
    """Why somebody is served in another way; never shown outside the people who serve."""

    PREGNANT = "pregnant"
    DISABLED = "disabled"
    MILITARY = "military"
    HEARING = "hearing"
    STEP_FREE = "step_free"


class SupportNeed(Sealing, Base):
    """What a person asked for; elderly is an age and has no row. Apart from `person` on purpose.

    Sealed whole: which need it is, and until when, which would tell it too. The look-up holds the
    person, so that equal needs of two persons do not look alike.
    """

    __tablename__ = "support_need"
    __table_args__ = (sa.UniqueConstraint("person_id", "kind_key"),)

    id: Mapped[Id]
    person_id: Mapped[UUID] = ref("person.id")
    kind = Sealed(Codec(str.encode, lambda x: NeedKind(x.decode())), scope="person_id")
    kind_sealed: Mapped[Envelope] = envelope()
    kind_key: Mapped[bytes] = fingerprint()
    until = Sealed(optional(DATE))
    """Pregnancy: a date that she gives."""
    until_sealed: Mapped[Envelope] = envelope()
    declared_at: Mapped[Instant]

    person: Mapped[Person] = relationship(back_populates="needs", lazy="raise")


class Account(Base):
    """A sign-in. A candidate's belongs to a person; staff accounts belong to a role holder."""

    __tablename__ = "account"

    id: Mapped[Id]
    office_id: Mapped[UUID] = ref("office.id")
    username: Mapped[str] = mapped_column(sa.String(64), unique=True)
    display_name: Mapped[Name]
    person_id: Mapped[UUID | None] = ref("person.id", unique=True, index=False)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    enabled: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str | None] = mapped_column(sa.String(16))
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Raised to end all sessions."""
    created_at: Mapped[Instant]

    grants: Mapped[list["RoleGrant"]] = relationship(back_populates="account", lazy="selectin")
    person: Mapped[Person | None] = relationship(lazy="joined")


class RoleGrant(Base):
    """A role inside a scope: an office, and where the role has one, a site or a school of it."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.CheckConstraint("site_id IS NULL OR school_id IS NULL", name="one_scope"),
        sa.CheckConstraint(
            "(role IN ('school_clerk','school_manager')) = (school_id IS NOT NULL)",
            name="school_roles_have_a_school",
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = ref("account.id")
    role: Mapped[Role] = one_of(Role, "role")
    office_id: Mapped[UUID] = ref("office.id")
    site_id: Mapped[UUID | None] = ref("site.id")
    school_id: Mapped[UUID | None] = ref("school.id")
    since: Mapped[Instant]
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)

    account: Mapped[Account] = relationship(back_populates="grants", lazy="raise")


class Activation(Base):
    """A one-time code by which a registered person becomes a sign-in; only its hash is kept."""

    __tablename__ = "activation"

    id: Mapped[Id]
    person_id: Mapped[UUID] = ref("person.id")
    code_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Mandate(Base):
    """A person's leave for a school to act for her; limited, revocable, one live per school."""

    __tablename__ = "mandate"
    __table_args__ = (
        sa.Index(
            "uq_mandate_live",
            "person_id",
            "school_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = ref("person.id")
    school_id: Mapped[UUID] = ref("school.id")
    given_at: Mapped[Instant]
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    school: Mapped[School] = relationship(lazy="raise")
