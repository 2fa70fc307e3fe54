"""What guards an account: signed-in browsers, second factors, one-time codes, resets."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import Base, Id, Instant, UTCDateTime, one_of, ref
from exam.people.models import Account
from exam.people.roles import Act
from exam.people.two_names import TwoNames
from exam.sealing.attributes import TEXT, Sealed, Sealing, envelope
from exam.sealing.envelopes import Envelope


class VisitEnd(StrEnum):
    """Why a browser is no longer signed in."""

    SIGNED_OUT = "signed_out"
    ENDED_BY_OWNER = "ended_by_owner"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a reason
    FACTOR_RESET = "factor_reset"
    ENDED_BY_OFFICE = "ended_by_office"


class Visit(Base):
    """A signed-in browser, from signing in to signing out; the cookie holds its id alone.

    It is no `session`: that word means an exam session here, and a database's.
    """

    __tablename__ = "visit"
    __table_args__ = (
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_with_a_reason"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = ref("account.id")
    epoch: Mapped[int]
    """The account's epoch when the password was checked; a visit of an earlier one is over."""
    grant_id: Mapped[UUID | None] = ref("role_grant.id", index=False)
    """The role that was chosen."""
    since: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    device: Mapped[str] = mapped_column(sa.String(80))
    address: Mapped[str] = mapped_column(sa.String(64))
    proven_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its owner last showed that it is she; a visit of the release before: when it began."""
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_why: Mapped[VisitEnd | None] = one_of(VisitEnd, "ended_why")

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class KeptForm(Sealing, Base):
    """What somebody typed and could not send; see :mod:`exam.people.kept_forms`."""

    __tablename__ = "kept_form"

    id: Mapped[Id]
    account_id: Mapped[UUID] = ref("account.id")
    grant_id: Mapped[UUID | None] = ref("role_grant.id", index=False)
    """The role in which it was typed."""
    path: Mapped[str] = mapped_column(sa.String(400))
    fields = Sealed(TEXT)
    fields_sealed: Mapped[Envelope] = envelope()
    kept_at: Mapped[Instant]


class SecondFactor(Sealing, Base):
    """The secret that an authenticator shares with us; not in force until it is confirmed."""

    __tablename__ = "second_factor"

    id: Mapped[UUID] = ref("account.id", primary_key=True, index=False)
    """The account's: the secret is sealed to it and opens in no other's row."""
    secret = Sealed(TEXT)
    secret_sealed: Mapped[Envelope] = envelope()
    created_at: Mapped[Instant]
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_step: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """The time step of the last code that was taken: it and earlier ones are never taken again."""


class RecoveryCode(Base):
    """A code on paper that stands in once for the authenticator; only its hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[Id]
    account_id: Mapped[UUID] = ref("account.id")
    code_hash: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[Instant]
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FactorReset(Base):
    """A second factor taken away by two names, neither of them its owner's."""

    __tablename__ = "factor_reset"
    __table_args__ = (
        sa.CheckConstraint("decided_by IS DISTINCT FROM asked_by", name="two_names"),
        sa.CheckConstraint(
            "asked_by <> account_id AND decided_by IS DISTINCT FROM account_id", name="not_ones_own"
        ),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL) AND "
            "(decided_by IS NULL) = (granted IS NULL)",
            name="decided_whole",
        ),
        sa.CheckConstraint("length(reason) > 0", name="has_a_reason"),
        sa.Index(
            "uq_factor_reset_open",
            "account_id",
            unique=True,
            postgresql_where=sa.text("decided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = ref("account.id", index=False)
    reason: Mapped[str] = mapped_column(sa.String(400))
    asked_by: Mapped[UUID] = ref("account.id", index=False)
    asked_at: Mapped[Instant]
    decided_by: Mapped[UUID | None] = ref("account.id", index=False)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    granted: Mapped[bool | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="raise")

    NAMES: ClassVar[TwoNames] = TwoNames(
        act=Act.RIGHTS,
        first="asked_by",
        first_at="asked_at",
        second="decided_by",
        second_at="decided_at",
        granted="granted",
    )


class OneTimeCode(Base):
    """Six digits sent to a phone. A row stands for every request, also where there is nobody."""

    __tablename__ = "one_time_code"
    __table_args__ = (sa.CheckConstraint("tries >= 0", name="tries_counted"),)

    id: Mapped[Id]
    person_id: Mapped[UUID | None] = ref("person.id")
    code_hmac: Mapped[str | None] = mapped_column(sa.String(66))
    """Keyed, since a million codes are soon tried; filled when the code is made and sent."""
    asked_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
