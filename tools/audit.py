"""Asks whether a locked package has a known weakness; says so when nobody could be asked."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from tools.steps import ROOT, StepFailedError, say

if TYPE_CHECKING:
    from pathlib import Path

LOCK = ROOT / "requirements" / "base.txt"
PATIENCE = 120
UNASKED = (
    "the dependency audit could NOT ask about known weaknesses; ask from a machine with access"
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


def _report(program: Path, lock: Path) -> list[dict[str, Any]] | None:
    options = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json")
    try:
        done = subprocess.run(
            [str(program), *options, "--timeout=10", "-r", str(lock)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    return found
