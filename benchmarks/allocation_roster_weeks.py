"""Weeks of duties of many shapes, for `allocation_rosters.py`: drawn from a seed, nothing real."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from scheduler.roster import Duty, Worker, first_aiders

if TYPE_CHECKING:
    from collections.abc import Mapping

MONDAY = datetime(2027, 3, 1, 8)  # noqa: DTZ001 (civil time of the site)


@dataclass(frozen=True, slots=True)
class Shape:
    """What kind of week.

    Attributes:
        load: Share of nine half days for everybody that the duties need.
        people_per_site: Sites are as many as people by this.
        avoids: Share of the sites that somebody must not be sent to.
        away: Share of the days on which somebody is away.
        classes: Share of the people qualified for each class, and of the duties that want it.
        aiders: Share of the people who are first-aiders too; 0 for no first aid duties.
        evenings: Share of the duties that end so late that the next morning is too early.
    """

    load: float = 0.85
    people_per_site: float = 12.0
    avoids: float = 0.12
    away: float = 0.12
    classes: Mapping[str, tuple[float, float]] | None = None
    aiders: float = 0.0
    evenings: float = 0.0


SHAPES = {
    "usual": Shape(),
    "tight": Shape(load=0.97),
    "loose": Shape(load=0.65),
    "few-sites": Shape(people_per_site=40.0),
    "many-sites": Shape(people_per_site=6.0),
    "avoidances": Shape(avoids=0.4),
    "absences": Shape(away=0.3, load=0.7),
    "classes": Shape(classes={"C1": (1.0, 0.6), "B2": (0.5, 0.25), "A1": (0.25, 0.15)}),
    "first-aid": Shape(load=0.75, aiders=0.16),
    "evenings": Shape(load=0.75, evenings=0.2),
}
#: Sites of the sizes of the reference, in the usual shape.
SITES = {40: 6, 120: 10, 400: 25}


def week(people: int, seed: int = 1, shape: str = "usual") -> tuple[list[Worker], list[Duty]]:
    """Return workers and duties of six days with a morning, an afternoon, perhaps an evening."""
    like, rng = SHAPES[shape], np.random.default_rng(seed)
    usual = SITES.get(people) if like.people_per_site == Shape().people_per_site else None
    sites = usual or max(3, round(people / like.people_per_site))
    workers = _workers(people, sites, like, rng)
    share = rng.dirichlet(np.full(sites * 12, 20))
    counts = rng.multinomial(int(people * 9 * like.load), share).reshape(sites, 6, 2)
    duties = [
        duty
        for (site, day, turn), count in np.ndenumerate(counts)
        for begin, many in _hours(int(day), int(turn), int(count), like, rng)
        for duty in _of_classes(f"site{site:02}", begin, many, like, rng)
    ]
    if like.aiders:
        duties += first_aiders(duties)
    return [_skilled(worker, like, rng) for worker in workers], duties


def _hours(
    day: int, turn: int, count: int, like: Shape, rng: np.random.Generator
) -> list[tuple[datetime, int]]:
    """Return when the people of a half day begin, and how many; some afternoons become evenings."""
    begin = MONDAY + timedelta(days=day, hours=(0, 5.5)[turn])
    late = int(rng.binomial(count, like.evenings)) if turn and like.evenings else 0
    return [(begin, count - late), *([(begin + timedelta(hours=5), late)] if late else [])]


def _of_classes(
    site: str, begin: datetime, count: int, like: Shape, rng: np.random.Generator
) -> list[Duty]:
    """Return the duties of some hours, one for each class wanted there."""
    name, end = f"{site}-{begin:%d%H}", begin + timedelta(hours=4)
    if not like.classes:
        return [Duty(name, site, "examiner", count, begin, end, seniors=int(count >= 2))]
    split = rng.multinomial(count, [wanted for _, wanted in like.classes.values()])
    return [
        Duty(f"{name}-{one}", site, "examiner", int(many), begin, end, one, int(many >= 2))
        for one, many in zip(like.classes, split, strict=True)
        if many
    ]


def _skilled(worker: Worker, like: Shape, rng: np.random.Generator) -> Worker:
    """Return somebody with classes and first aid, where the shape knows them."""
    if like.classes:
        able = [one for one, (share, _) in like.classes.items() if rng.random() < share]
        worker = replace(worker, classes=frozenset(able))
    if rng.random() < like.aiders:
        worker = replace(worker, roles=worker.roles | {"first_aider"})
    return worker


def _workers(people: int, sites: int, like: Shape, rng: np.random.Generator) -> list[Worker]:
    names = [f"site{at:02}" for at in range(sites)]
    days = [(MONDAY + timedelta(at)).date().isoformat() for at in range(6)]
    return [
        Worker(
            f"examiner{at:03}",
            frozenset({"examiner"}),
            avoids=frozenset(names[k] for k in np.flatnonzero(rng.random(sites) < like.avoids)),
            away=frozenset(days[k] for k in np.flatnonzero(rng.random(6) < like.away)),
            senior=bool(rng.random() < 0.4),
        )
        for at in range(people)
    ]
