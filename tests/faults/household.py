"""A city whose processes a supervisor keeps, database included, while somebody kills them."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from exam.processes.command import Patience
from exam.processes.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exam.processes.command import Command
    from exam.processes.postgres import EmbeddedPostgres

# Killed again and again on purpose: nothing is ever given up, and nobody waits long.
PATIENCE = Patience(shortest=0.1, longest=0.5, healthy=0.0, attempts=10**6)
READY_WITHIN = 60.0


class Household:
    """The supervisor in a thread of its own, and a log of all that its processes print."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("a")
        self._loop = asyncio.new_event_loop()
        self._supervisor = Supervisor(write=self._write, patience=PATIENCE)
        self._marks: dict[str, tuple[str, ...]] = {}
        # A tethered program ends with the thread that started it, so this one stays to the end.
        self._thread = threading.Thread(target=self._loop.run_forever, name="household")
        self._thread.start()

    def keep(self, command: Command) -> None:
        """Begin to keep a command running."""
        self._marks[command.name] = command.argv
        self._loop.call_soon_threadsafe(self._supervisor.start, command)

    def processes(self, name: str) -> list[psutil.Process]:
        """The living processes of a command: the one started, and what it started itself."""
        found: list[psutil.Process] = []
        for child in psutil.Process(os.getpid()).children():
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if tuple(child.cmdline()) == self._marks[name]:
                    found += [child, *child.children(recursive=True)]
        return found

    def stop(self) -> None:
        """End them all in an orderly way."""
        asyncio.run_coroutine_threadsafe(self._supervisor.stop(), self._loop).result(READY_WITHIN)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._log.close()

    def told(self) -> str:
        """All that was printed so far."""
        self._log.flush()
        return Path(self._log.name).read_text(errors="replace")

    def _write(self, name: str, text: str) -> None:
        self._log.write(f"{name} | {text}\n")


def wait_for_database(postgres: EmbeddedPostgres) -> None:
    """Return as soon as the database answers."""
    deadline = time.monotonic() + READY_WITHIN
    while not postgres.is_ready():
        assert time.monotonic() < deadline, "the database does not answer"
        time.sleep(0.05)


class Killer(threading.Thread):
    """Ends processes without a word, at random moments."""

    def __init__(self, household: Household, names: Iterable[str], times: int, seed: int) -> None:
        super().__init__(name="killer")
        self.killed: Counter[str] = Counter()
        self.done = threading.Event()
        self._household, self._names, self._left = household, tuple(names), times
        self._random = random.Random(seed)
        self._stop_now = threading.Event()

    def run(self) -> None:
        """Kill the given number of times, with pauses in which something can come to life."""
        while self._left and not self._stop_now.wait(self._random.uniform(0.1, 2.5)):
            name = self._random.choice(self._names)
            victims = self._household.processes(name)
            if victims:
                with suppress(psutil.NoSuchProcess):
                    self._random.choice(victims).kill()
                    self.killed[name] += 1
                    self._left -= 1
        self.done.set()

    def give_up(self) -> None:
        """Kill nobody any more."""
        self._stop_now.set()
        self.join()
