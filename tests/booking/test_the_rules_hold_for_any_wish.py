from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from exam.booking import plan_rules, rules
from exam.booking.rules import Applicant, Offered, Wish
from exam.policy.eligibility import Eligibility
from exam.policy.subjects import LicenceClass, Subject
from tests.booking.factories import CALENDAR, PACK, ZONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from exam.people.roles import Actor
    from tests.booking.factories import Candidate

    Enter = Callable[[Actor], FlaskClient]
    Crowd = tuple[list[Candidate], UUID]


START = date(2026, 3, 2)
days = st.integers(0, 20).map(lambda n: START + timedelta(days=n))
words = st.frozensets(st.sampled_from(["stepfree", "textscreen"]))
classes = st.frozensets(st.sampled_from(["C1", "C2", "*"]), min_size=1)
offers = st.lists(
    st.builds(
        Offered,
        id=st.integers(1, 8).map(lambda n: UUID(int=n)),
        site=st.sampled_from(["north", "south"]),
        subject=st.sampled_from(Subject),
        date=days,
        pools=st.lists(st.tuples(classes, words), max_size=3).map(tuple),
    ),
    max_size=8,
    unique_by=lambda x: x.id,
)
wishes = st.builds(
    Wish,
    case_id=st.just(UUID(int=99)),
    subject=st.sampled_from(Subject),
    choices=st.lists(st.integers(1, 9).map(lambda n: UUID(int=n)), max_size=6).map(tuple),
    any_session=st.booleans(),
    area=st.lists(st.sampled_from(["north", "south", "moon"]), max_size=2).map(tuple),
    earliest=st.none() | days,
    latest=st.none() | days,
    use_credit=st.booleans(),
)


@st.composite
def applicants(draw: st.DrawFn) -> Applicant:
    return Applicant(
        LicenceClass.C1,
        draw(words),
        Eligibility(Subject.S1, draw(days), draw(days)),
        tuple(draw(st.lists(st.tuples(days, days), max_size=2))),
        draw(st.booleans()),
    )


@given(offers, wishes, applicants())
def test_a_wish_that_passes_can_be_served_lawfully(
    offered: list[Offered], wish: Wish, who: Applicant
) -> None:
    known = {x.id: x for x in offered}
    round_days = (START, START + timedelta(days=20))
    if rules.wish_refusals(wish, who, known, round_days, PACK):
        return
    state, chosen = who.eligibility, [known[x] for x in wish.choices]
    first, last = rules.window_of(wish, [x.date for x in chosen], round_days, state)
    assert state.earliest is not None
    assert state.latest is not None
    assert state.earliest <= first <= last <= state.latest
    assert all(x.subject is wish.subject and first <= x.date <= last for x in chosen)
    assert all(x.fits("C1", who.needs) for x in chosen)
    assert len(set(wish.choices)) == len(wish.choices) <= PACK.integer("booking.max_choices")
    assert chosen or any(x.fits("C1", who.needs) and first <= x.date <= last for x in offered)
    assert not any(a <= last and first <= b for a, b in who.taken)
    assert who.credit or not wish.use_credit


@given(st.integers(0, 250))
def test_applications_close_on_a_working_day_and_before_results(offset: int) -> None:
    first = date(2026, 2, 1) + timedelta(days=offset)
    closes = rules.closing_time(first, PACK, CALENDAR, ZONE)
    assert CALENDAR.is_working(closes.date())
    assert closes.date() < rules.results_by(first, PACK, CALENDAR) < first
    between = [closes.date() + timedelta(days=n) for n in range(1, (first - closes.date()).days)]
    working = sum(CALENDAR.is_working(x) for x in between)
    assert working == PACK.integer("booking.close_before_working_days") - 1


@given(st.integers(0, 40))
def test_a_plan_is_late_exactly_when_it_is_fewer_days_ahead_than_the_rule(ahead: int) -> None:
    late = plan_rules.lead_refusal(START, START + timedelta(days=ahead), PACK)
    assert (late is not None) == (ahead < PACK.integer("plan.publish_lead_days"))


@given(st.binary(min_size=32, max_size=32), st.uuids())
def test_a_lot_is_what_anybody_recomputes(seed: bytes, application: UUID) -> None:
    text = hashlib.sha256(seed + str(application).encode()).hexdigest()
    assert rules.lot(seed.hex(), str(application)) == int(text[:16], 16) >> 1


def test_cancelling_ends_with_the_working_day_before() -> None:
    until = rules.cancel_until(date(2026, 8, 17), PACK, CALENDAR, ZONE)
    assert until == datetime.combine(date(2026, 8, 15), time(), until.tzinfo)


def test_a_year_without_an_official_calendar_is_named() -> None:
    assert rules.not_announced([date(2026, 12, 30), date(2027, 1, 5)], CALENDAR) == [2027]
