from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exam.registration import paging, review, school
from tests.registration.factories import accepted, registered

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from exam.people.roles import Actor
    from tests.registration.factories import House


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three rows, so that a handful of people fills several."""
    monkeypatch.setattr(paging.paged, "__kwdefaults__", {"size": 3})


def test_every_row_stands_on_one_page_and_in_one_order(house: House) -> None:
    registered(house, 8)
    seen = [school.candidates_of(house.clerk, page=n) for n in (1, 2, 3)]
    assert [len(x.cases) for x in seen] == [3, 3, 2]
    assert len({case.id for x in seen for case in x.cases}) == 8
    assert {(x.pages, x.hidden) for x in seen} == {(3, 0)}


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (3, 3), (4, 3), (9_999, 3)])
def test_a_number_beyond_the_list_gives_the_nearest_page(
    house: House, asked: int, given: int
) -> None:
    registered(house, 7)
    assert school.candidates_of(house.clerk, page=asked).page == given


def test_an_empty_list_has_one_page(house: House) -> None:
    found = review.waiting(house.reviewer, page=1)
    assert (list(found.rows), found.page, found.pages, found.total) == ([], 1, 1, 0)


def test_the_pages_lead_to_each_other_without_a_script(
    house: House, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    registered(house, 7)
    client = sign_in(house.clerk)
    first, last = client.get("/school/").text, client.get("/school/?page=3").text
    assert 'href="/school/?page=2"' in first
    assert 'rel="prev"' not in first
    assert 'href="/school/?page=2"' in last
    assert 'rel="next"' not in last
    for nonsense in ("x", "-1", "0", "9" * 30, ""):
        assert client.get(f"/school/?page={nonsense}").status_code == 200


def test_who_gave_no_mandate_is_counted_over_all_pages(house: House) -> None:
    from exam.db import transaction
    from exam.people.models import Mandate

    cases = accepted(house, 5)
    registered(house, 4, first=40)
    with transaction() as session:
        gone = session.query(Mandate).filter(
            Mandate.person_id.in_([x.person_id for x in cases[:2]])
        )
        for one in gone:
            one.revoked_at = one.given_at
    seen = [school.candidates_of(house.clerk, page=n) for n in (1, 2, 3)]
    assert [len(x.cases) for x in seen] == [3, 3, 1]
    assert {x.hidden for x in seen} == {2}
