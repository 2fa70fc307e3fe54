"""Rosters keep every rule, share weekends, and an impossible one names the rules in conflict."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scheduler.errors import SolveError
from scheduler.roster import Duty, Roster, Rules, Worker, first_aiders, invigilators, make_roster

MONDAY = datetime(2027, 3, 1, 8)  # noqa: DTZ001 (the site's civil time)


def duty(name: str, day: int, hour: int = 8, **more: object) -> Duty:
    start = MONDAY + timedelta(days=day, hours=hour - 8)
    facts = {"site": "north", "role": "examiner", "count": 1} | more
    return Duty(duty=name, start=start, end=start + timedelta(hours=4), **facts)


def worker(name: str, **more: object) -> Worker:
    return Worker(worker=name, roles=frozenset({"examiner"}), **more)


def test_every_duty_is_filled_by_somebody_who_may() -> None:
    people = [
        worker("ann", classes=frozenset({"C1"})),
        worker("bob", avoids=frozenset({"north"})),
        worker("cai", away=frozenset({"2027-03-01"})),
    ]
    duties = [
        duty("big", 0, site="south", licence_class="A2"),
        duty("small", 0, licence_class="C1"),
        duty("late", 1),
    ]
    found = make_roster(people, duties, Rules())
    assert found.proven
    assert found.duties["big"] == ("bob",)
    assert found.duties["small"] == ("ann",)
    assert found.duties["late"] in {("ann",), ("cai",)}


def test_weekends_are_shared() -> None:
    people = [worker(name) for name in ("ann", "bob", "cai")]
    duties = [duty(f"d{day}", day) for day in (5, 6, 12)]
    found = make_roster(people, duties, Rules())
    assert sorted(found.duties.values()) == [("ann",), ("bob",), ("cai",)]
    assert found.unfairness == 0


def test_rest_and_hours_and_rotation_bind() -> None:
    people = [worker("ann"), worker("bob")]
    night = [duty("late", 0, hour=20), duty("early", 1, hour=8)]
    found = make_roster(people, night, Rules())
    assert found.duties["late"] != found.duties["early"]
    week = [duty(f"d{day}", day) for day in range(4)]
    found = make_roster(people, week, Rules(most_days_at_site=2))
    assert sorted(found.duties.values()) == [("ann",)] * 2 + [("bob",)] * 2
    tired = [worker("ann", most_minutes=240), worker("bob", most_minutes=720)]
    found = make_roster(tired, week, Rules())
    assert sorted(found.duties.values()) == [("ann",)] + [("bob",)] * 3


def test_an_impossible_roster_names_only_the_rules_in_conflict() -> None:
    people = [worker("ann", away=frozenset({"2027-03-01"})), worker("bob")]
    duties = [duty("one", 0), duty("two", 0), duty("other", 3)]
    found = make_roster(people, duties, Rules())
    assert found.proven
    assert found.duties == {}
    assert found.smallest
    assert found.words() == [
        "duty one at north needs 1 of role examiner",
        "duty two at north needs 1 of role examiner",
        "nobody has two duties at once",
        "ann is away on 2027-03-01",
    ]


def test_a_first_aider_is_at_every_running_site_all_day() -> None:
    duties = [duty("am", 0), duty("pm", 0, hour=14), duty("south", 0, site="south")]
    added = first_aiders(duties)
    assert [(one.site, one.start.hour, one.end.hour) for one in added] == [
        ("north", 8, 18),
        ("south", 8, 12),
    ]
    people = [
        worker("ann"),
        worker("bob"),
        Worker("cai", frozenset({"first_aider"})),
        Worker("dan", frozenset({"first_aider", "examiner"})),
    ]
    found = make_roster(people, [*duties, *added], Rules())
    helpers = {found.duties[one.duty] for one in added}
    assert helpers == {("cai",), ("dan",)}


@pytest.mark.parametrize(
    "duties", [[duty("a", 0), duty("a", 1)], [duty("a", 0, count=-1)]], ids=["twice", "negative"]
)
def test_bad_duties_are_refused(duties: list[Duty]) -> None:
    with pytest.raises(SolveError):
        make_roster([worker("ann")], duties, Rules())


def test_a_theory_room_has_three_invigilators_unless_the_caller_says_otherwise() -> None:
    end = MONDAY + timedelta(hours=2)
    rooms = [("north", "r1", MONDAY, end), ("north", "r2", MONDAY, end)]
    assert [one.count for one in invigilators(rooms)] == [3, 3]
    assert [one.count for one in invigilators(rooms, each=2)] == [2, 2]
    people = [Worker(f"w{at}", frozenset({"invigilator"})) for at in range(6)]
    found = make_roster(people, invigilators(rooms), Rules())
    assert sorted(who for room in found.duties.values() for who in room) == [
        worker.worker for worker in people
    ]


def test_nobody_is_sent_to_two_sites_on_one_day() -> None:
    duties = [duty("am", 0), duty("pm", 0, hour=14, site="south")]
    apart = make_roster([worker("ann"), worker("bob")], duties, Rules())
    assert apart.duties["am"] != apart.duties["pm"]
    alone = make_roster([worker("ann")], duties, Rules())
    assert "nobody works at two sites on one day" in alone.words()
    assert make_roster([worker("ann")], duties, Rules(one_site_a_day=False)).conflict == ()


def test_hours_are_counted_by_the_week() -> None:
    days = [duty(f"d{day}", day) for day in (0, 1, 7, 8)]
    assert make_roster([worker("ann", most_minutes=480)], days, Rules()).conflict == ()
    assert make_roster([worker("ann", most_minutes=479)], days, Rules()).conflict


def crew() -> tuple[list[Worker], list[Duty]]:
    people = [
        worker("ann", senior=True, away=frozenset({"2027-03-03"})),
        worker("bob", senior=True),
        *(worker(name) for name in ("cai", "dan", "eva")),
    ]
    places = [(day, site) for day in (0, 1, 2) for site in ("north", "south")]
    duties = [duty(f"{site}{day}", day, site=site, count=2, seniors=1) for day, site in places]
    return people, duties


@pytest.mark.parametrize("engine", ["cp-sat", "highs", "both"])
def test_every_engine_finds_the_same_least_cost_and_proves_it(engine: str) -> None:
    people, duties = crew()
    rules = Rules(most_days_at_site=2, spread_load=True, may_be_short=True)
    found = make_roster(people, duties, rules, engine=engine)
    # On the third day one senior is left for two sites; eleven duties over five people differ.
    assert (sum(found.short.values()), found.load_spread) == (1, 1)
    assert (found.cost, found.bound, found.proven) == (1010, 1010, True)
    keeps_every_rule(people, duties, found)


def keeps_every_rule(people: list[Worker], duties: list[Duty], found: Roster) -> None:
    """Count all rules of the crew again, from the duties alone."""
    older = {one.worker for one in people if one.senior}
    away = {one.worker: one.away for one in people}
    where: dict[tuple[str, str], set[str]] = {}
    for one in duties:
        at, day = found.duties[one.duty], one.start.date().isoformat()
        missing = found.short.get(one.duty, 0)
        assert len(at) + missing == one.count
        assert len(older & {*at}) + missing >= one.seniors
        for who in at:
            assert day not in away[who]
            where.setdefault((who, day), set()).add(one.site)
    assert all(len(sites) == 1 for sites in where.values())
    for who in away:
        for site in ("north", "south"):
            assert sum(sites == {site} for (name, _), sites in where.items() if name == who) <= 2


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(SolveError, match="there are: both, cp-sat, highs"):
        make_roster([worker("ann")], [], Rules(), engine="abacus")
