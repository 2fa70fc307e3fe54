"""A database that is away is no defect: whoever asks reads that nothing was lost, and waits."""

from pathlib import Path

import pytest
from flask import Flask

from exam import create_app
from tests.web.page_check import page_problems

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture(params=[False, True], ids=["office", "demo"])
def cut_off(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    return create_app(
        DATABASE_URL=NOWHERE,
        secret_key="of the tests alone, and longer than it has to be",
        data_folder=tmp_path,
        demo=request.param,
        secure_cookies=False,
    )


@pytest.mark.parametrize("path", ["/public/", "/public/plans", "/board/W1"])
def test_a_page_without_a_database_is_an_error_page_that_says_so(cut_off: Flask, path: str) -> None:
    answer = cut_off.test_client().get(path)
    assert answer.status_code == 503
    assert page_problems(answer.text) == []
    assert "Traceback" not in answer.text


def test_a_form_that_is_sent_without_a_database_answers_in_its_language(cut_off: Flask) -> None:
    answer = cut_off.test_client().post(
        "/sign-in", data={"username": "clerk"}, headers={"Accept": "application/json"}
    )
    assert answer.status_code in {400, 503}
    assert answer.mimetype == "application/problem+json"
