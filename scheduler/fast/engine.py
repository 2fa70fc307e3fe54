"""The fast engine: a round through compiled code, component by component, on some threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.errors import SolveError
from scheduler.fast.component import MOST_SALTS, Answer, decide
from scheduler.fast.facts import find_hubs, read_facts
from scheduler.fast.nearest import MOST_ROUNDS
from scheduler.fast.parts import arrange, survey
from scheduler.tied import first_salt

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.arrays import Ints
    from scheduler.fast.facts import Facts, Hubs
    from scheduler.fast.parts import Parts
    from scheduler.rounds import Round

#: Applications that make it worth while to hand a list of components to a thread.
_TASK = 4000
#: Costs are added up along ways; their sum stays below.
_SAFE = 2**60
#: Drawn numbers have 32 bits, and one more is added for every pool and session.
_MOST_BINS = 2**26


@dataclass(frozen=True, slots=True)
class Decided:
    """Seats and proof of all components without chains; columns as in `Plan`.

    `salts` are by the first session of a component, `spent` is the move and the choice cost.
    """

    pool: Ints
    order: Ints
    vehicle: Ints
    turn: Ints
    cut: Ints
    levels: tuple[Ints, Ints]
    prices: tuple[Ints, Ints]
    salts: dict[int, int]
    spent: tuple[int, int]
    pivots: int


class FastEngine:
    """Decides whole components without chains."""

    name = "fast"

    def __init__(self, found: Round, threads: int) -> None:
        self.found, self.threads = found, threads
        self.facts: Facts = read_facts(found)
        self.hubs: Hubs = find_hubs(self.facts)
        self.survey = survey(self.facts, self.hubs)
        self.parts: Parts = arrange(self.facts, self.hubs, self.survey)
        people = np.bincount(self.facts.subject[~self.facts.pinned], minlength=4)
        self.chained = False
        self.scale: Ints = 1 + people * self.survey.largest

    def solve(self, progress: Callable[[int, int], None]) -> Decided:
        """Decide all components that no chain joins.

        Raises:
            SolveError: The costs could leave 64 bits, or no salt makes a plan the only one.
        """
        self._guard()
        answer = self._nothing()
        tasks = self._tasks()
        salt = np.uint64(first_salt(self.found.sha256))

        def run(chosen: Ints) -> int:
            self._decide(chosen, salt, answer)
            return len(chosen)

        done, count = 0, len(self.parts.name)
        with ThreadPoolExecutor(self.threads) as threads:
            for size in threads.map(run, tasks):
                done += size
                progress(done, count)
        if (answer.tries >= MOST_SALTS).any():
            raise SolveError("no salt makes the plan unique")
        return self._decided(answer, np.concatenate([*tasks, np.zeros(0, np.int32)]))

    def _decide(self, chosen: Ints, salt: np.uint64, answer: Answer) -> None:
        """Decide some components."""
        decide(self.facts, self.hubs, self.parts, self.scale, salt, chosen, answer)

    def _decided(self, answer: Answer, parts: Ints) -> Decided:
        """Return the answer in the words of a plan."""
        salt = first_salt(self.found.sha256)
        tries = answer.tries[parts].tolist()
        names = self.parts.name[parts].tolist()
        salts = {name: (salt + more) % 2**64 for name, more in zip(names, tries, strict=True)}
        move, choice = answer.spent.sum(axis=0).tolist()
        return Decided(
            *(answer.pool, answer.order, answer.vehicle, answer.turn, answer.cut),
            levels=(answer.pool_level, answer.session_level),
            prices=(answer.pool_price, answer.session_price),
            salts=dict(sorted(salts.items())),
            spent=(move, choice),
            pivots=int(answer.work.sum()),
        )

    def sizes(self) -> dict[int, int]:
        """Return the number of applications of each component by its first session."""
        sizes = np.diff(self.parts.people_start)
        return dict(zip(self.parts.name.tolist(), sizes.tolist(), strict=True))

    def _tasks(self) -> list[Ints]:
        """Return lists of components without chains, the largest first."""
        sizes = np.diff(self.parts.people_start)
        chained = np.zeros(len(sizes), bool)
        names = self.survey.name[self.survey.anchor[self.survey.live]]
        chained[np.searchsorted(self.parts.name, names)] = True
        self.chained = bool(chained.any())
        order = np.argsort(-sizes, kind="stable").astype(np.int32)
        order = order[~chained[order]]
        task = np.cumsum(sizes[order]) // _TASK
        cuts = np.flatnonzero(np.diff(task)) + 1
        return np.split(order, cuts) if len(order) else []

    def _guard(self) -> None:
        """Refuse costs whose sums along a way could leave 64 bits."""
        facts = self.facts
        told = bool(((facts.prior >= 0) & ~facts.pinned).any())
        far = 1 + int(facts.move_cost.max()) if told else 0
        largest = int(self.scale.max()) * far + 2 * int(
            max(facts.choice_cost.max(), facts.any_cost, facts.extra.max(initial=0))
        )
        bins = int(
            (np.diff(self.parts.session_start) + np.diff(self.parts.pool_start)).max(initial=0)
        )
        if (largest + 1) * (bins + 2) * (MOST_ROUNDS + 4) > _SAFE or bins > _MOST_BINS:
            raise SolveError(
                f"the costs are too large for exact arithmetic: {largest} over {bins} pools and "
                "sessions; split the round or lower its costs"
            )

    def _nothing(self) -> Answer:
        """Return an answer in which nothing is decided; the pinned sit."""
        people, parts = len(self.facts.rank), len(self.parts.name)
        pools, sessions = len(self.facts.pool_seats), len(self.facts.session_seats)
        return Answer(
            pool=np.full(people, -1, np.int32),
            order=np.zeros(people, np.int32),
            vehicle=np.zeros(people, np.int32),
            turn=np.zeros(people, np.int32),
            cut=np.zeros(people, np.int32),
            pool_level=np.zeros(pools, np.int64),
            session_level=np.zeros(sessions, np.int64),
            pool_price=np.zeros(pools, np.int64),
            session_price=np.zeros(sessions, np.int64),
            spent=np.zeros((parts, 2), np.int64),
            tries=np.zeros(parts, np.int64),
            work=np.zeros(parts, np.int64),
        )
