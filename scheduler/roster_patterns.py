"""A roster as one choice for each person and day: which duties, all at one site.

Written so, that nobody is at two sites or in two duties at once holds in one row a day, and the
linear programme bounds rosters far better than with a variable for each duty.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scheduler.roster_personal import Item, People
from scheduler.roster_programme import FREE
from scheduler.roster_rules import hindrances

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from scheduler.roster import Duty, Rules, Worker
    from scheduler.roster_programme import Numbers

#: So many choices are more than any engine should be given.
MOST_CHOICES = 400_000


class Need(NamedTuple):
    """Duties of one place, role, class and hours, filled together."""

    day: date
    site: str
    role: str
    licence_class: str
    start: datetime
    end: datetime
    people: int
    seniors: int
    duties: tuple[Duty, ...]


class Choice(NamedTuple):
    """What somebody does on a day: numbers of needs, at most one at a time."""

    worker: int
    spot: tuple[date, str]
    needs: tuple[int, ...]


class TooManyChoicesError(Exception):
    """Days with so many duties that their combinations cannot be written down."""


def needs_of(duties: Iterable[Duty]) -> list[Need]:
    """Put duties alike together; one that wants more seniors than people stays alone."""
    alike: dict[tuple[object, ...], list[Duty]] = defaultdict(list)
    for duty in duties:
        if duty.count or duty.seniors:
            alone = duty.duty if duty.seniors > duty.count else ""
            key = (duty.start, duty.end, duty.site, duty.role, duty.licence_class, alone)
            alike[key].append(duty)
    found = []
    for some in alike.values():
        one = some[0]
        count, seniors = sum(duty.count for duty in some), sum(duty.seniors for duty in some)
        facts = (one.site, one.role, one.licence_class, one.start, one.end)
        found.append(Need(one.start.date(), *facts, count, seniors, tuple(some)))
    return sorted(found, key=lambda need: (need.start, need.end, need.site, need.duties[0].duty))


def spots_of(needs: Sequence[Need], rules: Rules) -> dict[tuple[date, str], list[int]]:
    """Return the needs of each day and site; of each day where one may be at several sites."""
    spots: dict[tuple[date, str], list[int]] = defaultdict(list)
    for at, need in enumerate(needs):
        spots[need.day, need.site if rules.one_site_a_day else ""].append(at)
    return spots


def combinations_of(needs: Sequence[Need], some: Sequence[int]) -> list[tuple[int, ...]]:
    """Return every set of needs that one person can fill, some being in the order of begin."""
    found: list[tuple[int, ...]] = [()]
    for at in some:
        begin = needs[at].start
        found += [(*old, at) for old in found if not old or _last(needs, old) <= begin]
        if len(found) > MOST_CHOICES:
            raise TooManyChoicesError
    return found[1:]


def _last(needs: Sequence[Need], some: Sequence[int]) -> datetime:
    return max(needs[at].end for at in some)


class Patterns(People):
    """The programme whose variables are choices, then missing people, then ends of the spreads.

    Attributes:
        choices: What each of the first variables stands for.
        short: The variable of the people missing for each need.
    """

    def __init__(self, workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules) -> None:
        super().__init__(workers, duties, rules)
        self.needs = needs_of(duties)
        self.spots = spots_of(self.needs, rules)
        self.choices: list[Choice] = []
        self._choose()
        self.short = self.shortage(self.needs)
        self._staffing()
        for worker, mine in self.mine.items():
            self.personal(worker, mine)
            self._rotation(worker)
        self.spreads_of(self.mine)

    def assigned(self, values: Numbers) -> dict[str, list[str]]:
        """Return who is at each duty."""
        at: list[list[Worker]] = [[] for _ in self.needs]
        for number in np.flatnonzero(values[: len(self.choices)]):
            choice = self.choices[number]
            for one in choice.needs:
                at[one].append(self.workers[choice.worker])
        found: dict[str, list[str]] = {duty.duty: [] for duty in self.duties}
        for need, people in zip(self.needs, at, strict=True):
            found |= shared_out(need, people)
        return found

    def _choose(self) -> None:
        self.mine: dict[int, list[Item]] = {at: [] for at in range(len(self.workers))}
        self.can: dict[int, dict[tuple[date, str], tuple[int, ...]]] = {}
        known: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        for at, worker in enumerate(self.workers):
            self.can[at] = {}
            for spot, some in self.spots.items():
                mine = tuple(one for one in some if may(worker, self.needs[one]))
                if not mine:
                    continue
                self.can[at][spot] = mine
                if mine not in known:
                    known[mine] = combinations_of(self.needs, mine)
                for needs in known[mine]:
                    number = self.variable()
                    self.choices.append(Choice(at, spot, needs))
                    self.mine[at].append(Item(number, spot[0], self.shape(needs)))
            if len(self.choices) > MOST_CHOICES:
                raise TooManyChoicesError

    def shape(self, needs: Iterable[int]) -> tuple[tuple[str, str, datetime, datetime], ...]:
        """Return role, class and hours of some needs, wherever they are."""
        return tuple(
            (need.role, need.licence_class, need.start, need.end)
            for need in map(self.needs.__getitem__, needs)
        )

    def _staffing(self) -> None:
        takers: list[list[tuple[int, int]]] = [[] for _ in self.needs]
        seniors: list[list[tuple[int, int]]] = [[] for _ in self.needs]
        for number, choice in enumerate(self.choices):
            for at in choice.needs:
                takers[at].append((number, 1))
                if self.workers[choice.worker].senior:
                    seniors[at].append((number, 1))
        for at, need in enumerate(self.needs):
            missing = (self.short[at], 1)
            self.row([*takers[at], missing], need.people, need.people)
            if need.seniors:
                self.row([*seniors[at], missing], need.seniors, FREE)

    def _rotation(self, worker: int) -> None:
        """Nobody is at one site on more days than the caller allows."""
        most = self.rules.most_days_at_site
        if not most:
            return
        there: dict[str, list[tuple[int, date]]] = defaultdict(list)
        for item in self.mine[worker]:
            for site in {self.needs[at].site for at in self.choices[item.number].needs}:
                there[site].append((item.number, item.day))
        for some in there.values():
            if len({day for _, day in some}) > most:
                self.row([(number, 1) for number, _ in some], 0, most)


def may(worker: Worker, need: Need) -> bool:
    """Say whether somebody may fill a need."""
    return need.role in worker.roles and not hindrances(worker, need.duties[0])


def shared_out(need: Need, people: Sequence[Worker]) -> dict[str, list[str]]:
    """Put the people of a need to its duties, those missing first where seniors are wanted."""
    missing = need.people - len(people)
    wanted: dict[str, list[int]] = {}
    for duty in need.duties:
        away = min(missing, duty.seniors)
        wanted[duty.duty] = [duty.count - away, duty.seniors - away]
        missing -= away
    for duty in need.duties:
        away = min(missing, wanted[duty.duty][0])
        wanted[duty.duty][0] -= away
        missing -= away
    seniors = [worker.worker for worker in people if worker.senior]
    found: dict[str, list[str]] = {}
    for name, (_, older) in wanted.items():
        found[name], seniors = seniors[:older], seniors[older:]
    others = seniors + [worker.worker for worker in people if not worker.senior]
    for name, (count, _) in wanted.items():
        left = count - len(found[name])
        found[name], others = found[name] + others[:left], others[left:]
    return found
