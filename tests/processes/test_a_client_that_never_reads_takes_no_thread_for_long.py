"""Clients that take nothing, or send half a request, hold as many threads as there are, and go."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THREADS = 2
WITHIN = 60.0
APPLICATION = """
import socket

from exam.processes.worker import BoundedWorker


class Quick(BoundedWorker):
    patience = {socket.SO_SNDTIMEO: 1, socket.SO_RCVTIMEO: 1}


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/large":
        return (b"x" * 1_000_000 for _ in range(200))
    return [b"here"]
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "large.py").write_text(APPLICATION)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    options = ["--worker-class", "large.Quick", "--threads", str(THREADS), "--no-control-socket"]
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{number}", *options),
            *("--pythonpath", str(tmp_path), "large:application"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            answered(number)
            yield number
        finally:
            server.kill()


def answered(port: int) -> None:
    """Ask for the small page until it comes."""
    deadline = time.monotonic() + WITHIN
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/small", timeout=WITHIN) as page:
                assert page.read() == b"here"
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert time.monotonic() < deadline, "nobody is served any more"
            time.sleep(0.05)


@pytest.mark.parametrize(
    "sent",
    [b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /small HTTP/1.1\r\nHo"],
    ids=["reads nothing", "sends half"],
)
def test_others_are_served_while_clients_do_nothing(port: int, sent: bytes) -> None:
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(4 * THREADS)]
    for one in idle:
        one.sendall(sent)
    answered(port)
    for one in idle:
        one.close()
