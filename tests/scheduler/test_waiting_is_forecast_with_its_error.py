"""The simulation of coming weeks: exact where chance is switched off, honest about its error."""

from __future__ import annotations

import pytest

from scheduler.api import Queue, SolveError, WhatIf, simulate, what_if

BUSY = Queue("north", "S2", arrivals=60, vehicles=2, turns=5, days=5, pass_rate=0.6, no_show=0.05)


def test_the_same_seed_gives_the_same_forecast() -> None:
    assert simulate([BUSY], runs=20, seed=3) == simulate([BUSY], runs=20, seed=3)
    assert simulate([BUSY], runs=20, seed=3) != simulate([BUSY], runs=20, seed=4)


def test_without_chance_the_queue_is_plain_counting() -> None:
    # 100 wait, nobody comes, 10 a week sit and pass: in weeks 4 to 7 they have waited 4 to 7 weeks.
    queue = Queue("north", "S2", arrivals=0, waiting=(100,), vehicles=1, turns=2, days=5)
    (found,) = simulate([queue], weeks=8, measured=4, runs=5, seed=1)
    assert (found.weeks, found.low, found.high, found.error) == (5.5, 5.5, 5.5, 0)
    assert (found.queue, found.seats) == (20, 10)


def test_who_fails_returns_and_who_passes_goes_on() -> None:
    first = Queue("north", "S2", 0, (30,), vehicles=6, pass_rate=0, retake_weeks=1)
    (found,) = simulate([first], weeks=3, measured=1, runs=3, seed=1)
    assert found.queue == 0
    assert found.weeks == 0
    first = Queue("north", "S2", 0, (30,), vehicles=6, goes_to="S3R", goes_after=1)
    second = Queue("north", "S3R", 0, vehicles=1, days=1)
    assert simulate([first, second], weeks=2, measured=1, runs=3, seed=1)[1].queue == 29


def test_the_error_shrinks_with_the_runs_and_covers_the_truth() -> None:
    few, many = (simulate([BUSY], runs=runs, seed=5)[0] for runs in (20, 500))
    assert many.error < few.error / 3
    assert abs(few.weeks - many.weeks) < 4 * few.error


@pytest.mark.parametrize(
    "change",
    [
        WhatIf("north", "S2", vehicles=1),
        WhatIf("north", "S2", evenings=2, evening_turns=5),
        WhatIf("north", "S2", sundays=1),
    ],
)
def test_more_vehicles_evenings_and_sundays_shorten_the_queue(change: WhatIf) -> None:
    (effect,) = what_if([BUSY], [change], runs=40, seed=5)
    assert effect.weeks > 10 * effect.error > 0
    (nothing,) = what_if([BUSY], [], runs=40, seed=5)
    assert (nothing.weeks, nothing.error, nothing.queue) == (0, 0, 0)


@pytest.mark.parametrize(
    ("queues", "words"),
    [
        ([BUSY, BUSY], "stands twice"),
        ([Queue("north", "S2", -1)], "negative"),
        ([Queue("north", "S2", 1, pass_rate=1.1)], "shares"),
        ([Queue("north", "S2", 1, goes_to="S3R")], "no queue for S3R"),
        ([Queue("north", "S2", 1, retake_weeks=0)], "at least 1"),
    ],
)
def test_impossible_queues_are_refused(queues: list[Queue], words: str) -> None:
    with pytest.raises(SolveError, match=words):
        simulate(queues, seed=1)
    with pytest.raises(SolveError, match="no queue for S2 at south"):
        what_if([BUSY], [WhatIf("south", "S2")], runs=2, seed=1)
