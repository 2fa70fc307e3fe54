"""The compose file fits its schema, and each of our services' commands starts and works."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from exam.processes.alive import is_well
from exam.sealing import keyring
from tests.house.files import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


COMPOSE = ROOT / "docker-compose.yml"
PATIENCE = 240
"""Seconds until a service that does not start is given up; a started one is seen at once."""


def services() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text())["services"])


OURS = sorted(name for name, one in services().items() if one["image"] == "kaochang")


def test_the_file_fits_the_schema_of_compose() -> None:
    checker = str(ROOT / ".venv" / "bin" / "check-jsonschema")
    words = [checker, "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_schema_would_find_a_fault(tmp_path: Path) -> None:
    spoilt = tmp_path / "docker-compose.yml"
    spoilt.write_text(COMPOSE.read_text().replace("healthcheck:", "healthchek:", 1))
    checker = str(ROOT / ".venv" / "bin" / "check-jsonschema")
    words = [checker, "--builtin-schema", "vendor.compose-spec", str(spoilt)]
    assert subprocess.run(words, capture_output=True, check=False).returncode != 0


def test_every_service_of_the_issue_is_there() -> None:
    wanted = {"web", "live", "jobs", "cameras", "postgres", "redis", "mediamtx"}
    assert wanted <= set(services())


@pytest.fixture
def environment(fresh_database_url: str, tmp_path: Path) -> dict[str, str]:
    """What a container gets: nothing but the file's variables, with its secrets as files."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "database_url").write_text(fresh_database_url + "\n")
    (secrets / "secret_key").write_text("of the tests alone, and longer than it has to be\n")
    (secrets / "metrics_token").write_text("a token of the tests\n")
    keyring.write(keyring.new_ring(), secrets / "keys")
    (tmp_path / "data").mkdir()
    told = services()["web"]["environment"]
    given = {k: str(v).replace("/run/secrets", str(secrets)) for k, v in told.items()}
    given["KAOCHANG_TRUSTED_HOSTS"] = '["127.0.0.1", "web", "live"]'
    given["KAOCHANG_DATA_FOLDER"] = str(tmp_path / "data")
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **given}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """A service's own command as a process of its own group, its lines to be read."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *words[1:]],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.seen: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as told:
            for line in told:
                self.lines.put(line)
        self.lines.put(None)

    def until(self, met: Callable[[], bool]) -> None:
        """Ask again with every line, and every half second without one."""
        for _ in range(PATIENCE * 2):
            if met():
                return
            try:
                line = self.lines.get(timeout=0.5)
            except queue.Empty:
                continue
            assert line is not None, "".join(self.seen)
            self.seen.append(line)
        raise AssertionError("".join(self.seen))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        """Leave nothing, whatever became of it."""
        self.process.kill()
        self.process.wait()
        self.reader.join()


def test_the_schema_service_ends_well(environment: dict[str, str]) -> None:
    words = services()["schema"]["command"]
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [x for x in OURS if x != "schema"])
def test_a_service_starts_and_ends_when_told(
    environment: dict[str, str], fresh_database_url: str, name: str
) -> None:
    words = list(services()[name]["command"])
    port = free_port()
    if "--port" in words:
        words[words.index("--port") + 1] = str(port)

    def job_ran() -> bool:
        with psycopg.connect(
            f"postgresql://{fresh_database_url.partition('://')[2]}"
        ) as connection:
            row = connection.execute("SELECT count(*) FROM job_run WHERE state = 'done'").fetchone()
        return bool(row and row[0])

    service = Service(words, environment)
    met: dict[str, Callable[[], bool]] = {
        "web": lambda: is_well(port),
        "live": lambda: is_well(port),
        "jobs": job_ran,
        "cameras": lambda: any("vision.ready" in x for x in service.seen),
    }
    try:
        service.until(met[name])
        assert service.stop() == 0
    finally:
        service.kill()


def test_a_health_check_asks_the_port_of_its_service() -> None:
    for name in ("web", "live"):
        one = services()[name]
        assert one["healthcheck"]["test"][-1] == one["command"][-1]
        assert one["ports"] == [f"127.0.0.1:{one['command'][-1]}:{one['command'][-1]}"]


def test_nobody_serves_there_is_told_as_not_well() -> None:
    assert not is_well(free_port())


def test_a_secret_that_is_given_twice_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    environment["KAOCHANG_SECRET_KEY"] = "given twice, in a file and beside it, by mistake"
    words = services()["schema"]["command"]
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "KAOCHANG_SECRET_KEY and KAOCHANG_SECRET_KEY_FILE are both given" in done.stderr
