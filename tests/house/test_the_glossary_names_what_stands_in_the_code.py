"""The words of the field are the same in the glossary, in the code and on the pages."""

from flask import Flask

from exam.pages.role_names import ROLE_NAMES
from exam.people.roles import Role
from tools import glossary


def test_every_word_names_something_that_stands_in_the_code() -> None:
    assert glossary.missing() == []


def test_the_page_is_made_from_the_words_as_they_are() -> None:
    assert (glossary.DOCS / "glossary.md").read_text() == glossary.page()


def test_every_role_has_its_word_and_the_pages_call_it_so(app: Flask) -> None:
    words = {x.code.rpartition(".")[2]: x.zh for x in glossary.words() if ":Role." in x.code}
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert {role.name: str(ROLE_NAMES[role]) for role in Role} == words
