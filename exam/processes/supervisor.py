"""Keeps programs running and ends them all together.

Each program runs in a process group of its own, so that an interrupt typed at the terminal reaches
the supervisor alone and the order of the end is the supervisor's. Whatever a program leaves behind
in its group is killed with it, and a killed supervisor takes its programs along (`tether`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exam.processes.command import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from exam.processes.command import Command

TETHER = str(Path(__file__).with_name("tether.py"))
LONGEST_LINE = 1 << 20
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def tethered(command: Command) -> list[str]:
    """The argument vector that starts a command tied to the life of this process."""
    number = str(int(command.stop_signal))
    # Isolated and without site-packages: it starts in a few milliseconds and imports nothing else.
    own = [sys.executable, "-I", "-S", TETHER, str(os.getpid()), number, command.user]
    return [*own, *command.argv]


def kill_group(pid: int) -> None:
    """Kills whatever is left of the process group that `pid` leads."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


@dataclass(slots=True)
class _Kept:
    command: Command
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    keeper: asyncio.Task[None] | None = None


class Supervisor:
    """Starts commands, starts them again when they end, ends them all.

    Used from one event loop. `over` is set once the whole thing has to end: by a signal, by
    `request_stop`, or because a mandatory command could not stay up (`exit_code` is then 1).
    """

    def __init__(
        self,
        *,
        write: Callable[[str, str], None] | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Takes what gets each line (name, text) and how failures are met."""
        self.over = asyncio.Event()
        self.exit_code = 0
        self._write = write or print_line
        self._patience = patience or Patience()
        self._kept: list[_Kept] = []
        self._hurry = asyncio.Event()

    def listen_to_signals(self) -> None:
        """Ends on interrupt, termination and hang-up; the second signal kills at once."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.request_stop)

    def request_stop(self) -> None:
        """Asks for the end; asking again makes it immediate."""
        if self.over.is_set():
            self._hurry.set()
        self.over.set()

    def start(self, command: Command) -> None:
        """Begins to keep a command running."""
        kept = _Kept(command)
        kept.keeper = asyncio.get_running_loop().create_task(self._keep(kept))
        self._kept.append(kept)

    async def once(self, command: Command) -> bool:
        """Runs a command to its end, its output shown; whether it ended well and unhindered.

        A mandatory one that fails ends everything.
        """
        code = await self._run(command, self.over, self._write)
        if code and command.mandatory and not self.over.is_set():
            self.give_up(f"{command.name} ended with {code}")
        return code == 0 and not self.over.is_set()

    async def ask(self, command: Command) -> list[str] | None:
        """Runs a command to its end and gives the lines it printed; None if it did not end well."""
        lines: list[str] = []
        code = await self._run(command, self.over, lambda _, line: lines.append(line))
        if code and not self.over.is_set():
            self.show(command.name, lines)
            self.give_up(f"{command.name} ended with {code}")
        return None if code or self.over.is_set() else lines

    def show(self, name: str, lines: Sequence[str]) -> None:
        """Prints lines under a name, as if a command of that name had printed them."""
        for line in lines:
            self._write(name, line)

    def give_up(self, reason: str) -> None:
        """Ends everything as failed, for a reason that is shown."""
        self._say(f"stopping: {reason}")
        self.exit_code = 1
        self.over.set()

    async def stop(self) -> None:
        """Ends every command, those marked `first` last, and waits until they are gone."""
        self.over.set()
        for first in (False, True):
            await self._stop([kept for kept in self._kept if kept.command.first is first])
        self._kept.clear()

    async def _stop(self, some: Sequence[_Kept]) -> None:
        for kept in some:
            kept.stop.set()
        await asyncio.gather(*(kept.keeper for kept in some if kept.keeper))

    async def _keep(self, kept: _Kept) -> None:
        name, clock, failures = kept.command.name, asyncio.get_running_loop().time, 0
        while not kept.stop.is_set():
            began = clock()
            code = await self._run(kept.command, kept.stop, self._write)
            if kept.stop.is_set():
                return
            failures = 1 if clock() - began >= self._patience.healthy else failures + 1
            if kept.command.mandatory and failures >= self._patience.attempts:
                self.give_up(f"{name} ended {failures} times in a row, last with {code}")
                return
            pause = self._patience.pause(failures)
            self._say(f"{name} ended with {code}; starting it again in {pause:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(kept.stop.wait(), pause)

    async def _run(
        self, command: Command, stop: asyncio.Event, write: Callable[[str, str], None]
    ) -> int:
        # A pipe of our own: asyncio's would make the end of a program wait for everybody who
        # inherited it, and a dead program with a living grandchild would seem alive.
        reading, writing = os.pipe()
        relay = asyncio.ensure_future(_relay(reading, command.name, write))
        try:
            process = await asyncio.create_subprocess_exec(
                *tethered(command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **command.env},
                start_new_session=True,
            )
        finally:
            os.close(writing)
        ended = asyncio.ensure_future(process.wait())
        await _first_of(ended, stop)
        if not ended.done():
            process.send_signal(command.stop_signal)
            await _first_of(ended, self._hurry, within=command.grace)
        if not ended.done():
            self._say(f"{command.name} did not end in time and is killed")
        kill_group(process.pid)
        await ended
        # A grandchild in a group of its own may still hold the pipe: its lines are not waited for.
        await asyncio.wait({relay}, timeout=1)
        relay.cancel()
        return ended.result()

    def _say(self, text: str) -> None:
        self._write("kaochang", text)


async def _first_of(
    task: asyncio.Future[Any], event: asyncio.Event, *, within: float | None = None
) -> None:
    waiting: asyncio.Future[Any] = asyncio.ensure_future(event.wait())
    await asyncio.wait({task, waiting}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


async def _relay(reading: int, name: str, write: Callable[[str, str], None]) -> None:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
    )
    with contextlib.closing(transport):
        while True:
            try:
                line = await reader.readline()
            except ValueError:
                write(name, f"(a line of more than {LONGEST_LINE} bytes is left out)")
                continue
            if not line:
                return
            write(name, line.decode(errors="replace").rstrip())


def print_line(name: str, text: str) -> None:
    """Prints a line with its program's name; a reader who has gone is no reason to fail."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{name:<9}| {text}\n")
        sys.stdout.flush()
