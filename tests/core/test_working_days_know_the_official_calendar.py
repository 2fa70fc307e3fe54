"""Working days: holidays, worked weekends, and years that are not announced."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from exam.policy import workdays

CN = workdays.load()
DAYS = st.dates(date(2025, 2, 1), date(2026, 11, 30))


def test_the_national_holiday_of_2026_is_free_and_its_worked_weekends_are_not() -> None:
    assert not CN.is_working(date(2026, 10, 5))
    assert CN.is_working(date(2026, 9, 20))
    assert CN.is_working(date(2026, 10, 10))
    assert not CN.is_working(date(2026, 10, 11))


def test_five_working_days_before_a_day_after_the_holiday() -> None:
    assert CN.before(date(2026, 10, 12), 5) == date(2026, 9, 29)


def test_a_year_without_an_announcement_says_so() -> None:
    assert CN.announced(2026)
    assert not CN.announced(2027)


@given(DAYS, st.integers(1, 10))
def test_before_and_after_are_working_days_and_count_back(day: date, count: int) -> None:
    earlier = CN.before(day, count)
    assert CN.is_working(earlier)
    assert earlier < day
    assert CN.after(earlier, count) >= day or CN.after(earlier, count) == CN.before(
        CN.after(day, 1), 1
    )
