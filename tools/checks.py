"""Everything `make test` checks, cheapest first; the first that fails ends the run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from typing import TYPE_CHECKING

from tools import audit, frontend
from tools.steps import ROOT, VENV, StepFailedError, run, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BIN = VENV / "bin"

SLOWEST = 40
"""So many of the slowest tests are named at the end: the whole has to stay under 15 minutes."""

EXAMPLE = ROOT / "tests" / "scheduler" / "examples" / "first" / "round"

STATIC = {
    "ruff (rules)": ("ruff", "check", "--quiet"),
    "ruff (format)": ("ruff", "format", "--check", "--quiet"),
    "mypy": ("mypy",),
    "import contracts": ("lint-imports", "--no-cache", "--no-logo"),
    "migrations": ("python", "-m", "tools.migrations"),
    "templates": ("djlint", "templates", "--lint", "--quiet"),
}


def run_all(arguments: Sequence[str] = ()) -> None:
    """Runs the static checks, then the tests on two processes.

    Args:
        arguments: given on to pytest; with any, the static checks are left out.

    Raises:
        StepFailedError: a check failed; it has printed what and where.
    """
    # Tools find each other (djlint, pybabel, flask) as they would in an activated environment.
    env = {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    if arguments:
        _test(arguments, env)
        return
    with _compiling():
        for name, (tool, *words) in STATIC.items():
            say(f"checking: {name}")
            try:
                run(BIN / tool, *words, env=env)
            except StepFailedError as error:
                raise StepFailedError(
                    f"the check `{name}` failed; the tests have not run"
                ) from error
        audit.ask(BIN / "pip-audit")
        audit.ask_front_end(*frontend.npm())
    _test((), env)


def _test(arguments: Sequence[str], env: Mapping[str, str]) -> None:
    say("testing")
    run(BIN / "pytest", *("-n", "2", f"--durations={SLOWEST}", *arguments), cwd=ROOT, env=env)


@contextlib.contextmanager
def _compiling() -> Iterator[None]:
    """Compiles the fast engine on the second core meanwhile, by solving the example round.

    It keeps what it compiled, so that two workers of the tests need not wait a minute for it. If it
    fails nothing is lost: the tests compile for themselves and say what is wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        words = (
            "-m",
            "scheduler",
            "solve",
            str(EXAMPLE),
            "--out",
            f"{folder}/plan",
            "--engine",
            "fast",
        )
        with subprocess.Popen(
            [str(BIN / "python"), *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ):
            yield
