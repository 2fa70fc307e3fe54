"""The whole installation on one machine from one command: database, demo city, processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from exam.processes import table
from exam.processes.installation import Installation, start
from exam.processes.postgres import EmbeddedPostgres, PostgresError, ensure_database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from exam.processes.supervisor import Supervisor

DATABASE = "kaochang"
READY_WITHIN = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Where the demo runs.

    Attributes:
        host: address it listens on.
        port: and its port.
        folder: where everything lies that has to be found again (`.local`).
        database_url: a database of the caller's; None for the embedded one.
    """

    host: str
    port: int
    folder: Path
    database_url: str | None = None


async def run(demo: Demo, supervisor: Supervisor) -> int:
    """Runs the demo until it is told to end or cannot go on; gives the exit code."""
    supervisor.listen_to_signals()
    trouble = port_trouble(demo.host, demo.port)
    if trouble:
        supervisor.give_up(trouble)
        return supervisor.exit_code
    demo.folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(_settings(demo))
    postgres = None if demo.database_url else EmbeddedPostgres(demo.folder / "postgres")
    try:
        if postgres is None or await _start_database(postgres, supervisor):
            await _start_city(demo, supervisor)
        await supervisor.over.wait()
    finally:
        await supervisor.stop()
        if postgres:
            postgres.release()
    return supervisor.exit_code


async def _start_database(postgres: EmbeddedPostgres, supervisor: Supervisor) -> bool:
    try:
        await asyncio.to_thread(postgres.prepare)
    except PostgresError as error:
        supervisor.give_up(str(error))
        return False
    supervisor.start(postgres.command())

    async def ready() -> bool:
        return await asyncio.to_thread(postgres.is_ready)

    if not await _until(ready, supervisor, "the embedded database does not answer"):
        return False
    await asyncio.to_thread(ensure_database, postgres.url(), DATABASE)
    os.environ["DATABASE_URL"] = postgres.url(DATABASE)
    return True


async def _start_city(demo: Demo, supervisor: Supervisor) -> None:
    """Pages before the rest: whoever started the demo waits for them, on two cores perhaps."""
    if not await supervisor.once(table.flask("city", "demo", "seed")):
        return
    pages, others = (
        Installation(host=demo.host, port=demo.port, parts=parts)
        for parts in (("web",), set(table.PARTS) - {"web"})
    )
    if not await start(pages, supervisor):
        return
    welcome = asyncio.create_task(supervisor.ask(table.flask("demo", "demo", "hello")))

    async def ready() -> bool:
        return await answers_http(demo.host, demo.port, "/healthz")

    served = await _until(ready, supervisor, "no page is served")
    lines = await welcome
    if served and lines is not None:
        supervisor.show("demo", lines)
        await start(others, supervisor)


async def _until(
    ready: Callable[[], Awaitable[bool]], supervisor: Supervisor, otherwise: str
) -> bool:
    clock = asyncio.get_running_loop().time
    deadline = clock() + READY_WITHIN
    while not await ready():
        if supervisor.over.is_set():
            return False
        if clock() > deadline:
            supervisor.give_up(f"{otherwise} within {READY_WITHIN:g} s")
            return False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(supervisor.over.wait(), 0.1)
    return not supervisor.over.is_set()


async def answers_http(host: str, port: int, path: str) -> bool:
    """Whether a server answers a request for `path` at all, well or not."""
    writer = None
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(_reachable(host), port)
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {_reachable(host)}\r\n\r\n".encode())
            return (await reader.readline()).startswith(b"HTTP/")
    except (OSError, TimeoutError):
        return False
    finally:
        if writer:
            writer.close()


def port_trouble(host: str, port: int) -> str | None:
    """Why nobody can listen there, in one sentence with the way out; None if it is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server itself does it, so that connections of an earlier start do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return (
                f"PORT {port} of {host} cannot be used ({error.strerror}): "
                "end what uses it or choose another, as in `make demo PORT=8001`"
            )
    return None


def _reachable(host: str) -> str:
    """Where to reach a server that listens on `host`, which may stand for every address."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    everywhere = "::1" if address.version == 6 else "127.0.0.1"
    return everywhere if address.is_unspecified else host


def _settings(demo: Demo) -> dict[str, str]:
    data = demo.folder.resolve() / "data"
    data.mkdir(exist_ok=True)
    settings = {
        "HOST": demo.host,
        "PORT": str(demo.port),
        "KAOCHANG_DEMO": "true",
        "KAOCHANG_SECURE_COOKIES": "false",
        "KAOCHANG_DATA_FOLDER": str(data),
    }
    if "KAOCHANG_SECRET_KEY" not in os.environ:
        settings["KAOCHANG_SECRET_KEY"] = _secret(demo.folder / "secret")
    return settings


def _secret(path: Path) -> str:
    """A secret of this checkout's own: kept, so that sign-ins outlive a new start."""
    with contextlib.suppress(FileExistsError), path.open("x") as file:
        path.chmod(0o600)
        file.write(secrets.token_urlsafe(32))
    return path.read_text()
