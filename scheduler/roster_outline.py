"""A roster without names at sites: who works when, and how many of whom each site has.

Avoided sites count only for one site at a time, and days at one site not at all, so that every
roster has an outline that costs no more: the least outline bounds all rosters.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from scheduler.roster_personal import Item, People
from scheduler.roster_programme import FREE

if TYPE_CHECKING:
    from datetime import date

    from scheduler.roster_patterns import Patterns
    from scheduler.roster_personal import Shape


class Outline(People):
    """The programme of the outlines of the rosters of a programme of choices.

    Attributes:
        of: For each choice of the other programme, the variable of its worker, day and shape.
        short: As there.
    """

    def __init__(self, full: Patterns) -> None:
        super().__init__(full.workers, full.duties, full.rules)
        self.full = full
        self.mine: dict[int, list[Item]] = {}
        self.of: list[int] = [0] * len(full.choices)
        for worker, items in full.mine.items():
            known: dict[tuple[date, Shape], int] = {}
            for item in items:
                key = (item.day, item.shape)
                if key not in known:
                    known[key] = self.variable()
                self.of[item.number] = known[key]
            self.mine[worker] = [Item(number, *key) for key, number in known.items()]
        self.short = self.shortage(full.needs)
        self._places()
        for worker, mine in self.mine.items():
            self.personal(worker, mine)
        self.spreads_of(self.mine)

    def _places(self) -> None:
        """Each site has people of each shape, whom the day's people of that shape make up."""
        full = self.full
        sums: dict[tuple[date, Shape, bool], list[tuple[int, int]]] = defaultdict(list)
        takers: list[list[tuple[int, int]]] = [[] for _ in full.needs]
        seniors: list[list[tuple[int, int]]] = [[] for _ in full.needs]
        there: dict[tuple[date, str], list[tuple[int, int]]] = defaultdict(list)
        for worker, mine in self.mine.items():
            senior = full.workers[worker].senior
            for item in mine:
                sums[item.day, item.shape, senior].append((item.number, 1))
        kinds = sorted(
            {
                (choice.spot, choice.needs, full.workers[choice.worker].senior)
                for choice in full.choices
            }
        )
        for spot, needs, senior in kinds:
            number = self.variable(min(full.needs[at].people for at in needs))
            sums[spot[0], full.shape(needs), senior].append((number, -1))
            there[spot].append((number, -1))
            for at in needs:
                takers[at].append((number, 1))
                if senior:
                    seniors[at].append((number, 1))
        for terms in sums.values():
            self.row(terms, 0, 0)
        for at, need in enumerate(full.needs):
            missing = (self.short[at], 1)
            self.row([*takers[at], missing], need.people, need.people)
            if need.seniors:
                self.row([*seniors[at], missing], need.seniors, FREE)
        self._enough(there)

    def _enough(self, there: dict[tuple[date, str], list[tuple[int, int]]]) -> None:
        """A site has no more people than may go there and are on duty that day."""
        for spot, terms in there.items():
            able = [at for at, can in self.full.can.items() if spot in can]
            if len(able) < len(self.full.workers):
                on_duty = [
                    (item.number, 1) for at in able for item in self.mine[at] if item.day == spot[0]
                ]
                self.row(on_duty + terms, 0, FREE)
