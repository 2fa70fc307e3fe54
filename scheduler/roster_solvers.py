"""CP-SAT and HiGHS on the same rows: one finds rosters fast, the other bounds and proves them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.roster_bounds import floor_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scheduler.roster_bounds import Floor
    from scheduler.roster_form import Form

_SEED = 1
_NODES_PER_UNIT = 100
#: Share of the work in which CP-SAT looks for a roster before HiGHS proves one.
_LOOKING = 0.1
#: Share of the work in which CP-SAT looks for a roster that costs what counting says.
_MEETING = 0.2


@dataclass(frozen=True, slots=True)
class Limits:
    """Work in CP-SAT's deterministic units, and the share of the bound that is good enough."""

    work: float
    gap: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Values of all variables if a roster was found, a proven bound, and whether none exists."""

    values: list[float] | None
    bound: int
    impossible: bool = False


def cp_sat(
    form: Form, limits: Limits, *, bound: int | None = None, hint: list[float] | None = None
) -> Answer:
    """Solve with CP-SAT; where a bound is known already, it is enough to meet it."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    model, variables = _constraint_model(form, None)
    sums = [(variables[number], price) for number, price in form.cost.items()]
    if sums:
        total = cp_model.LinearExpr.weighted_sum([x for x, _ in sums], [c for _, c in sums])
        if bound is not None:
            model.add(total >= bound)
        model.minimize(total)
    for variable, value in zip(variables, hint or [], strict=False):
        model.add_hint(variable, round(value))
    solver = _solver(limits.work)
    solver.parameters.relative_gap_limit = limits.gap
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(None, bound or 0, impossible=status == cp_model.INFEASIBLE)
    best = math.ceil(solver.best_objective_bound - 1e-6) if sums else 0
    values = [float(solver.value(variable)) for variable in variables]
    return Answer(values, max(best, bound if bound is not None else best))


