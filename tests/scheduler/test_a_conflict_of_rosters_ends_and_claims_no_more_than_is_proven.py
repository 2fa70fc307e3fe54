"""The search for the rules in conflict ends where its work does, and says what is not proven."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.roster import Duty, Roster, Rules, Worker, make_roster
from scheduler.roster_conflict import conflict_of
from scheduler.roster_engines import Limits, cp_sat
from scheduler.roster_form import Form
from scheduler.roster_groups import Groups, kinds_of
from scheduler.roster_naming import named
from scheduler.roster_question import Question
from scheduler.roster_rules import Code, RosterRule, rules_of
from tests.scheduler.test_a_roster_is_the_best_there_is import people, shifts, wishes

MONDAY = datetime(2027, 3, 1, 8)  # noqa: DTZ001 (the site's civil time)
HALF_DAY = timedelta(hours=4)
EXAMINER = frozenset({"examiner"})


def impossible(
    workers: list[Worker], duties: list[Duty], rules: Rules, kept: set[RosterRule]
) -> bool:
    """Ask with a variable for each person and duty, each rule a row of its own."""
    form = Form(workers, duties, replace(rules, may_be_short=False), explain=True)
    arrays = form.arrays(lambda row: row.rule is None or row.rule in kept)
    return cp_sat(arrays, Limits(10.0, 0.0)).impossible


@settings(max_examples=40, deadline=None)
@given(people, shifts, wishes, st.sampled_from((0.0, 0.001, 0.01, 0.1)))
def test_whatever_the_work_the_rules_told_contradict_each_other(
    workers: list[Worker], duties: list[Duty], rules: Rules, work: float
) -> None:
    strict = replace(rules, may_be_short=False)
    if not make_roster(workers, duties, strict).conflict:
        return
    found = conflict_of(workers, duties, strict, work)
    told = {*found.rules}
    assert impossible(workers, duties, strict, told)
    if found.smallest:
        assert not any(impossible(workers, duties, strict, told - {one}) for one in told)


@settings(max_examples=60, deadline=None)
@given(people, shifts, wishes, st.data())
def test_what_is_left_of_a_question_is_what_the_rules_kept_say(
    workers: list[Worker], duties: list[Duty], rules: Rules, data: st.DataObject
) -> None:
    every = sorted(rules_of(workers, duties, replace(rules, may_be_short=False)))
    kept = {rule for rule in every if data.draw(st.booleans(), label=str(rule))}
    left = Question(tuple(workers), tuple(duties), rules).keeping(kept)
    form = Form(left.workers, left.duties, left.rules, explain=True)
    once = RosterRule(Code.ONCE)
    arrays = form.arrays(lambda row: left.once or row.rule != once)
    answer = cp_sat(arrays, Limits(10.0, 0.0)).impossible
    assert answer == impossible(workers, duties, rules, kept)
    # Whoever has been counted with others alike keeps every rule in the sum.
    groups = Groups(left, kinds_of(left))
    summed = cp_sat(groups.arrays(), Limits(10.0, 0.0))
    if summed.impossible:
        assert answer
    elif (some := named(groups, summed.values)) is not None and left.answered_by(some):
        assert not answer


def test_without_work_every_rule_is_told_and_none_is_called_needed() -> None:
    workers = [Worker("ann", EXAMINER), Worker("bob", EXAMINER, away=frozenset({"2027-03-01"}))]
    end = MONDAY + timedelta(hours=4)
    duties = [Duty(name, "north", "examiner", 1, MONDAY, end) for name in ("one", "two")]
    found = conflict_of(workers, duties, Rules(), 0.0)
    assert not found.smallest
    assert {*found.rules} == rules_of(workers, duties, Rules())
    told = Roster({}, 0, proven=True, conflict=found.rules, smallest=found.smallest)
    assert "some may have no part in it" in told.words()[-1]
    assert make_roster(workers, duties, Rules()).smallest


def test_too_few_of_many_for_one_day_are_found_with_little_work() -> None:
    away = frozenset({"2027-03-01"})
    workers = [
        Worker(f"w{at:03}", EXAMINER, away=away if at < 10 else frozenset()) for at in range(90)
    ]
    duties = [
        Duty(f"{day}:{site}:{hour}", f"site{site}", "examiner", count, begin, begin + HALF_DAY)
        for day in range(3)
        for site in range(8)
        for hour, count in ((0, 7 + site % 7), (5, 4 + site % 9))
        for begin in [MONDAY + timedelta(days=day, hours=hour)]
    ]
    found = conflict_of(workers, duties, Rules(), 5.0)
    assert found.smallest
    assert {rule.day for rule in found.rules if rule.day} == {"2027-03-01"}
    assert {rule.code for rule in found.rules} == {Code.NEEDS, Code.SITES, Code.AWAY}


def test_a_week_of_too_many_hours_is_told_person_by_person() -> None:
    workers = [Worker(f"w{at}", EXAMINER, most_minutes=500) for at in range(6)]
    duties = [
        Duty(f"d{day}", "north", "examiner", 3, begin, begin + HALF_DAY)
        for day in range(5)
        for begin in [MONDAY + timedelta(days=day)]
    ]
    found = conflict_of(workers, duties, Rules(), 60.0)
    # Two half days each are twelve; five days of three are fifteen, four are twelve.
    assert found.smallest
    codes = [rule.code for rule in found.rules]
    assert (codes.count(Code.NEEDS), {*codes}) == (5, {Code.NEEDS, Code.HOURS})


def test_where_people_may_be_missing_only_too_many_seniors_are_a_conflict() -> None:
    duties = [
        Duty("one", "north", "examiner", 1, MONDAY, MONDAY + HALF_DAY, seniors=2),
        Duty("two", "north", "examiner", 3, MONDAY, MONDAY + HALF_DAY, seniors=1),
    ]
    short = Rules(may_be_short=True)
    nobody = make_roster([Worker("ann", EXAMINER)], duties, short)
    assert nobody.words() == ["duty one at north needs 2 senior"]
    one = make_roster([Worker("ann", EXAMINER, senior=True)], duties, short)
    assert [rule.code for rule in one.conflict] == [Code.NEEDS, Code.SENIORS]
    assert {rule.duty for rule in one.conflict} == {"one"}
