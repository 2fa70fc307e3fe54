"""`python -m tools.migrations`: what each migration would do to a database at work, by squawk.

A migration that expands runs beside the release before and has to pass whole. One that contracts
(its file's name ends so) runs when no process of the release before is left and the pages rest for
a moment; what then blocks for the length of a scan is allowed, and nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tools.steps import ROOT, VENV, StepFailedError, fail, say

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ROOT / "migrations" / "versions"
BIN = VENV / "bin"
REVISION = re.compile(r"""^revision = ['"](\w+)['"]""", re.MULTILINE)
STEP = re.compile(r"^-- Running upgrade .*-> (\w+)$", re.MULTILINE)
END = "COMMIT;"
RELEASED = frozenset({"f660449d1d45", "b1f2a7c4d903"})
"""Made before there was anything at work; they are not changed any more."""

HOUSE = {
    "prefer-robust-stmts": "a migration is one transaction: half of it never stands",
    "prefer-text-field": "a length is a promise of the model, and a test compares them",
    "prefer-bigint-over-int": "counts of one run; keys are UUIDs",
    "ban-drop-constraint": "only for a wider one in the same transaction; a test compares them",
    "ban-drop-not-null": "the release before always fills them, the next one does not know them",
}
CONTRACT = {
    "ban-drop-column": "that is what contracting means",
    "adding-not-nullable-field": "the rows were filled before; the scan is seconds",
    "constraint-missing-not-valid": "the same scan",
    "disallowed-unique-constraint": "the same scan",
    "require-concurrent-index-creation": "nobody writes meanwhile",
}


class Migration(NamedTuple):
    """One file: where it leads, and which of two kinds it is."""

    name: str
    after: str
    contracts: bool


def waiting() -> Iterator[Migration]:
    """The migrations that are looked at, in the order of their files."""
    for path in sorted(FOLDER.glob("*.py")):
        found = REVISION.search(path.read_text())
        if found is None:
            raise StepFailedError(f"{path.name}: no revision")
        if found[1] not in RELEASED:
            yield Migration(path.name, found[1], path.stem.endswith("_contract"))


def statements() -> dict[str, str]:
    """What each migration does, as Alembic prints it without a database.

    Returns:
        SQL by the revision it leads to, each beginning with the limits that all begin with.
    """
    env = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody@nowhere/none",
        "KAOCHANG_SECRET_KEY": "of the lint alone, and longer than it has to be",
        "KAOCHANG_DATA_FOLDER": "unused",
    }
    words = ("-m", "flask", "--app", "exam", "db", "upgrade", "--sql", "base:head")
    done = subprocess.run(
        [str(BIN / "python"), *words], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    # One transaction holds all of them when printed; at work each has its own.
    limits, *parts = STEP.split(done.stdout.rstrip().removesuffix(END))
    return {after: limits + sql + END for after, sql in zip(parts[::2], parts[1::2], strict=True)}


def problems(sql: str, *, contracts: bool) -> str:
    """What squawk says against statements; empty where it says nothing."""
    allowed = ",".join(HOUSE | CONTRACT if contracts else HOUSE)
    done = subprocess.run(
        [
            str(BIN / "squawk"),
            "--pg-version=18",
            f"--exclude={allowed}",
            "--no-error-on-unmatched-pattern",
        ],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main() -> int:
    """Look at all; the exit code."""
    wrong, sql = 0, statements()
    for one in waiting():
        said = problems(sql[one.after], contracts=one.contracts)
        if said:
            say(f"{one.name}\n{said}")
            wrong += 1
    return fail(f"{wrong} migrations would hurt a database at work") if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
