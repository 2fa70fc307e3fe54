"""On tiny rosters every engine answers what trying everything answers, and breaks no rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, combinations, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler import roster_patterns
from scheduler.roster import Duty, Rules, Worker, make_roster
from scheduler.roster_check import broken, faults, tally
from scheduler.roster_engines import Limits, cp_sat
from scheduler.roster_form import Form
from scheduler.roster_patterns import needs_of, shared_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.roster_rules import RosterRule

FRIDAY = datetime(2027, 3, 5, 8)  # noqa: DTZ001 (the site's civil time)
DAYS = [(FRIDAY + timedelta(at)).date().isoformat() for at in range(3)]
SITES = ("north", "south")
ROLES = ("examiner", "first_aider")

people = st.lists(
    st.builds(
        Worker,
        worker=st.just(""),
        roles=st.sets(st.sampled_from(ROLES), min_size=1).map(frozenset),
        classes=st.sampled_from([frozenset("*"), frozenset({"C1"}), frozenset({"A2", "C1"})]),
        avoids=st.sets(st.sampled_from(SITES), max_size=1).map(frozenset),
        away=st.sets(st.sampled_from(DAYS), max_size=1).map(frozenset),
        most_minutes=st.sampled_from((480, 720, 2400)),
        most_days=st.sampled_from((1, 2, 7)),
        senior=st.booleans(),
    ),
    min_size=1,
    max_size=3,
).map(lambda some: [replace(one, worker=f"w{at}") for at, one in enumerate(some)])


@st.composite
def shift(draw: st.DrawFn) -> Duty:
    begin = FRIDAY + timedelta(
        days=draw(st.integers(0, 2)), hours=draw(st.sampled_from((0, 4, 5, 11)))
    )
    return Duty(
        "",
        draw(st.sampled_from(SITES)),
        draw(st.sampled_from((*ROLES, "examiner"))),
        draw(st.integers(0, 2)),
        begin,
        begin + timedelta(hours=draw(st.sampled_from((4, 8)))),
        draw(st.sampled_from(("", "", "C1", "A2"))),
        draw(st.sampled_from((0, 0, 1))),
    )


shifts = st.lists(shift(), min_size=1, max_size=4).map(
    lambda some: [replace(one, duty=f"d{at}") for at, one in enumerate(some)]
)
wishes = st.builds(
    Rules,
    rest_minutes=st.sampled_from((0, 660)),
    most_days_at_site=st.sampled_from((0, 1, 2)),
    one_site_a_day=st.booleans(),
    spread_load=st.booleans(),
    may_be_short=st.booleans(),
)


def everything(workers: list[Worker], duties: list[Duty]) -> Iterator[dict[str, tuple[str, ...]]]:
    """Yield every way to put people to duties, no more of them than wanted."""
    names = [one.worker for one in workers]
    ways = [
        list(chain.from_iterable(combinations(names, size) for size in range(duty.count + 1)))
        for duty in duties
    ]
    for some in product(*ways):
        yield {duty.duty: at for duty, at in zip(duties, some, strict=True)}


@pytest.mark.parametrize("engine", ["both", "cp-sat", "highs"])
@settings(max_examples=60, deadline=None)
@given(people, shifts, wishes)
def test_no_way_to_put_people_to_duties_costs_less(
    engine: str, workers: list[Worker], duties: list[Duty], rules: Rules
) -> None:
    allowed = [
        tally(workers, duties, rules, way).cost
        for way in everything(workers, duties)
        if not [*broken(workers, duties, rules, way)]
    ]
    found = make_roster(workers, duties, rules, engine=engine)
    assert found.proven
    assert (found.conflict == ()) == bool(allowed)
    if allowed:
        assert (found.cost, found.bound) == (min(allowed), min(allowed))
        assert faults(workers, duties, rules, found) == []


@settings(max_examples=40, deadline=None)
@given(people, shifts, wishes)
def test_leaving_out_any_rule_of_a_conflict_ends_it(
    workers: list[Worker], duties: list[Duty], rules: Rules
) -> None:
    strict = replace(rules, may_be_short=False)
    found = make_roster(workers, duties, strict)
    conflict = {*found.conflict}
    form = Form(workers, duties, strict, explain=True)

    def impossible(kept: set[RosterRule]) -> bool:
        arrays = form.arrays(lambda row: row.rule is None or row.rule in kept)
        return cp_sat(arrays, Limits(10.0, 0.0)).impossible

    assert impossible(conflict) == bool(conflict)
    assert found.smallest
    assert not any(impossible(conflict - {rule}) for rule in conflict)


@settings(max_examples=20, deadline=None)
@given(people, shifts, wishes)
def test_days_with_too_many_combinations_are_planned_duty_by_duty(
    workers: list[Worker], duties: list[Duty], rules: Rules
) -> None:
    best = make_roster(workers, duties, rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roster_patterns, "MOST_CHOICES", 1)
        found = make_roster(workers, duties, rules)
    # Several smallest conflicts may exist; another way of looking may find another one.
    assert (found.cost, found.bound) == (best.cost, best.bound)
    assert bool(found.conflict) == bool(best.conflict)


def test_the_same_question_has_the_same_answer() -> None:
    workers = [
        Worker(
            f"w{at}", frozenset({"examiner"}), senior=at % 3 == 0, away=frozenset(DAYS[at % 4 :: 4])
        )
        for at in range(9)
    ]
    begins = [FRIDAY + timedelta(days=day, hours=hour) for day in range(3) for hour in (0, 5)]
    duties = [
        Duty(
            f"{site}{begin:%d%H}", site, "examiner", 3, begin, begin + timedelta(hours=4), seniors=1
        )
        for begin in begins
        for site in SITES
    ]
    rules = Rules(spread_load=True, may_be_short=True)
    found = make_roster(workers, duties, rules)
    assert found.proven
    assert make_roster(workers, duties, rules) == found


rooms = st.lists(
    st.integers(1, 3).flatmap(lambda count: st.tuples(st.just(count), st.integers(0, count))),
    min_size=1,
    max_size=4,
)


@given(rooms, st.data())
def test_people_of_duties_alike_are_shared_out_as_each_duty_wants(
    drawn: list[tuple[int, int]], data: st.DataObject
) -> None:
    end = FRIDAY + timedelta(hours=2)
    duties = [
        Duty(f"r{at}", "north", "invigilator", count, FRIDAY, end, seniors=seniors)
        for at, (count, seniors) in enumerate(drawn)
    ]
    (need,) = needs_of(duties)
    there = data.draw(st.integers(0, need.people))
    older = data.draw(st.integers(min(there, max(0, need.seniors - (need.people - there))), there))
    if older + need.people - there < need.seniors:
        return
    workers = [
        Worker(f"w{at}", frozenset({"invigilator"}), senior=at < older) for at in range(there)
    ]
    found = shared_out(need, workers)
    assert not [*broken(workers, duties, Rules(may_be_short=True), found)]
    assert sum(len(some) for some in found.values()) == there
