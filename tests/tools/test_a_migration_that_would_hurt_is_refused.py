"""The lint of migrations bites."""

from __future__ import annotations

import pytest

from tools import migrations

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
