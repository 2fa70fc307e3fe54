"""Databases for tests: made once by the migrations, then copied, emptied and dropped."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from psycopg import sql

from exam.processes.postgres import connect, create_database

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent

# It belongs to the schema and stays.
KEPT_TABLES = ("alembic_version",)


def migrate(url: str) -> None:
    """Brings an empty database to the newest schema, as an installation does it.

    Raises:
        RuntimeError: the migrations fail; the text is what they printed.
    """
    environment = {
        "KAOCHANG_SECRET_KEY": "of the tests alone, and longer than it has to be",
        "KAOCHANG_DATA_FOLDER": "unused",
        **os.environ,
        "DATABASE_URL": url,
    }
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "exam", "db", "upgrade"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the migrations failed:\n{done.stdout}{done.stderr}")


def at(url: str, database: str) -> str:
    """The address of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@dataclass(frozen=True)
class Databases:
    """Makes databases on one server for one worker of one run."""

    admin_url: str
    run: str
    worker: str

    @contextlib.contextmanager
    def migrated(self, purpose: str) -> Iterator[str]:
        """A database with the newest schema, dropped after the block."""
        name = f"kaochang_{self.run}_{self.worker}_{purpose}"
        create_database(self.admin_url, name, template=self._template())
        try:
            yield at(self.admin_url, name)
        finally:
            self._drop(name)

    @contextlib.contextmanager
    def blank(self, purpose: str) -> Iterator[str]:
        """A database without any table, dropped after the block."""
        name = f"kaochang_{self.run}_{self.worker}_{purpose}"
        create_database(self.admin_url, name)
        try:
            yield at(self.admin_url, name)
        finally:
            self._drop(name)

    def _template(self) -> str:
        """The name of the migrated original, made by whichever worker comes first."""
        name = f"kaochang_{self.run}_template"
        with connect(self.admin_url) as connection:
            # The race: two workers find no original at once and both make it.
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if found.fetchone() is None:
                # Renamed at the end, so that a failed migration leaves no half of an original.
                self._drop(f"{name}_new")
                create_database(self.admin_url, f"{name}_new")
                migrate(at(self.admin_url, f"{name}_new"))
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                connection.execute(
                    rename.format(sql.Identifier(f"{name}_new"), sql.Identifier(name))
                )
        return name

    def drop_all(self) -> None:
        """Drops whatever this run has made and not dropped."""
        with connect(self.admin_url) as connection:
            names = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s",
                [f"kaochang\\_{self.run}\\_%"],
            ).fetchall()
        for (name,) in names:
            self._drop(str(name))

    def _drop(self, name: str) -> None:
        with connect(self.admin_url) as connection:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(statement.format(sql.Identifier(name)))


def empty(url: str) -> None:
    """Takes every row out of the tables that have any; much faster than making a new database."""
    with connect(url) as connection:
        names = [
            sql.Identifier(schema, table)
            for schema, table in connection.execute(
                "SELECT schemaname, tablename FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') "
                "AND tablename <> ALL(%s)",
                [list(KEPT_TABLES)],
            ).fetchall()
        ]
        ask = sql.SQL("EXISTS (SELECT FROM {})")
        if not names:
            return
        filled = connection.execute(
            sql.SQL("SELECT {}").format(sql.SQL(", ").join(ask.format(name) for name in names))
        ).fetchone()
        full = [name for name, is_full in zip(names, filled or (), strict=True) if is_full]
        if full:
            listed = sql.SQL(", ").join(full)
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(listed))
