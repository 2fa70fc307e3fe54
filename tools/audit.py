"""Asks whether a locked package has a known weakness; says so when nobody could be asked."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from tools.frontend import SOURCES
from tools.steps import ROOT, StepFailedError, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LOCK = ROOT / "requirements" / "base.txt"
PATIENCE = 120
UNASKED = (
    "the dependency audit could NOT ask about known weaknesses; ask from a machine with access"
)
UNASKED_FRONT_END = (
    "the front end's audit could NOT ask about known weaknesses; ask from a machine with access"
)


def ask(program: Path, lock: Path = LOCK) -> bool:
    """Audit the packages that an installation runs; whether the question was answered.

    Raises:
        StepFailedError: a locked package has a known weakness.
    """
    say("checking: known weaknesses of locked packages")
    report = _report(program, lock)
    if report is None:
        say(UNASKED)
        return False
    weak = [f"{x['name']} {x['version']}" for x in report if x.get("vulns")]
    if weak:
        raise StepFailedError(f"known weaknesses: {', '.join(weak)}; lock newer releases")
    skipped = [x["name"] for x in report if x.get("skip_reason")]
    if skipped:
        say(f"{UNASKED}: {', '.join(skipped)}")
    return not skipped


def ask_front_end(
    npm: Sequence[str | Path], env: Mapping[str, str], folder: Path = SOURCES
) -> bool:
    """Audit the packages that pages bring to a browser; whether the question was answered.

    What only builds and tests them (`devDependencies`) reaches nobody and is not asked about.

    Args:
        npm: the words that start npm (`tools.frontend.npm`).
        env: what its environment needs besides.
        folder: where the lock lies.

    Raises:
        StepFailedError: a locked package has a known weakness.
    """
    say("checking: known weaknesses of the front end's locked packages")
    words = (*npm, "audit", "--package-lock-only", "--omit=dev", "--json")
    found = _printed(words, cwd=folder, env={**os.environ, **env})
    known = found.get("vulnerabilities") if isinstance(found, dict) else None
    if not isinstance(known, dict):
        # A refusal is printed as JSON too, with a message in the place of the list.
        say(UNASKED_FRONT_END)
        return False
    weak = [f"{name} ({told.get('severity', 'unrated')})" for name, told in known.items()]
    if weak:
        raise StepFailedError(
            f"known weaknesses in the front end: {', '.join(weak)}; lock newer releases"
        )
    return True


def _report(program: Path, lock: Path) -> list[dict[str, Any]] | None:
    options = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json")
    found = _printed((program, *options, "--timeout=10", "-r", lock))
    listed = found.get("dependencies") if isinstance(found, dict) else None
    return listed if isinstance(listed, list) else None


def _printed(
    words: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Any:
    """The JSON that a command prints, whatever it ended with; None where it prints none."""
    try:
        done = subprocess.run(
            [str(x) for x in words],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
