"""Which engine looks for a roster how: choices a day by HiGHS, a variable a duty by CP-SAT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.roster_bounds import floor_of
from scheduler.roster_engines import Limits, cp_sat, highs
from scheduler.roster_form import Form
from scheduler.roster_patterns import Patterns, TooManyChoicesError
from scheduler.roster_search import search

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scheduler.roster import Duty, Rules, Worker
    from scheduler.roster_engines import Answer

#: Share of the work in which CP-SAT looks for a roster before HiGHS proves one.
_LOOKING = 0.1


@dataclass(frozen=True, slots=True)
class Found:
    """Who is at each duty if a roster was found, a proven bound, and whether none exists."""

    duties: dict[str, list[str]] | None
    bound: int
    impossible: bool


def both(workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, limits: Limits) -> Found:
    """Plan from the outline to the sites; CP-SAT where days have too many combinations."""
    floor = floor_of(workers, duties, rules).cost
    try:
        full = Patterns(workers, duties, rules)
    except TooManyChoicesError:
        form = Form(workers, duties, rules)
        return _found(form, _duty_by_duty(form, limits, floor))
    answer = search(full, limits, floor)
    return _found(full, answer)


def only_highs(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, limits: Limits
) -> Found:
    """Solve the whole programme of choices at once."""
    try:
        full: Patterns | Form = Patterns(workers, duties, rules)
    except TooManyChoicesError:
        full = Form(workers, duties, rules)
    return _found(full, highs(full.arrays(), limits))


def only_cp_sat(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, limits: Limits
) -> Found:
    """Solve with a variable for each duty, which has nothing in common with the choices."""
    form = Form(workers, duties, rules)
    return _found(form, cp_sat(form.arrays(), limits))


def _found(full: Patterns | Form, answer: Answer) -> Found:
    duties = None if answer.values is None else full.assigned(answer.values)
    return Found(duties, answer.bound, answer.impossible)


def _duty_by_duty(form: Form, limits: Limits, floor: int) -> Answer:
    """Bound by the linear programme, look with CP-SAT, let HiGHS prove what is left."""
    arrays = form.arrays()
    relaxed = highs(arrays, limits, whole=False)
    if relaxed.impossible:
        return relaxed
    bound = max(relaxed.bound, floor)
    looked = cp_sat(arrays, Limits(limits.work * _LOOKING, limits.gap), bound=bound)
    if looked.impossible or looked.values is None:
        return looked if looked.impossible else highs(arrays, limits)
    cost = arrays.total(looked.values)
    if cost - looked.bound <= limits.gap * abs(cost):
        return looked
    proven = highs(arrays, limits, hint=looked.values, enough=looked.bound)
    best = max(looked.bound, proven.bound)
    if proven.values is None or cost < arrays.total(proven.values):
        return type(looked)(looked.values, best)
    return type(looked)(proven.values, best)


ENGINES: dict[str, Callable[[Sequence[Worker], Sequence[Duty], Rules, Limits], Found]] = {
    "both": both,
    "cp-sat": only_cp_sat,
    "highs": only_highs,
}
