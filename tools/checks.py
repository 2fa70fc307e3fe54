"""Everything `make test` checks, cheapest first; the first that fails ends the run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tools import audit, frontend
from tools.steps import ROOT, VENV, StepFailedError, run, say

if TYPE_CHECKING:
    from collections.abc import Sequence

BIN = VENV / "bin"

SLOWEST = 40
"""So many of the slowest tests are named at the end: the whole has to stay under 15 minutes."""

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
    for name, (tool, *words) in {} if arguments else STATIC.items():
        say(f"checking: {name}")
        try:
            run(BIN / tool, *words, env=env)
        except StepFailedError as error:
            raise StepFailedError(f"the check `{name}` failed; the tests have not run") from error
    if not arguments:
        audit.ask(BIN / "pip-audit")
        audit.ask_front_end(*frontend.npm())
    say("testing")
    run(BIN / "pytest", *("-n", "2", f"--durations={SLOWEST}", *arguments), cwd=ROOT, env=env)
