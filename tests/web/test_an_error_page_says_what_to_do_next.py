from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from flask.testing import FlaskClient

CODES = [400, 403, 404, 409, 413, 429, 500, 503, 507]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", CODES)
def test_the_page_is_sound_and_offers_a_step(client: FlaskClient, code: int, language: str) -> None:
    client.set_cookie("lang", language)
    page = client.get(f"/errors/{code}?reference=R-77&message=座位已满").text
    assert page_problems(page) == []
    assert {"zh": "您可以这样做", "en": "What you can do"}[language] in page
    assert "R-77" in page
    assert "座位已满" in page
    assert 'href="tel:12123"' in page


@pytest.mark.parametrize(("code", "like"), [(401, 400), (405, 400), (502, 500)])
def test_a_rare_status_is_told_in_the_words_of_its_class(
    client: FlaskClient, code: int, like: int
) -> None:
    assert client.get(f"/errors/{code}").text.split("<main")[1] == client.get(
        f"/errors/{like}"
    ).text.split("<main")[1].replace(f"/errors/{like}", f"/errors/{code}")


def test_a_wait_is_told_in_seconds_where_it_is_known(client: FlaskClient) -> None:
    assert "请等待 30 秒后再试" in client.get("/errors/429?retry_after=30").text
    assert "请等待一分钟后再试" in client.get("/errors/429").text
