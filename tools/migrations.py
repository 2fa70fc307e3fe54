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

from tools.steps import ROOT, VENV, fail, say

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ROOT / "migrations" / "versions"
BIN = VENV / "bin"
STEPS = re.compile(r"""^(revision|down_revision) = ['"](\w+)['"]""", re.MULTILINE)
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
    """One file: where it starts, where it ends, and which of two kinds it is."""

    name: str
    before: str
    after: str
    contracts: bool


def waiting() -> Iterator[Migration]:
    """The migrations that are looked at, in the order of their files."""
    for path in sorted(FOLDER.glob("*.py")):
        found = dict(STEPS.findall(path.read_text()))
        if found["revision"] not in RELEASED:
            contracts = path.stem.endswith("_contract")
            yield Migration(path.name, found["down_revision"], found["revision"], contracts)


def sql_of(one: Migration) -> str:
    """The statements of a migration, as Alembic prints them without a database."""
    env = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody@nowhere/none",
        "KAOCHANG_SECRET_KEY": "of the lint alone, and longer than it has to be",
        "KAOCHANG_DATA_FOLDER": "unused",
    }
    words = ("-m", "flask", "--app", "exam", "db", "upgrade", "--sql", f"{one.before}:{one.after}")
    done = subprocess.run(
        [str(BIN / "python"), *words], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


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
    wrong = 0
    for one in waiting():
        said = problems(sql_of(one), contracts=one.contracts)
        if said:
            say(f"{one.name}\n{said}")
            wrong += 1
    return fail(f"{wrong} migrations would hurt a database at work") if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
