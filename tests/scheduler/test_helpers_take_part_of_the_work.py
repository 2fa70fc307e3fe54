"""Other processes help with large rounds, change no byte, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from scheduler.api import SolveError, solve
from scheduler.crew import Crew, Helper, Line
from scheduler.engines import Engine, OrToolsEngine
from scheduler.plans import plan_files
from tests.scheduler.crowded_rounds import crowded
from tests.scheduler.small_rounds import build

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Square:
    """A task whose answer says who did it."""

    number: int

    def answer(self, engine: Engine) -> tuple[int, str, int]:
        return self.number**2, engine.name, os.getpid()


@dataclass(frozen=True)
class Fails:
    def answer(self, _engine: Engine) -> None:
        raise SolveError("this one cannot be answered")


@dataclass(frozen=True)
class Ends:
    def answer(self, _engine: Engine) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def told_by(helper: Helper, *tasks: Any) -> list[Any]:
    """Let a helper alone work some tasks off; return what it told until it came to an end."""
    answers = SimpleQueue[Any]()
    helper.begin(Line(tasks), answers)
    told = [answers.get()]
    while isinstance(told[-1], tuple):
        told.append(answers.get())
    return told


def test_a_helper_answers_one_list_after_another() -> None:
    with Crew(OrToolsEngine(), 1) as crew:
        (helper,) = crew.helpers
        for numbers in ((3, 4, 5), (), (6,)):
            told = told_by(helper, *map(Square, numbers))
            answers = [((number**2, "ortools", helper.process.pid),) for number in numbers]
            assert told == [*answers, None]
        assert crew.peak_mb > 10


def test_all_hands_together_answer_every_task_once() -> None:
    with Crew(OrToolsEngine(), 2) as crew:
        for count in (200, 0, 7):
            found = [answer[0] for answer in crew.each(map(Square, range(count)))]
            assert sorted(found) == [number**2 for number in range(count)]


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_is_the_same_with_helpers(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = build(*crowded(seed))
    alone = plan_files(found, solve(found), parquet=False)
    monkeypatch.setattr("scheduler.solving.WORTH", 1)
    helped = solve(found, threads=2)
    files = plan_files(found, helped, parquet=False)
    for name in ("assignments.csv", "refused.csv", "certificate.json"):
        assert files[name] == alone[name]


def test_a_failure_is_raised_where_it_was_asked_for() -> None:
    with Crew(OrToolsEngine(), 1) as crew:
        told = told_by(crew.helpers[0], Fails())
        assert isinstance(told[0], SolveError)
        assert str(told[0]) == "this one cannot be answered"
    with Crew(OrToolsEngine(), 1) as crew, pytest.raises(SolveError, match="cannot be answered"):
        list(crew.each(iter([Fails()] * 3)))


def test_a_helper_that_is_ended_from_outside_is_told_in_one_line() -> None:
    with Crew(OrToolsEngine(), 1) as crew:
        told = told_by(crew.helpers[0], Ends(), Square(1))
        assert isinstance(told[0], SolveError)
        assert "ended before its work was done" in str(told[0])


def test_whatever_happens_no_helper_is_left() -> None:
    crew = Crew(OrToolsEngine(), 2)

    def interrupted() -> None:
        with crew:
            for _ in crew.each(map(Square, range(10_000))):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    for helper in crew.helpers:
        assert helper.process.returncode == -signal.SIGKILL
        assert not any(thread.is_alive() for thread in helper.threads)


KILLED = """
import os
from scheduler.crew import Crew
from scheduler.engines import OrToolsEngine
from tests.scheduler.test_helpers_take_part_of_the_work import Square
answers = Crew(OrToolsEngine(), 2).each(map(Square, range(10**6)))
while next(answers)[2] == os.getpid():
    pass
os._exit(7)
"""


def test_a_helper_ends_without_a_word_after_a_process_that_was_killed() -> None:
    # Helpers inherit the pipe for errors, which is at its end only when the last of them is gone.
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (7, "")


def test_without_another_process_the_work_is_done_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_words: object, **_more: object) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr("scheduler.crew.subprocess.Popen", refused)
    with Crew(OrToolsEngine(), 2) as crew:
        assert [answer[0] for answer in crew.each(map(Square, range(4)))] == [0, 1, 4, 9]


def test_an_interrupt_from_the_keyboard_reaches_only_who_asked() -> None:
    with Crew(OrToolsEngine(), 1) as crew:
        process = crew.helpers[0].process
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
