"""Why there is no roster: a smallest set of rules that contradict each other, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.roster_engines import Limits, constraint_model, highs, searcher
from scheduler.roster_form import Form
from scheduler.roster_outline import Outline
from scheduler.roster_patterns import Patterns, TooManyChoicesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scheduler.roster import Duty, Rules, Worker


def smallest_conflict(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, work_limit: float
) -> list[str]:
    """Return rules of which none can be left out, sorted.

    CP-SAT names some rules that cannot hold together; those are dropped in blocks, then one by one,
    as long as the rest still contradicts itself.
    """
    form = Form(workers, _narrowed(workers, duties, rules, work_limit), rules, explain=True)
    kept = _core(form, work_limit)
    size = len(kept)
    while size >= 1:
        start = 0
        while start < len(kept):
            tried = kept[:start] + kept[start + size :]
            if _contradicts(form, tried, work_limit):
                kept = tried
            else:
                start += size
        size //= 2
    return sorted(kept)


def _narrowed(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, work_limit: float
) -> Sequence[Duty]:
    """Return the duties of one day if they alone are too many, which is quickly seen; else all."""
    for day in sorted({duty.start.date() for duty in duties}):
        some = [duty for duty in duties if duty.start.date() == day]
        try:
            full = Patterns(workers, some, rules)
        except TooManyChoicesError:
            continue
        if highs(Outline(full).arrays(), Limits(work_limit, 0.0)).impossible:
            return some
    return duties


def _core(form: Form, work_limit: float) -> list[str]:
    """Return rules that CP-SAT used to find a contradiction; all where it does not say."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    texts = sorted({row.text for row in form.rows if row.text})
    model, variables = constraint_model(form.arrays(lambda row: not row.text))
    holds = {text: model.new_bool_var("") for text in texts}
    for row in form.rows:
        if row.text:
            chosen, prices = [variables[at] for at, _ in row.terms], [by for _, by in row.terms]
            total = cp_model.LinearExpr.weighted_sum(chosen, prices)
            model.add_linear_constraint(total, row.low, row.high).only_enforce_if(holds[row.text])
    model.add_assumptions(list(holds.values()))
    solver = searcher(work_limit)
    if solver.solve(model) != cp_model.INFEASIBLE:
        return texts
    used = {*solver.sufficient_assumptions_for_infeasibility()}
    core = [text for text in texts if holds[text].index in used]
    return core if _contradicts(form, core, work_limit) else texts


def _contradicts(form: Form, rules: Iterable[str], work_limit: float) -> bool:
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    kept = {*rules}
    model, _ = constraint_model(form.arrays(lambda row: not row.text or row.text in kept))
    return bool(searcher(work_limit).solve(model) == cp_model.INFEASIBLE)
