import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from exam.processes.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[2]

# Stands for the application's commands: they really use the database that they are given.
APPLICATION = """
    import os, signal, sys, time
    from http.server import BaseHTTPRequestHandler, HTTPServer
    import psycopg

    words = sys.argv[1:]
    if words[0] == "demo":
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            if words == ["demo", "seed"]:
                connection.execute("CREATE TABLE IF NOT EXISTS seeds (at timestamptz)")
                connection.execute("INSERT INTO seeds VALUES (now())")
            else:
                print("seeds", connection.execute("SELECT count(*) FROM seeds").fetchone()[0])
    elif words == ["camera", "list"]:
        print("gate-1")
    elif words[0] == "serve":
        class Page(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
            def log_message(self, *_): pass
        HTTPServer((words[1], int(words[2])), Page).serve_forever()
    else:
        print("working", *words)
        time.sleep(600)
"""

START = """
    import asyncio, sys
    from pathlib import Path
    from exam.processes import table
    from exam.processes.command import Command
    from exam.processes.demo import Demo, run
    from exam.processes.supervisor import Supervisor

    application, folder, port = sys.argv[1:]
    table.FLASK = (sys.executable, "-u", application)
    table.web = lambda *, host, port: Command(
        name="web", argv=(*table.FLASK, "serve", host, str(port)))
    demo = Demo(host="127.0.0.1", port=int(port), folder=Path(folder))
    sys.exit(asyncio.run(run(demo, Supervisor())))
"""


@dataclass
class Started:
    """A demo that runs; what it printed, and the processes it is made of."""

    process: subprocess.Popen[str]
    port: int
    lines: list[str] = field(default_factory=list)

    def until(self, text: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if text in line:
                return
        raise AssertionError("\n".join(self.lines))

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextlib.contextmanager
def demo(folder: Path, port: int) -> Iterator[Started]:
    application = folder.with_name("application.py")
    application.write_text(textwrap.dedent(APPLICATION))
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with subprocess.Popen(
        [sys.executable, "-u", "-c", textwrap.dedent(START), application, folder, str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        # Whoever waits for a line that never comes reads the end of the output instead.
        watchdog = threading.Timer(90, process.kill)
        watchdog.start()
        try:
            yield Started(process, port)
        finally:
            watchdog.cancel()
            process.kill()


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_starts_everything_and_an_interrupt_ends_everything(tmp_path: Path, port: int) -> None:
    with demo(tmp_path / "local", port) as first:
        first.until("seeds 1")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert answer.read() == b"ok"
        family = first.family()
        names = {process.name() for process in family}
        assert "postgres" in names
        # To the whole group, as a terminal does it.
        os.killpg(first.process.pid, signal.SIGINT)
        assert first.process.wait(30) == 0
        assert psutil.wait_procs(family, timeout=5)[1] == []
    with demo(tmp_path / "local", port) as second:
        second.until("seeds 2")


def test_a_killed_demo_leaves_nothing_and_the_next_finds_everything(
    tmp_path: Path, port: int
) -> None:
    with demo(tmp_path / "local", port) as first:
        first.until("seeds 1")
        family = first.family()
        first.process.kill()
        assert psutil.wait_procs(family, timeout=20)[1] == []
    with demo(tmp_path / "local", port) as second:
        second.until("seeds 2")


def test_a_killed_database_comes_back(tmp_path: Path, port: int) -> None:
    with demo(tmp_path / "local", port) as started:
        started.until("seeds 1")
        server = int((tmp_path / "local" / "postgres" / "postmaster.pid").read_text().split()[0])
        psutil.Process(server).kill()
        started.until("postgres ended with -9; starting it again")
        eventually(EmbeddedPostgres(tmp_path / "local" / "postgres").is_ready)


def test_a_port_in_use_is_named_with_the_way_out(tmp_path: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with demo(tmp_path / "local", port) as started:
            started.until(f"PORT {port} of 127.0.0.1 cannot be used")
            assert started.process.wait(60) == 1
            assert "make demo PORT=8001" in started.lines[-1]
    assert not (tmp_path / "local").exists()


def test_an_interrupt_during_the_preparation_ends_it_at_once(tmp_path: Path, port: int) -> None:
    with demo(tmp_path / "local", port) as started:
        eventually((tmp_path / "local" / "postgres" / "postmaster.pid").exists)
        started.process.send_signal(signal.SIGTERM)
        assert started.process.wait(60) == 0
