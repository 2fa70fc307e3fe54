from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from exam import config
from exam.errors import ConfigurationError
from exam.people.password_rules import LONGEST, Weakness, weakness
from exam.people.passwords import USUAL, rules_of
from exam.people.roles import Role
from tests.people.conftest import PASSWORD, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from tests.people.conftest import Made

ABOUT = ("wang.xiaoming", "330203199801031037", "13800001234")
COMMON = [
    "12345678",
    "87654321",
    "11111111",
    "12121212",
    "123123123",
    "1234abcd1234abcd",
    "abcdefgh",
    "qwertyui",
    "Qwertyuiop",
    "1qaz2wsx",
    "password",
    "Password1",
    "P@ssw0rd",
    "passw0rd!",
    "PASSWORD2026",
    "admin123",
    "iloveyou",
    "woaini1314",
    "woaini520!",
    "zhongguo2026",
    "5201314520131452",
    "kaoshi2026",
    "jiaxiao123",
    "asdfghjkl",
    "aaaaaaaaaaaa",
]
BREACHED = ["startrek", "superman1", "1qaz2wsx3edc", "Liverpool2026", "ch3ls3af", "zaq12wsx"]
"""Of published breaches; none of them stands in our own list."""
GOOD = [
    "four words in a row",
    "kaochang-demo",
    "雨后的青石板路很滑呀",
    "vjx7 qmru",
    "correcthorsebattery",
    "I like 红烧肉 best",
    "password of my own making",
]


@pytest.mark.parametrize("password", COMMON)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert weakness(password, least=8) is Weakness.COMMON


@pytest.mark.parametrize("password", BREACHED)
def test_what_was_breached_elsewhere_is_refused(password: str) -> None:
    assert weakness(password, least=8) is Weakness.COMMON


def test_the_list_of_breached_ones_is_long_and_asks_nobody_outside() -> None:
    """The suite runs without a network; a shorter list of a later release would be seen here."""
    listed = [x for x in FREQUENCY_LISTS["passwords"] if len(x) >= 8]
    assert len(listed) > 10_000
    assert [x for x in listed if weakness(x, least=8) is None] == []


@pytest.mark.parametrize("password", ["x9483726451", "kq 7302 5518", "7-4.11 Trx"])
def test_a_short_core_is_no_sign_of_a_bad_one(password: str) -> None:
    assert weakness(password, least=8, about=ABOUT) is None


@pytest.mark.parametrize("password", GOOD)
def test_a_good_one_needs_no_digit_no_sign_and_no_capital(password: str) -> None:
    assert weakness(password, least=8, about=ABOUT) is None


@pytest.mark.parametrize(
    "password",
    ["wang.xiaoming", "wang.xiaoming1", "Wang.Xiaoming2026", "13800001234", "199801031037"],
)
def test_ones_own_name_and_numbers_are_refused(password: str) -> None:
    assert weakness(password, least=8, about=ABOUT) in {Weakness.OWN, Weakness.COMMON}
    assert weakness(password, least=8, about=ABOUT) is not None


@given(st.text(max_size=7))
def test_a_short_one_is_refused_whatever_is_in_it(password: str) -> None:
    assert weakness(password, least=8) is Weakness.SHORT


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=24, max_size=LONGEST))
def test_long_and_mixed_is_always_taken(password: str) -> None:
    if len(set(password)) > 12:
        assert weakness(password, least=12) in {None, Weakness.COMMON}


def test_staff_need_more_than_candidates_and_no_installation_may_ask_for_less() -> None:
    common = {"DATABASE_URL": "postgresql://x/y", "secret_key": "x" * 40, "data_folder": "."}
    assert rules_of(config.load(**common)) == USUAL
    for weaker in ({"password_min_staff": 11}, {"password_min_candidate": 7}):
        with pytest.raises((ConfigurationError, ValidationError)):
            config.load(**common, **weaker)


@pytest.mark.parametrize(
    ("role", "password", "status"),
    [
        (Role.CANDIDATE, "vjx7qmru", 303),
        (Role.REVIEWER, "vjx7qmru", 422),
        (Role.REVIEWER, "vjx7qmru wks", 303),
        (Role.CANDIDATE, "candidate1", 422),
    ],
)
def test_the_page_says_how_long_and_takes_what_fits(
    browser: Callable[..., FlaskClient],
    account: Callable[..., Made],
    role: Role,
    password: str,
    status: int,
) -> None:
    here = browser()
    sign_in(here, account(role))
    page = here.get("/account/password").text
    assert ("12" if role is Role.REVIEWER else "8") in page
    assert 'autocomplete="new-password"' in page
    assert "onpaste" not in page
    given = {"old": PASSWORD, "password": password}
    assert here.post("/account/password", data=given).status_code == status
