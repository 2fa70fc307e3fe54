import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from exam.processes.command import Command, Patience
from exam.processes.supervisor import Supervisor

ROOT = Path(__file__).parents[2]
QUICK = Patience(shortest=0.01, longest=0.05, healthy=5, attempts=3)


def python(name: str, code: str, **more: object) -> Command:
    return Command(name=name, argv=(sys.executable, "-u", "-c", textwrap.dedent(code)), **more)


class Heard:
    """Collects lines and lets a test wait for one."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.news = asyncio.Event()

    def __call__(self, name: str, text: str) -> None:
        self.lines.append((name, text))
        self.news.set()

    def texts(self, name: str) -> list[str]:
        return [text for who, text in self.lines if who == name]

    async def until(self, name: str, start: str, times: int = 1) -> None:
        async with asyncio.timeout(20):
            while sum(text.startswith(start) for text in self.texts(name)) < times:
                self.news.clear()
                await self.news.wait()


def test_each_line_comes_with_the_name_of_its_program() -> None:
    async def scene() -> Heard:
        heard = Heard()
        supervisor = Supervisor(write=heard)
        code = "import sys; print('out 考场'); print('err', file=sys.stderr)"
        assert await supervisor.once(python("a", code))
        return heard

    assert sorted(asyncio.run(scene()).texts("a")) == ["err", "out 考场"]


def test_what_dies_is_started_again() -> None:
    async def scene() -> None:
        heard = Heard()
        supervisor = Supervisor(write=heard, patience=QUICK)
        supervisor.start(python("a", "print('up'); raise SystemExit(3)", mandatory=False))
        await heard.until("a", "up", times=QUICK.attempts + 2)
        await supervisor.stop()
        assert supervisor.exit_code == 0

    asyncio.run(scene())


def test_a_mandatory_program_that_cannot_stay_up_ends_everything_as_failed() -> None:
    async def scene() -> None:
        heard = Heard()
        supervisor = Supervisor(write=heard, patience=QUICK)
        supervisor.start(python("steady", "import time; time.sleep(60)"))
        supervisor.start(python("broken", "raise SystemExit(4)"))
        async with asyncio.timeout(20):
            await supervisor.over.wait()
        await supervisor.stop()
        assert supervisor.exit_code == 1
        assert "stopping: broken ended 3 times in a row, last with 4" in heard.texts("kaochang")

    asyncio.run(scene())


def test_a_program_that_does_not_exist_says_so() -> None:
    async def scene() -> Heard:
        heard = Heard()
        await Supervisor(write=heard).once(Command(name="a", argv=("kaochang-no-such-program",)))
        return heard

    texts = asyncio.run(scene()).texts("a")
    assert texts == ["kaochang-no-such-program cannot be started: No such file or directory"]


def test_one_who_ignores_the_request_is_killed_with_its_children() -> None:
    stubborn = """
        import signal, subprocess, sys
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print("child", child.pid)
        child.wait()
    """

    async def scene() -> int:
        heard = Heard()
        supervisor = Supervisor(write=heard)
        supervisor.start(python("a", stubborn, grace=0.3))
        await heard.until("a", "child")
        await supervisor.stop()
        return int(heard.texts("a")[0].split()[1])

    assert gone(asyncio.run(scene()))


ADOPTER = """
    import os, subprocess, sys, time
    grandchild = subprocess.Popen(["sleep", "30"], start_new_session=GROUP)
    print("grandchild", grandchild.pid)
    LAST
"""


def test_a_death_is_seen_even_where_a_grandchild_still_holds_the_output() -> None:
    async def scene() -> list[int]:
        heard = Heard()
        supervisor = Supervisor(write=heard, patience=QUICK)
        code = ADOPTER.replace("GROUP", "True").replace("LAST", "")
        supervisor.start(python("a", code, mandatory=False))
        async with asyncio.timeout(15):
            await heard.until("a", "grandchild", times=2)
        await supervisor.stop()
        return [int(text.split()[1]) for text in heard.texts("a")]

    for pid in asyncio.run(scene()):
        psutil.Process(pid).kill()


def test_a_program_that_ends_when_asked_does_not_wait_for_its_children() -> None:
    async def scene() -> Heard:
        heard = Heard()
        supervisor = Supervisor(write=heard)
        code = ADOPTER.replace("GROUP", "False").replace("LAST", "time.sleep(600)")
        supervisor.start(python("a", code, grace=60))
        await heard.until("a", "grandchild")
        async with asyncio.timeout(15):
            await supervisor.stop()
        return heard

    heard = asyncio.run(scene())
    assert gone(int(heard.texts("a")[0].split()[1]))
    assert heard.texts("kaochang") == []


def test_the_first_to_start_is_the_last_to_end() -> None:
    polite = """
        import signal, sys, time
        def end(*_):
            print("ending", time.monotonic()); time.sleep(0.2); print("ended", time.monotonic())
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        print("up")
        while True: time.sleep(1)
    """

    async def scene() -> Heard:
        heard = Heard()
        supervisor = Supervisor(write=heard)
        supervisor.start(python("database", polite, first=True))
        supervisor.start(python("web", polite))
        await heard.until("database", "up")
        await heard.until("web", "up")
        await supervisor.stop()
        return heard

    heard = asyncio.run(scene())
    at = {
        (name, *text.split()[:1]): float(text.split()[1])
        for name, text in heard.lines
        if " " in text
    }
    assert at["web", "ended"] <= at["database", "ending"]


def test_a_very_long_line_does_not_end_the_relay() -> None:
    async def scene() -> Heard:
        heard = Heard()
        await Supervisor(write=heard).once(python("a", "print('x' * 3_000_000); print('after')"))
        return heard

    assert asyncio.run(scene()).texts("a")[-1] == "after"


def test_a_step_that_is_interrupted_is_ended() -> None:
    async def scene() -> None:
        heard = Heard()
        supervisor = Supervisor(write=heard)
        step = asyncio.ensure_future(
            supervisor.once(python("a", "print('up'); import time; time.sleep(60)"))
        )
        await heard.until("a", "up")
        supervisor.request_stop()
        async with asyncio.timeout(10):
            assert await step is False
        assert supervisor.exit_code == 0

    asyncio.run(scene())


SUPERVISED = """
    import asyncio, sys
    from exam.processes.command import Command
    from exam.processes.supervisor import Supervisor

    async def main():
        supervisor = Supervisor()
        supervisor.listen_to_signals()
        supervisor.start(Command(name="a", argv=(sys.executable, "-u", "-c",
            "import os, time; print('pid', os.getpid()); time.sleep(600)")))
        await supervisor.over.wait()
        await supervisor.stop()
        return supervisor.exit_code

    sys.exit(asyncio.run(main()))
"""


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGKILL, -9)],
)
def test_nothing_outlives_the_supervisor(number: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        # As a shell's background job: the supervisor must listen to interrupts all the same.
        [
            "sh",
            "-c",
            'trap "" INT; exec "$@"',
            "sh",
            sys.executable,
            "-c",
            textwrap.dedent(SUPERVISED),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline().split()[-1])
        os.kill(supervisor.pid, number)
        assert supervisor.wait(20) == code
    assert gone(child)


def gone(pid: int) -> bool:
    for _ in range(500):
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False
