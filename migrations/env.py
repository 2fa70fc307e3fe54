"""Alembic's environment: one connection, short locks, one migrator at a time."""

from alembic import context
from flask import current_app

from exam.db import UTCDateTime, db

MIGRATORS = 7_301_001


def plain_types(kind: str, item: object, _context: object) -> str | bool:
    """Migrations outlive our own types: write what the database sees."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate on the application's engine; a second migrator waits for the first."""
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATORS})")
        connection.exec_driver_sql("SET lock_timeout = '4s'")
        connection.commit()
        try:
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                render_item=plain_types,
                **current_app.extensions["migrate"].configure_args,
            )
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({MIGRATORS})")
            connection.commit()


def write_sql() -> None:
    """Print what would be done, for the lint and for offices that change their database by hand."""
    context.configure(dialect_name="postgresql", literal_binds=True, target_metadata=db.metadata)
    with context.begin_transaction():
        context.execute("SET lock_timeout = '4s'")
        context.execute("SET statement_timeout = '10min'")
        context.run_migrations()


if context.is_offline_mode():
    write_sql()
else:
    run()
