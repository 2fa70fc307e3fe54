"""Processes that help to work a list off, for an engine that holds the interpreter's lock.

Helpers are programs of their own (`scheduler.crewmate`). They are not forked, since the process
that asks may have threads, whose locks a fork would copy in whatever state they are in; and not
spawned by `multiprocessing`, which would run the main module of whoever asks once more. A helper
ends when its input ends, hence also after a process that was killed.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from scheduler.errors import SolveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scheduler.engines import Engine

#: Applications that make up for the quarter of a second that a helper needs to start.
WORTH = 60_000

Answer_co = TypeVar("Answer_co", covariant=True)


class Task(Protocol[Answer_co]):
    """A piece of work that needs nothing but an engine and can be handed to another process."""

    def answer(self, engine: Engine) -> Answer_co:
        """Do the work."""
        ...


class Crew:
    """Some helpers and the process that asks, which works as well.

    Args:
        engine: The engine of this process; helpers have one of the same name.
        helpers: Processes to start.
    """

    def __init__(self, engine: Engine, helpers: int) -> None:
        self.engine = engine
        self.helpers: list[Helper] = []
        # Where no process can be started the work is done without.
        with suppress(OSError):
            self.helpers.extend(Helper(engine.name) for _ in range(helpers))

    def __enter__(self) -> Self:
        """Return the crew; its helpers are on their way."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End the helpers, whatever they are at."""
        for helper in self.helpers:
            helper.end()

    @property
    def peak_mb(self) -> int:
        """The most memory that the helpers have taken, added up."""
        return sum(helper.peak_mb for helper in self.helpers)

    def each(self, tasks: Iterable[Task[Answer_co]]) -> Iterator[Answer_co]:
        """Yield the answers in any order.

        Raises:
            SolveError: A helper was ended from outside.
            Exception: Whatever a task has raised.
        """
        line, answers = Line(tasks), SimpleQueue[Any]()
        for helper in self.helpers:
            helper.begin(line, answers)
        busy = len(self.helpers)
        while (task := line.next()) is not None:
            yield task.answer(self.engine)
            with suppress(Empty):
                while True:
                    done = answers.get_nowait()
                    busy -= done is None
                    yield from _told(done)
        while busy:
            done = answers.get()
            busy -= done is None
            yield from _told(done)


def _told(done: Any) -> Iterator[Any]:
    """Yield an answer, raise a failure, and do nothing where a helper has come to its end."""
    if isinstance(done, BaseException):
        raise done
    if done is not None:
        yield done[0]


class Line:
    """Tasks that several threads take from."""

    def __init__(self, tasks: Iterable[Any]) -> None:
        self.tasks = iter(tasks)
        self.lock = Lock()

    def next(self) -> Any:
        """Return the next task, None at the end.

        Race stopped: two threads asking a generator at once, which it refuses.
        """
        with self.lock:
            return next(self.tasks, None)


class Helper:
    """One process, with a thread that feeds it and one that listens to it.

    The next task waits in the pipe while the helper is at work, so that it need not wait for a
    thread of a process whose interpreter is locked.
    """

    def __init__(self, engine: str) -> None:
        self.peak_mb = 0
        self.threads: list[Thread] = []
        self.process = subprocess.Popen(  # noqa: S603 (this interpreter, a module of ours)
            [sys.executable, "-P", "-m", "scheduler.crewmate", engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
            # An interrupt from the keyboard is for whoever asks, who then ends the helper.
            start_new_session=True,
        )

    def begin(self, line: Line, answers: SimpleQueue[Any]) -> None:
        """Work a line off; `answers` gets tuples of one answer, failures, and None at the end."""
        self.threads = [
            Thread(target=self._feed, args=(line, answers), daemon=True),
            Thread(target=self._listen, args=(answers,), daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        """End the process, and then the threads, whose pipes are closed by that."""
        self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):
                if pipe:
                    pipe.close()

    def _feed(self, line: Line, answers: SimpleQueue[Any]) -> None:
        pipe: Any = self.process.stdin
        try:
            while True:
                task = line.next()
                pipe.write(pickle.dumps(task, protocol=5))
                pipe.flush()
                if task is None:
                    return
        except OSError:
            return  # The helper is gone, which the listening thread says.
        except Exception as error:  # noqa: BLE001 (it is raised by whoever asked)
            answers.put(error)

    def _listen(self, answers: SimpleQueue[Any]) -> None:
        pipe: Any = self.process.stdout
        try:
            while True:
                done, self.peak_mb = pickle.load(pipe)  # noqa: S301 (written by our own helper)
                answers.put(done)
                if done is None or isinstance(done, BaseException):
                    return
        except (EOFError, OSError, pickle.UnpicklingError):
            answers.put(
                SolveError(
                    "a helping process ended before its work was done; solve again, or on 1 thread"
                )
            )
