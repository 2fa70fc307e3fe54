"""`python3 -m tools demo | test | build | lock`, as `make` calls it."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from tools import browser, checks, environment, frontend
from tools.steps import PYTHON, ROOT, StepFailedError, answers, fail, one_at_a_time


def main() -> int:
    """Runs one command; gives its exit code."""
    # A shell that starts us in the background tells us to ignore interrupts; we never want that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="tools", description=__doc__)
    parser.add_argument("command", choices=("demo", "test", "build", "lock"))
    command, rest = parser.parse_known_args()
    os.chdir(ROOT)
    try:
        return _run(command.command, rest)
    except StepFailedError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("stopped")


def _run(command: str, rest: list[str]) -> int:
    with one_at_a_time():
        if command == "lock":
            environment.lock()
            return 0
        environment.ensure(dev=command == "test")
        frontend.ensure()
        if command == "test":
            # The Node that Playwright carries needs a library that a slim system lacks.
            os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(frontend.node())
            os.environ[browser.VARIABLE] = browser.ensure()
    if command == "test":
        checks.run_all(rest)
    if command == "demo":
        os.environ.setdefault("KAOCHANG_COMMIT", answers("git", "rev-parse", "HEAD") or "unknown")
        os.execv(PYTHON, [str(PYTHON), "-m", "exam.processes", "--demo", *rest])
    return 0


if __name__ == "__main__":
    sys.exit(main())
