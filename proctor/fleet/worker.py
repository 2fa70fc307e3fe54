"""A worker as the manager sees it: a process, a pipe to it, and a thread that hears it."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from proctor.fleet.orders import line

_ENDS_WITHIN = 20.0
LEAN = {"MALLOC_ARENA_MAX": "1"}
"""What a process with a thread for each of many cameras is started with: otherwise the C library
keeps a heap for every few threads, and each heap the most that any picture ever took there."""
Told = tuple["Worker", dict[str, Any]]


class Worker:
    """One process; what it tells goes into the manager's queue, at last that it is gone."""

    def __init__(self, told: queue.Queue[Told], key: Path | None) -> None:
        """Start it."""
        command = [sys.executable, "-m", "proctor.fleet.crew", *([str(key)] if key else [])]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | LEAN
        )
        self.pid = self._process.pid
        self.left_ms = float("inf")
        self._hearer = threading.Thread(target=self._hear, args=(told,), daemon=True)
        self._hearer.start()

    def order(self, message: dict[str, Any]) -> None:
        """Tell it to do something; a process that is gone has been told of already."""
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError, ValueError):
            pipe.write(line(message))
            pipe.flush()

    def finish(self) -> None:
        """Let it end its ledgers and itself."""
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError):
            pipe.close()

    def wait(self) -> int:
        """Return its exit code; one that does not end in time is killed."""
        self.finish()
        try:
            return self._process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            if threading.current_thread() is not self._hearer:
                self._hearer.join()

    def _hear(self, told: queue.Queue[Told]) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            for raw in pipe:
                # A line torn by a kill is nothing that was told.
                with contextlib.suppress(ValueError):
                    told.put((self, json.loads(raw)))
        told.put((self, {"state": "gone"}))
