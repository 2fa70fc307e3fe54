"""One table says what is kept of people; it knows every column, and nothing that is not there."""

import html

import pytest
from flask import Flask
from flask.testing import FlaskClient

from exam.db import db
from exam.policy.pack import Pack
from exam.privacy import purposes
from exam.privacy.jobs import JOBS
from exam.privacy.retention import WORK
from exam.privacy.video import RULE
from exam.privacy.wording import KINDS, RULES
from exam.sealing import files


def own_columns() -> set[tuple[str, str]]:
    """Every column that says something of its own: keys only point at rows."""
    return {
        (table.name, column.name)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name != "id" and not column.name.endswith("_id")
    }


def test_every_column_is_in_the_table_or_named_as_no_persons(app: Flask) -> None:
    assert purposes.load().unclassified(own_columns()) == []


def test_a_column_that_nobody_classified_is_named(app: Flask) -> None:
    found = purposes.load().unclassified({*own_columns(), ("person", "shoe_size"), ("office", "x")})
    assert found == ["person.shoe_size"]


def test_the_table_names_nothing_that_is_not_there(app: Flask) -> None:
    table = purposes.load()
    there = {f"{x}.{y}" for x, y in own_columns()}
    named = {x for one in table.purpose for x in one.fields if not x.startswith("file:")}
    assert named | table.none.columns <= there
    assert table.none.tables <= set(db.metadata.tables)


def test_sealed_columns_and_folders_are_told_as_such(app: Flask) -> None:
    table = purposes.load()
    told = {x for one in table.purpose if one.sealed for x in one.fields}
    there = {f"{x}.{y}" for x, y in own_columns() if y.endswith("_sealed")}
    assert there | {f"file:{x}" for x in files.FOLDERS} <= told


def test_every_term_is_a_number_of_the_pack_and_a_rule_of_the_job(app: Flask) -> None:
    table, pack = purposes.load(), app.extensions["kaochang.pack"]
    assert isinstance(pack, Pack)
    terms = {x.term for x in table.purpose} - table.terms.keys()
    assert terms == {*WORK, RULE} == set(RULES)
    assert all(pack.integer(x) > 0 and pack[x].source for x in terms)
    assert {x.kind for x in table.purpose} == set(KINDS)
    assert [x.name for x in JOBS] == ["retention.erase"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_tells_every_purpose_in_the_readers_language(
    app: Flask, client: FlaskClient, language: str
) -> None:
    answer = client.get("/public/privacy", headers={"Accept-Language": language})
    page = html.unescape(answer.get_data(as_text=True))
    for one in purposes.load().purpose:
        assert one.told(language) in page
        assert one.why(language) in page


def test_a_field_in_two_purposes_is_refused() -> None:
    table = purposes.load().model_dump()
    table["purpose"] = [*table["purpose"], table["purpose"][0]]
    with pytest.raises(ValueError, match="stands twice"):
        purposes.Purposes.model_validate(table)
