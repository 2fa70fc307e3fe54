from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from flask import request
from limits.storage import memory

from exam import config, create_app
from exam.errors import ConfigurationError
from exam.people.roles import Role
from tests.people.conftest import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from tests.people.conftest import Made

SCHOOL, HOME = "10.0.0.1", "10.0.0.2"


@pytest.fixture(autouse=True)
def counted_by_our_clock(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library reads the machine's clock; here it reads the one that the tests move."""

    class Time:
        @staticmethod
        def time() -> float:
            return clock.now().timestamp()

    monkeypatch.setattr(memory, "time", Time)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Of a hash that was cheap to make: checking it is cheap as well, and is the real check."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("right")


@pytest.fixture
def made(account: Callable[..., Made]) -> Made:
    return account(Role.CANDIDATE)


def tries(browser: FlaskClient, made: Made, count: int) -> list[str]:
    return [sign_in(browser, made, "wrong") for _ in range(count)]


def test_the_eleventh_wrong_password_waits_and_is_told_how_long(
    browser: Callable[..., FlaskClient], made: Made, clock: FixedClock
) -> None:
    here = browser(HOME)
    assert tries(here, made, 10) == ["422"] * 10
    answer = here.post("/sign-in", data={"username": made.username, "password": "right"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60 + 1
    assert answer.headers["Retry-After"] in answer.text
    clock.advance(timedelta(seconds=int(answer.headers["Retry-After"]) + 1))
    assert sign_in(here, made, "right") == "/inside"


def test_a_strangers_guesses_do_not_lock_the_owner_out(
    browser: Callable[..., FlaskClient], made: Made
) -> None:
    assert tries(browser(SCHOOL), made, 11)[-1] == "429"
    assert sign_in(browser(HOME), made, "right") == "/inside"


def test_a_whole_class_behind_one_address_gets_in(
    browser: Callable[..., FlaskClient], made: Made, account: Callable[..., Made]
) -> None:
    """What goes well is not counted, and one pupil's mistakes are her own."""
    assert {sign_in(browser(SCHOOL), made, "right") for _ in range(60)} == {"/inside"}
    stuck = account(Role.CANDIDATE, name="somebody-else")
    assert tries(browser(SCHOOL), stuck, 11)[-1] == "429"
    assert sign_in(browser(SCHOOL), made, "right") == "/inside"


def test_one_address_cannot_go_through_all_names(
    browser: Callable[..., FlaskClient], account: Callable[..., Made]
) -> None:
    here = browser(HOME)
    names = [account(Role.CANDIDATE, name=f"name-{n}") for n in range(201)]
    answers = [sign_in(here, x, "wrong") for x in names]
    assert answers == ["422"] * 200 + ["429"]


def test_messages_cost_money_and_are_few(browser: Callable[..., FlaskClient], made: Made) -> None:
    def ask(number: str) -> int:
        return browser().post("/sign-in/code", data={"document_number": number}).status_code

    assert [ask("330203199801031037") for _ in range(4)] == [303, 303, 303, 429]
    assert ask("33 0203199801031037") == 429, "the same number, written otherwise"
    assert ask("330203199801031038") == 303


def test_the_address_comes_through_the_offices_own_proxy_only(
    database_url: str, data_folder: object, clock: FixedClock
) -> None:
    def app(hops: int) -> Flask:
        return create_app(
            time=clock,
            DATABASE_URL=database_url,
            secret_key="x" * 40,
            data_folder=data_folder,
            trusted_proxies=hops,
        )

    seen = []
    for hops in (0, 1):
        made = app(hops)
        environ = {"REMOTE_ADDR": "10.9.9.9", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 10.1.1.1"}
        made.before_request(lambda: seen.append(request.remote_addr))
        made.test_client().get("/assets/none", environ_base=environ)
    assert seen == ["10.9.9.9", "10.1.1.1"], "a forged first entry is never believed"


def test_a_storage_that_is_none_is_named_at_the_start(data_folder: object) -> None:
    wrong = {"DATABASE_URL": "postgresql://x/y", "secret_key": "x" * 40, "data_folder": data_folder}
    assert config.load(**wrong).rate_limit_storage == "memory://"
    with pytest.raises(ConfigurationError):
        create_app(**wrong, rate_limit_storage="nowhere://")
