"""One PostgreSQL for the whole run, one database for each worker."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from exam.processes.postgres import EmbeddedPostgres
from tests.databases import Databases
from tests.faults.small_disk import may_mount

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.application", "tests.browsers", "tests.compiled"]

# Workers inherit these from the process that started the server.
ADMIN_URL = "KAOCHANG_TEST_ADMIN_URL"
RUN = "KAOCHANG_TEST_RUN"

# The same examples in every run: a failure on one machine is a failure on all. Two busy cores make
# any time limit a lottery, and fixtures that hold a database are meant to be used by all examples.
settings.register_profile(
    "house",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("explore", settings.get_profile("house"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

_run = pytest.StashKey[contextlib.ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Starts the server at once where several workers will share it, else when it is wanted."""
    config.stash[_run] = contextlib.ExitStack()
    is_worker = hasattr(config, "workerinput")
    if not is_worker and getattr(config.option, "numprocesses", None):
        _start_server(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out, and counts as left out, what needs a disk that nobody may mount here."""
    disks = [x for x in items if "small_disk" in getattr(x, "fixturenames", ())]
    if disks and not may_mount():
        items[:] = [x for x in items if x not in disks]
        config.hook.pytest_deselected(items=disks)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends what this run started."""
    config.stash[_run].close()


def _start_server(config: pytest.Config) -> Databases:
    if ADMIN_URL not in os.environ:
        run = config.stash[_run]
        given = os.environ.get("DATABASE_URL")
        if not given:
            # A folder of its own: runs side by side never meet, and nothing is left.
            folder = run.enter_context(tempfile.TemporaryDirectory(prefix="kaochang-"))
            server = EmbeddedPostgres(Path(folder, "data"), durable=False)
            given = run.enter_context(server.running()).url()
        os.environ[ADMIN_URL], os.environ[RUN] = given, secrets.token_hex(4)
        run.callback(Databases(given, os.environ[RUN], "").drop_all)
        run.callback(os.environ.pop, ADMIN_URL)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    return Databases(os.environ[ADMIN_URL], os.environ[RUN], worker)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """The server of this run: makes migrated and blank databases."""
    return _start_server(request.config)


@pytest.fixture(scope="session")
def database_url(databases: Databases) -> Iterator[str]:
    """A migrated database of this worker's own; who fills it empties it (`databases.empty`)."""
    with databases.migrated("main") as url:
        yield url


@pytest.fixture
def fresh_database_url(databases: Databases) -> Iterator[str]:
    """A migrated database of this test's own, for what commits in several processes."""
    with databases.migrated("fresh") as url:
        yield url
