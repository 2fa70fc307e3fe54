"""The migrations make exactly the tables of the models, and their names stay named."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from exam.db import assert_isolation, db


def test_a_migrated_database_has_nothing_to_add_or_drop(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_every_constraint_has_a_name(app: Flask) -> None:
    nameless = [
        (table.name, type(constraint).__name__)
        for table in db.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert nameless == []


def test_every_constraint_is_called_alike_in_both(app: Flask) -> None:
    """Alembic compares no checks, and what a refusal tells the person is found by its name."""
    made = db.session.execute(
        sa.text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE contype IN ('c', 'f', 'p', 'u', 'x') AND connamespace = 'public'::regnamespace "
            "AND conrelid <> 'alembic_version'::regclass"
        )
    )
    quote = db.engine.dialect.identifier_preparer.format_constraint
    meant = {
        (table.name, quote(constraint).strip('"'))
        for table in db.metadata.sorted_tables
        for constraint in table.constraints
    }
    assert {(table.strip('"'), name) for table, name in made} == meant


def test_locks_can_be_trusted(app: Flask) -> None:
    assert_isolation()
    assert db.session.scalar(sa.text("SHOW lock_timeout")) == "3s"
    assert db.session.scalar(sa.text("SHOW statement_timeout")) == "30s"
