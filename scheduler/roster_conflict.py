"""Why there is no roster: a smallest set of rules that contradict each other.

Cheap questions first. Parts of the week, from one site on one day to everything, are asked with few
rules and then with more, people alike counted together (`roster_groups.py`): most conflicts are too
few people for one day, and show at once. Then rules are left out as long as the rest is proven to
contradict itself. A rule stays for good where a roster without it was found and read against the
duties. Work is limited: what was neither refuted nor found stays too, and the answer says that it
may be larger than need be.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from scheduler.roster_engines import Limits, cp_sat, highs
from scheduler.roster_form import Form
from scheduler.roster_groups import Groups, kinds_of
from scheduler.roster_naming import named
from scheduler.roster_question import Question
from scheduler.roster_rules import Code, RosterRule, needs_people, needs_seniors, rules_of

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Sequence

    from scheduler.roster import Duty, Rules, Worker

#: Rules that are tried to be enough, then with those of the next line, and so on.
_LEVELS = (
    (Code.NEEDS, Code.SENIORS, Code.ONCE, Code.SITES),
    (Code.AWAY,),
    (Code.CLASS,),
    (Code.HOURS, Code.WEEK, Code.REST, Code.DAYS),
    (Code.AVOIDS,),
)
#: Kinds of rules in the order in which they are left out: whom one person's matter names, first.
_LEFT_OUT = (
    *(Code.AVOIDS, Code.AWAY, Code.CLASS, Code.HOURS, Code.WEEK, Code.DAYS, Code.REST),
    *(Code.SENIORS, Code.NEEDS, Code.SITES, Code.ONCE),
)
#: A question of so many terms, or people times duties, costs one unit of work.
_TERMS_PER_UNIT, _PLACES_PER_UNIT = 30_000, 3_000_000
#: Units that one question may take, terms of the largest, and people times duties for CP-SAT.
_UNITS, _MOST_TERMS, _LARGEST = 1.0, 120_000, 6_000
#: CP-SAT's own units are so much dearer than those of the sums.
_DEARER = 4.0


class Conflict(NamedTuple):
    """Rules that contradict each other, and whether none is known to be left out."""

    rules: tuple[RosterRule, ...]
    smallest: bool


def conflict_of(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, work: float
) -> Conflict:
    """Return why nobody can fill these duties; an engine has proven that nobody can.

    Args:
        workers: Who can work.
        duties: What must be filled.
        rules: What the caller demands.
        work: Limit of work, in units.
    """
    if rules.may_be_short:
        return _too_many_seniors(workers, duties)
    search = _Search(Question(tuple(workers), tuple(duties), rules), work)
    return search.shrunk(search.beginning())


def _too_many_seniors(workers: Sequence[Worker], duties: Sequence[Duty]) -> Conflict:
    """Where people may be missing, only a duty that wants more seniors than people has no roster.

    As many seniors as are too many have to be there in any case.
    """
    found = []
    for duty in duties:
        if duty.seniors > duty.count:
            older = sum(one.senior and duty.role in one.roles for one in workers)
            alone = older < duty.seniors - duty.count
            found.append((() if alone else (needs_people(duty),)) + (needs_seniors(duty),))
    return Conflict(min(found, key=len), smallest=True)


class _Search:
    """Asks about some of the rules at a time, and remembers the answers.

    Args:
        whole: The question that has no answer.
        work: Units of work left.
    """

    def __init__(self, whole: Question, work: float) -> None:
        self.whole, self.left = whole, work
        self.known: dict[Hashable, bool | None] = {}

    def beginning(self) -> set[RosterRule]:
        """Return rules that are proven to contradict each other: those of a part, or all."""
        for duties, small in _parts(self.whole.duties):
            every = rules_of(self.whole.workers, duties, self.whole.rules)
            for level in range(len(_LEVELS)):
                codes = {code for line in _LEVELS[: level + 1] for code in line}
                some = {rule for rule in every if rule.code in codes}
                # Of a small part all rules together are asked as quickly as some.
                if (some == every or not small) and self._asked(some, names=False):
                    return some
        return rules_of(self.whole.workers, self.whole.duties, self.whole.rules)

    def shrunk(self, kept: set[RosterRule]) -> Conflict:
        """Leave out what is not needed: whole kinds, then in blocks, then one by one."""
        undecided: set[RosterRule] = set()
        for code in _LEFT_OUT:
            rest = {rule for rule in kept if rule.code is not code}
            kept = rest if self._asked(rest, names=False) else kept
        for code in _LEFT_OUT:
            kept = self._without(kept, self._ordered(kept, code), undecided)
        again, undecided = sorted(undecided), set()
        for rule in again:
            kept = self._without(kept, [rule], undecided)
        return Conflict(tuple(sorted(kept)), smallest=not undecided)

    def _ordered(self, kept: set[RosterRule], code: Code) -> list[RosterRule]:
        """Return the rules of a code, those of people alike together.

        Whoever of them is left out, the question is the same, and its answer is known.
        """
        kinds = kinds_of(self.whole.keeping(kept))
        alike = {one.worker: at for at, some in enumerate(kinds.values()) for one in some}
        some = [rule for rule in kept if rule.code is code]
        return sorted(some, key=lambda rule: (alike.get(rule.worker, -1), rule.day, rule))

    def _without(
        self, kept: set[RosterRule], some: Sequence[RosterRule], undecided: set[RosterRule]
    ) -> set[RosterRule]:
        if not some:
            return kept
        rest = kept.difference(some)
        contradict = self._asked(rest, names=len(some) == 1)
        if contradict:
            return rest
        if len(some) == 1:
            undecided |= {*some} if contradict is None else set()
            return kept
        half = len(some) // 2
        return self._without(self._without(kept, some[:half], undecided), some[half:], undecided)

    def _asked(self, kept: Collection[RosterRule], *, names: bool) -> bool | None:
        """Say whether rules contradict each other; with names, whether a roster keeps them."""
        if self.left <= 0:
            return None
        question = self.whole.keeping(kept)
        self.left -= len(question.workers) * len(question.duties) / _PLACES_PER_UNIT
        people = kinds_of(question)
        alike = frozenset((kind, len(some)) for kind, some in people.items())
        key = (names, alike, question.duties, question.rules, question.once)
        if key not in self.known:
            self.known[key] = self._answer(Groups(question, people), names=names)
        return self.known[key]

    def _answer(self, groups: Groups, *, names: bool) -> bool | None:
        question, arrays = groups.question, groups.arrays()
        self.left -= len(arrays.at) / _TERMS_PER_UNIT
        if len(arrays.at) > _MOST_TERMS:
            return None
        summed = highs(arrays, Limits(_UNITS, 0.0))
        self.left -= summed.work
        if summed.impossible:
            return True
        if not names:
            return None
        if summed.values is not None:
            assigned = named(groups, summed.values)
            if assigned is not None and question.answered_by(assigned):
                return False
        return self._one_by_one(question)

    def _one_by_one(self, question: Question) -> bool | None:
        """Ask CP-SAT with a variable for each person and duty."""
        if len(question.workers) * len(question.duties) > _LARGEST:
            return None
        form = Form(question.workers, question.duties, question.rules, explain=True)
        once = RosterRule(Code.ONCE)
        arrays = form.arrays(lambda row: question.once or row.rule != once)
        found = cp_sat(arrays, Limits(_UNITS, 0.0))
        self.left -= _DEARER * found.work
        if found.impossible:
            return True
        return None if found.values is None else False


def _parts(duties: Sequence[Duty]) -> Iterator[tuple[tuple[Duty, ...], bool]]:
    """Yield parts of the duties, small ones first, and whether they are small."""
    told = set()
    for size, key in enumerate((_spot, _job, _day, _site, _role, _all)):
        parts: dict[Hashable, list[Duty]] = defaultdict(list)
        for duty in duties:
            parts[key(duty)].append(duty)
        for part in map(tuple, parts.values()):
            if part not in told:
                told.add(part)
                yield part, size == 0


def _spot(duty: Duty) -> Hashable:
    return duty.start.date(), duty.site


def _job(duty: Duty) -> Hashable:
    return duty.start.date(), duty.role


def _day(duty: Duty) -> Hashable:
    return duty.start.date()


def _site(duty: Duty) -> Hashable:
    return duty.site


def _role(duty: Duty) -> Hashable:
    return duty.role


def _all(_: Duty) -> Hashable:
    return ()
