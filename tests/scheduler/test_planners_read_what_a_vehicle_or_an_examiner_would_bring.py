"""One more seat, vehicle or examiner: what it would bring is what solving again brings."""

from __future__ import annotations

from scheduler.api import solve
from scheduler.worth import Worth, worth
from tests.scheduler.small_rounds import application, build, choices, pool, session


def busy() -> dict:
    """Six people, one vehicle of two turns in the morning, one idle vehicle in the afternoon."""
    names = [f"a{at}" for at in range(6)]
    return {
        "sessions": [session("am", seats=2), session("pm", start="13:30", end="17:30", seats=1)],
        "pools": [
            pool("am-1", "am", seats=2, vehicles=1),
            pool("pm-1", "pm", seats=3, vehicles=1),
        ],
        "applications": [application(name, at) for at, name in enumerate(names)],
        "choices": [
            line
            for at, name in enumerate(names)
            for line in choices(name, *(("am",) if at < 5 else ("pm", "am")))
        ],
    }


def test_a_vehicle_brings_its_turns_and_an_examiner_wakes_idle_vehicles() -> None:
    tables = busy()
    tables["choices"] += [
        line | {"order": 2} for name in ("a3", "a4") for line in choices(name, "pm")
    ]
    found = build(tables)
    assert worth(found, solve(found)) == [
        Worth("vehicle", "am", "am-1", 2, 2, 3),
        Worth("examiner", "pm", "", 3, 2, 5),
        Worth("vehicle", "pm", "pm-1", 3, 2, 5),
        Worth("seat", "am", "am-1", 1, 1, 3),
        Worth("seat", "pm", "pm-1", 1, 1, 5),
    ]


def test_where_everybody_sits_nothing_is_worth_anything() -> None:
    tables = busy()
    tables["sessions"][0]["seats"] = tables["pools"][0]["seats"] = 9
    found = build(tables)
    assert worth(found, solve(found)) == []
