from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from exam.policy.eligibility import CaseFacts, PermitFacts, assess
from exam.policy.spans import months_later
from exam.policy.subjects import LicenceClass, Pathway, Subject
from exam.registration.rules import CardNumber, read_number
from tests.registration.factories import PACK, card_number

DAYS = st.dates(date(1920, 1, 1), date(2026, 1, 1))
ORDERS = st.integers(0, 999)
PLACES = st.sampled_from(["330203", "330213", "330110", "810000", "820000", "830000", "110105"])


@given(DAYS, ORDERS, PLACES)
def test_a_sound_number_tells_birth_date_and_sex(born: date, order: int, place: str) -> None:
    number = card_number(born, order, place)
    assert mod_11_2.is_valid(number)
    assert read_number(number) == CardNumber(born, bool(order % 2))


@given(DAYS, ORDERS, PLACES, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_never_passes(
    born: date, order: int, place: str, at: int, other: str
) -> None:
    number = card_number(born, order, place)
    changed = number[:at] + other + number[at + 1 :]
    assert changed == number or isinstance(read_number(changed), str)


@given(st.text(max_size=20))
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(read_number(text), (str, CardNumber))


@given(DAYS, st.integers(0, 60))
def test_months_later_lands_in_the_month_that_is_meant(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


@given(
    st.sampled_from(list(LicenceClass)),
    st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    st.integers(0, 60),
    st.none() | st.integers(0, 60),
)
def test_no_subject_opens_before_its_wait_nor_after_the_permit(
    licence: LicenceClass, issued: date, age: int, failed: int | None
) -> None:
    today = issued + timedelta(days=age)
    end = issued + timedelta(days=1094)
    facts = CaseFacts(
        licence,
        Pathway.FIRST,
        accepted=True,
        permit=PermitFacts(issued, end),
        passed=frozenset({Subject.S1}),
        last_failed_on={} if failed is None else {Subject.S2: issued + timedelta(days=failed)},
    )
    found = assess(Subject.S2, facts, PACK, today=today)
    assert found.open
    assert found.earliest is not None
    assert today <= found.earliest <= end
    wait = PACK.by("wait.s2_after_permit_days", licence) or 0
    assert found.earliest >= issued + timedelta(days=wait)
    if failed is not None:
        rest = PACK.by("attempt.rebook_wait_days", Subject.S2) or 0
        assert (found.earliest - issued).days - failed > rest
