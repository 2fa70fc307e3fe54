"""The database: one metadata, typed columns, READ COMMITTED, named constraints, short locks.

A service owns one transaction: it opens it with :func:`transaction`, and nothing below commits.
"""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from psycopg import errors as pg
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from uuid_utils import compat as uuid_utils

from exam.config import Settings
from exam.errors import Busy, Conflict, DiskFull, InvalidInput

ISOLATION = "READ COMMITTED"
"""Locked reads recompute after the wait; a snapshot taken before it would oversell."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sortable by time, and a site can make it without its uplink."""
    return uuid_utils.uuid7()


class UTCDateTime(sa.TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out; a naive time is a defect and is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse naive times."""
        if value is not None and value.tzinfo is None:
            raise TypeError("naive time at the database's door")
        return value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Always UTC, whatever the session's zone."""
        return None if value is None else value.astimezone(UTC)


Id = Annotated[UUID, orm.mapped_column(sa.Uuid, primary_key=True, default=new_id)]
Instant = Annotated[datetime, orm.mapped_column(UTCDateTime)]
Code = Annotated[str, orm.mapped_column(sa.String(64))]
Name = Annotated[str, orm.mapped_column(sa.String(120))]
Json = Annotated[dict[str, Any], orm.mapped_column(JSONB)]
JsonList = Annotated[list[Any], orm.mapped_column(JSONB)]
Texts = Annotated[list[str], orm.mapped_column(sa.ARRAY(sa.String(64)))]


def ref(target: str, *, index: bool = True, **options: Any) -> Any:
    """A foreign key column to ``table.column``; never cascades, since nothing is soft here."""
    return orm.mapped_column(sa.ForeignKey(target), index=index, **options)


E = TypeVar("E", bound=StrEnum)


def one_of(enum: type[E], name: str) -> Any:
    """A text column held to the values of ``enum`` by a named check constraint."""
    kind = sa.Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=32,
        values_callable=lambda e: [member.value for member in e],
    )
    return orm.mapped_column(kind)


class Base(orm.DeclarativeBase):
    """Declarative base with our naming convention."""

    metadata = sa.MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate(directory="migrations", compare_type=True)

CONSTRAINT_MESSAGES: dict[str, Any] = {}
"""Constraint name -> what to tell the person; features add theirs where the model stands."""


def init_app(app: Flask, settings: Settings) -> None:
    """Configure the engine; no connection is made here."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "isolation_level": ISOLATION,
        "pool_pre_ping": True,
        # An error's text would otherwise quote what was being written about a person.
        "hide_parameters": True,
        "pool_size": settings.pool_size,
        "pool_timeout": settings.pool_wait_seconds,
        "max_overflow": settings.pool_size * 2,
        "connect_args": {
            "connect_timeout": 5,
            "options": (
                "-c timezone=UTC"
                f" -c statement_timeout={settings.statement_timeout_ms}"
                f" -c lock_timeout={settings.lock_timeout_ms}"
                " -c idle_in_transaction_session_timeout=60000"
            ),
        },
    }
    db.init_app(app)
    migrate.init_app(app, db)


def assert_isolation() -> None:
    """Prove at start-up that locks mean what the services think they mean.

    Raises:
        RuntimeError: the database or its role forces another isolation level.
    """
    level = db.session.scalar(sa.text("SHOW transaction_isolation"))
    db.session.rollback()
    if str(level).upper() != ISOLATION:
        raise RuntimeError(f"transaction isolation is {level}, must be {ISOLATION}")


@contextlib.contextmanager
def transaction() -> Iterator[orm.scoped_session[Any]]:
    """One unit of work: committed at the end, rolled back on any error.

    Raises:
        Conflict: a named constraint refused, with that name in its facts.
        Busy: a lock or a statement took longer than its limit.
        DiskFull: the database has no room left.
    """
    session = db.session
    try:
        yield session
        session.commit()
    except sa.exc.DBAPIError as error:
        session.rollback()
        raise translated(error) from error
    except BaseException:
        session.rollback()
        raise


def translated(error: sa.exc.DBAPIError) -> Exception:
    """The application's error for a database error, or the error itself when it is a defect."""
    cause = error.orig
    if isinstance(cause, (pg.LockNotAvailable, pg.DeadlockDetected, pg.QueryCanceled)):
        return Busy()
    if isinstance(cause, pg.DiskFull):
        return DiskFull()
    if isinstance(cause, pg.IntegrityError):
        name = cause.diag.constraint_name or "unnamed"
        return Conflict(CONSTRAINT_MESSAGES.get(name), constraint=name)
    if isinstance(cause, (pg.DataError,)):
        return InvalidInput()
    return error


def wake(channel: str, payload: str) -> None:
    """Tell other processes, at commit, that something happened: ids only, at most 8 kB."""
    db.session.execute(sa.select(sa.func.pg_notify(channel, payload)))


def lock_row(model: type[Any], key: UUID) -> Any:
    """Lock one row and read it afresh; None if it does not exist.

    The caller's docstring names the race that this stops. Lock order, everywhere:
    exam day, session, seat, case, sitting.
    """
    query = sa.select(model).where(model.id == key).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def advisory_lock(kind: str, key: str) -> None:
    """Hold a transaction-long lock on a name: for things that have no row of their own."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"{kind}:{key}"))))


def changed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with everything JSON cannot hold turned into text."""
    return {
        k: v if isinstance(v, (int, float, bool, type(None), list, dict)) else str(v)
        for k, v in facts.items()
    }
