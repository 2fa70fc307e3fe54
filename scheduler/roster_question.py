"""What remains of the question for a roster when only some of its rules are kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.roster_check import broken
from scheduler.roster_rules import Code, days_of, hours_of, needs_people, needs_seniors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scheduler.roster import Duty, Rules, Worker
    from scheduler.roster_rules import RosterRule

_NO_LIMIT = 10**6


@dataclass(frozen=True, slots=True)
class Question:
    """A question for a roster that needs no price: is there one?

    Attributes:
        workers: Who can work, with what they are still bound by.
        duties: What must still be filled.
        rules: What is still demanded of everybody; nobody may be missing.
        once: Whether nobody may have two duties at once.
    """

    workers: tuple[Worker, ...]
    duties: tuple[Duty, ...]
    rules: Rules
    once: bool = True

    def keeping(self, kept: Collection[RosterRule]) -> Question:
        """Return the question of which only some rules are left."""
        bound: dict[str, list[RosterRule]] = defaultdict(list)
        for rule in kept:
            bound[rule.worker].append(rule)
        shared = {rule.code for rule in bound[""]}
        duties = tuple(left for duty in self.duties if (left := _duty(duty, kept)) is not None)
        classes = frozenset(duty.licence_class for duty in duties)
        workers = (_worker(one, bound[one.worker], classes) for one in self.workers)
        rules = replace(
            self.rules,
            rest_minutes=self.rules.rest_minutes if Code.REST in shared else 0,
            most_days_at_site=self.rules.most_days_at_site if Code.DAYS in shared else 0,
            one_site_a_day=Code.SITES in shared,
            may_be_short=False,
        )
        return Question(tuple(workers), duties, rules, once=Code.ONCE in shared)

    def answered_by(self, assigned: Mapping[str, Sequence[str]]) -> bool:
        """Say whether these people at these duties break none of the rules left.

        Nobody may have two duties at once, even where that is not demanded.
        """
        return not [*broken(self.workers, self.duties, self.rules, assigned)]


def _duty(duty: Duty, kept: Collection[RosterRule]) -> Duty | None:
    """Return a duty as it is left; seniors alone are as many people, all of them senior."""
    people, seniors = needs_people(duty) in kept, needs_seniors(duty) in kept
    if people:
        return duty if seniors else replace(duty, seniors=0)
    return replace(duty, count=duty.seniors) if seniors and duty.seniors else None


def _worker(worker: Worker, mine: Sequence[RosterRule], classes: frozenset[str]) -> Worker:
    """Return somebody whom only her rules that are left bind."""
    barred = {rule.licence_class for rule in mine if rule.code is Code.CLASS}
    return replace(
        worker,
        classes=worker.classes | (classes - barred),
        avoids=frozenset(rule.site for rule in mine if rule.code is Code.AVOIDS),
        away=frozenset(rule.day for rule in mine if rule.code is Code.AWAY),
        most_minutes=worker.most_minutes if hours_of(worker) in mine else _NO_LIMIT,
        most_days=worker.most_days if days_of(worker) in mine else 7,
    )
