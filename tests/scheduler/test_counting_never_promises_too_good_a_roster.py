"""What counting says that a roster costs at least holds for the best one, and often is its cost."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.roster import Duty, Rules, Worker, make_roster
from scheduler.roster_bounds import floor_of

FRIDAY = datetime(2027, 3, 5, 8)  # noqa: DTZ001 (the site's civil time)
DAYS = [(FRIDAY + timedelta(at)).date().isoformat() for at in range(3)]
SITES = ("north", "south")

people = st.lists(
    st.tuples(st.sets(st.sampled_from(DAYS)), st.sets(st.sampled_from(SITES)), st.booleans()),
    min_size=1,
    max_size=4,
)
needs = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(SITES), st.sampled_from((0, 5)), st.integers(0, 3)
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda need: need[:3],
)
limits = st.builds(
    Rules,
    most_days_at_site=st.sampled_from((0, 1, 2)),
    one_site_a_day=st.booleans(),
    spread_load=st.booleans(),
    may_be_short=st.sampled_from([True]),
)


def staff(drawn: list[tuple[set[str], set[str], bool]], hours: int) -> list[Worker]:
    return [
        Worker(
            f"w{at}",
            frozenset({"examiner"}),
            away=frozenset(away),
            avoids=frozenset(avoids),
            senior=senior,
            most_minutes=60 * hours,
        )
        for at, (away, avoids, senior) in enumerate(drawn)
    ]


def shifts(drawn: list[tuple[int, str, int, int]]) -> list[Duty]:
    found = []
    for day, site, hour, count in drawn:
        start = FRIDAY + timedelta(days=day, hours=hour)
        end = start + timedelta(hours=4)
        found.append(
            Duty(f"{site}{day}{hour}", site, "examiner", count, start, end, seniors=int(count > 1))
        )
    return found


@settings(max_examples=60, deadline=None)
@given(people, needs, limits, st.sampled_from((4, 8, 40)))
def test_nothing_is_cheaper_than_counting_says_and_the_answer_stays_the_best(
    drawn: list[tuple[set[str], set[str], bool]],
    wanted: list[tuple[int, str, int, int]],
    rules: Rules,
    hours: int,
) -> None:
    workers, duties = staff(drawn, hours), shifts(wanted)
    best = make_roster(workers, duties, rules, engine="cp-sat")
    assert best.proven
    assert floor_of(workers, duties, rules).cost <= best.cost
    found = make_roster(workers, duties, rules)
    assert (found.cost, found.proven) == (best.cost, True)


def test_counting_alone_proves_a_week_in_which_too_few_are_there() -> None:
    # Four half days at two sites, and one of three people away on the last day: his two cannot be
    # had, the other two have six each at most, and he four.
    workers = staff([(set(), set(), True), (set(), set(), True), ({DAYS[2]}, set(), True)], 40)
    duties = shifts([(day, site, hour, 1) for day in range(3) for site in SITES for hour in (0, 5)])
    rules = Rules(spread_load=True, may_be_short=True)
    floor = floor_of(workers, duties, rules)
    assert (floor.short, floor.ends) == (0, ((2, 1), (4, 4)))
    found = make_roster(workers, duties, rules)
    assert (found.cost, found.bound, found.proven) == (10, 10, True)
    assert (found.load_spread, found.unfairness) == (0, 1)


def test_who_is_missing_is_counted_by_the_day() -> None:
    workers = staff([(set(), set(), True), ({DAYS[0]}, set(), True)], 40)
    duties = shifts([(0, "north", 0, 2), (0, "north", 5, 1), (0, "south", 5, 1)])
    rules = Rules(may_be_short=True)
    assert floor_of(workers, duties, rules).short == 2
    assert sum(make_roster(workers, duties, rules).short.values()) == 2
