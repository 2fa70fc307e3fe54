from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam.web.filters import clock, day, daytime, masked, number, percent

if TYPE_CHECKING:
    from flask import Flask

LATE = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)


def test_a_time_is_shown_on_the_clock_of_its_site(app: Flask) -> None:
    with app.test_request_context():
        assert day(LATE) == "2026年11月23日（周一）"
        assert clock(LATE) == "00:30"
        assert daytime(LATE, "Asia/Urumqi") == "2026年11月22日（周日）22:30"
        assert day(date(2027, 1, 2)) == "2027年1月2日（周六）"
        assert clock(time(9, 5)) == "09:05"


def test_english_readers_get_english_dates(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert daytime(LATE) == "Mon 23 Nov 2026 00:30"
        assert number(1234567) == "1,234,567"
        assert percent(0.374) == "37%"


def test_a_time_without_a_zone_is_an_error(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(ValueError, match="aware"):
        clock(LATE.replace(tzinfo=None))


def test_texts_outside_a_request_are_chinese(app: Flask) -> None:
    with app.app_context():
        assert day(date(2026, 11, 22)) == "2026年11月22日（周日）"


@given(st.text("0123456789X", max_size=24))
def test_masking_keeps_the_length_and_never_shows_the_middle(value: str) -> None:
    shown = masked(value)
    assert len(shown) == len(value)
    assert set(shown[4:-4] or "*") == {"*"}
    if len(value) <= 8:
        assert set(shown) <= {"*"}


def test_a_phone_number_keeps_its_ends() -> None:
    assert masked("13812345678", 3, 4) == "138****5678"
