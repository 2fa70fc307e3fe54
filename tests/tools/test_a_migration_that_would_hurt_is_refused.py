"""The lint of migrations bites, and an audit that could not ask never looks like one that did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tools import audit, migrations
from tools.steps import StepFailedError

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = "SET lock_timeout = '4s'; SET statement_timeout = '10min';\n"


def test_every_new_migration_is_looked_at() -> None:
    found, sql = list(migrations.waiting()), migrations.statements()
    assert {x.contracts for x in found} == {True, False}
    assert {x.after for x in found} | migrations.RELEASED == sql.keys()
    assert all(x.after in sql[x.after] for x in found)
    assert all(migrations.problems(sql[x.after], contracts=x.contracts) == "" for x in found)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE person DROP COLUMN name;",
        "ALTER TABLE person ALTER COLUMN name SET NOT NULL;",
        "CREATE INDEX ix ON person (name);",
        "ALTER TABLE person RENAME COLUMN name TO called;",
    ],
)
def test_an_expanding_migration_may_not_break_the_release_before(statement: str) -> None:
    assert migrations.problems(LIMITS + statement, contracts=False)


def test_a_contracting_one_may_drop_but_not_rename() -> None:
    drop, rename = "ALTER TABLE person DROP COLUMN name;", "ALTER TABLE person RENAME TO people;"
    assert not migrations.problems(LIMITS + drop, contracts=True)
    assert migrations.problems(LIMITS + rename, contracts=True)


def program(folder: Path, told: str, code: int) -> Path:
    made = folder / "pip-audit"
    made.write_text(f"#!/bin/sh\ncat <<'END'\n{told}\nEND\nexit {code}\n")
    made.chmod(0o755)
    return made


def report(*vulns: str) -> str:
    return json.dumps({"dependencies": [{"name": "one", "version": "1", "vulns": [*vulns]}]})


def test_an_audit_that_could_not_ask_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.ask(program(tmp_path, "Connection refused", 1)) is False
    assert "could NOT ask" in capsys.readouterr().out


def test_an_audit_that_skipped_a_package_says_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.dumps({"dependencies": [{"name": "odd", "skip_reason": "not found"}]})
    assert audit.ask(program(tmp_path, told, 0)) is False
    assert "odd" in capsys.readouterr().out


def test_a_known_weakness_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="one 1"):
        audit.ask(program(tmp_path, report("CVE-1"), 1))


def test_nothing_known_is_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.ask(program(tmp_path, report(), 0)) is True
    assert "NOT" not in capsys.readouterr().out