def _constraint_model(form: Form, kept: Iterable[str] | None) -> tuple[Any, list[Any]]:
    """Return a CP-SAT model; with `kept` only the rows of those rules and what always holds."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    model = cp_model.CpModel()
    variables = [model.new_int_var(0, upper, "") for upper in form.upper]
    rules = None if kept is None else set(kept)
    for terms, low, high, text in form.rows:
        if rules is None or not text or text in rules:
            chosen, prices = [variables[at] for at, _ in terms], [price for _, price in terms]
            total = cp_model.LinearExpr.weighted_sum(chosen, prices)
            model.add_linear_constraint(total, low, high)
    return model, variables


def highs(
    form: Form, limits: Limits, *, whole: bool = True, hint: list[float] | None = None
) -> Answer:
    """Solve with HiGHS; without `whole` only the linear programme, which bounds every roster."""
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 (as in engines)
    from ortools.math_opt.solvers import highs_pb2  # noqa: PLC0415 - slow, and for the proof alone

    model = mathopt.Model.from_model_proto(_linear_model(form, whole=whole))
    options = highs_pb2.HighsOptionsProto()
    options.string_options["parallel"], options.int_options["threads"] = "off", 1
    parameters = mathopt.SolveParameters(
        random_seed=_SEED,
        highs=options,
        node_limit=round(limits.work * _NODES_PER_UNIT) if whole else None,
        relative_gap_tolerance=limits.gap if whole else None,
    )
    hints = None
    if hint is not None:
        values = {model.get_variable(at): float(round(value)) for at, value in enumerate(hint)}
        hints = mathopt.ModelSolveParameters(
            solution_hints=[mathopt.SolutionHint(variable_values=values)]
        )
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters, model_params=hints)
    if not result.has_primal_feasible_solution():
        sure = result.termination.reason == mathopt.TerminationReason.INFEASIBLE
        return Answer(None, 0, impossible=sure)
    found = result.variable_values()
    values_found = [found[variable] for variable in model.variables()]
    return Answer(values_found, math.ceil(result.best_objective_bound() - 1e-6))


def _linear_model(form: Form, *, whole: bool) -> Any:
    from ortools.math_opt import model_pb2  # noqa: PLC0415 (as in engines)

    made, count = model_pb2.ModelProto(), len(form.upper)
    made.variables.ids.extend(range(count))
    made.variables.lower_bounds.extend(np.zeros(count))
    made.variables.upper_bounds.extend(np.array(form.upper, float))
    made.variables.integers.extend(np.full(count, whole))
    at = sorted(form.cost)
    made.objective.linear_coefficients.ids.extend(at)
    made.objective.linear_coefficients.values.extend(float(form.cost[number]) for number in at)
    made.linear_constraints.ids.extend(range(len(form.rows)))
    made.linear_constraints.lower_bounds.extend(float(row.low) for row in form.rows)
    made.linear_constraints.upper_bounds.extend(float(row.high) for row in form.rows)
    for place, row in enumerate(form.rows):
        terms = sorted(row.terms)
        made.linear_constraint_matrix.row_ids.extend([place] * len(terms))
        made.linear_constraint_matrix.column_ids.extend(number for number, _ in terms)
        made.linear_constraint_matrix.coefficients.extend(float(price) for _, price in terms)
    return made


def both(form: Form, limits: Limits) -> Answer:
    """Meet what counting says; else bound by HiGHS, look with CP-SAT, let HiGHS prove the rest."""
    floor = floor_of(form)
    return _meet(form, floor, limits) or _prove(form, floor, limits)


def _prove(form: Form, floor: Floor, limits: Limits) -> Answer:
    """Close the gap from both sides."""
    relaxed = highs(form, limits, whole=False)
    if relaxed.values is None:
        return cp_sat(form, limits)
    bound = max(relaxed.bound, floor.cost)
    found = cp_sat(form, Limits(limits.work * _LOOKING, limits.gap), bound=bound)
    if found.impossible:
        return found
    if found.values is None:
        return highs(form, limits)
    if _close(form, found, limits.gap):
        return found
    proven = highs(form, limits, hint=found.values)
    if proven.values is None or _cost(form, found.values) < _cost(form, proven.values):
        return Answer(found.values, max(found.bound, proven.bound))
    return Answer(proven.values, max(found.bound, proven.bound))


def _meet(form: Form, floor: Floor, limits: Limits) -> Answer | None:
    """Return a roster that costs as little as counting allows, if one is found."""
    if not form.cost:
        return None
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    model, variables = _constraint_model(form, None)
    if form.short:
        model.add(sum(variables[number] for number in form.short.values()) <= floor.short)
    for spread, (most, least) in zip(form.spreads, floor.ends, strict=True):
        # Least steps leave both ends one value where the busiest has more than the idlest.
        model.add(variables[spread.most] <= max(most, least))
        model.add(variables[spread.least] >= min(most, least))
        model.add(variables[spread.most] - variables[spread.least] <= max(0, most - least))
    solver = _solver(limits.work * _MEETING)
    # Without an objective linear programmes only cost time here: searching is faster.
    solver.parameters.linearization_level = 0
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return Answer([float(solver.value(variable)) for variable in variables], floor.cost)


def _solver(work: float) -> Any:
    """Return CP-SAT with a fixed seed, one thread and a limit on work."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = _SEED
    solver.parameters.max_deterministic_time = work
    return solver


def _cost(form: Form, values: list[float]) -> int:
    return sum(price * round(values[number]) for number, price in form.cost.items())


def _close(form: Form, found: Answer, gap: float) -> bool:
    cost = _cost(form, found.values or [])
    return cost - found.bound <= gap * abs(cost)


ENGINES: dict[str, Callable[[Form, Limits], Answer]] = {
    "both": both,
    "cp-sat": cp_sat,
    "highs": highs,
}


def smallest_conflict(form: Form, work_limit: float) -> list[str]:
    """Drop rules in blocks, then one by one, as long as the rest still contradicts itself."""
    kept = sorted({row.text for row in form.rows if row.text})
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
    return kept


def _contradicts(form: Form, rules: list[str], work_limit: float) -> bool:
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    model, _ = _constraint_model(form, rules)
    solver = _solver(work_limit)
    return bool(solver.solve(model) == cp_model.INFEASIBLE)
