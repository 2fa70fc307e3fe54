"""CP-SAT and HiGHS on the same arrays: fixed seeds, one thread, limits on work and not on time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scheduler.roster_programme import Arrays, Numbers

_SEED = 1
_NODES_PER_UNIT = 100
#: So many terms gone through by the simplex method are about a unit.
_STEPS_PER_UNIT = 5e7
#: Solvers' sums are trusted to this; costs are tens, so that nothing is rounded away.
_NOISE = 1e-3


@dataclass(frozen=True, slots=True)
class Limits:
    """Work in CP-SAT's deterministic units, and the share of the bound that is good enough."""

    work: float
    gap: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Values of all variables if some were found, a proven bound, and whether none exist.

    `work` is what it took, in CP-SAT's deterministic units or in steps of the simplex method.
    """

    values: Numbers | None
    bound: int
    impossible: bool = False
    work: float = 0.0


def cp_sat(
    arrays: Arrays, limits: Limits, *, bound: int | None = None, hint: Numbers | None = None
) -> Answer:
    """Solve with CP-SAT; where a bound is known already, it is enough to meet it."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    model, variables = constraint_model(arrays)
    sums = [(variables[at], int(arrays.cost[at])) for at in np.flatnonzero(arrays.cost)]
    if sums:
        total = cp_model.LinearExpr.weighted_sum([x for x, _ in sums], [c for _, c in sums])
        if bound is not None:
            model.add(total >= bound)
        model.minimize(total)
    for variable, value in zip(variables, () if hint is None else hint, strict=False):
        model.add_hint(variable, int(value))
    solver = searcher(limits.work)
    solver.parameters.relative_gap_limit = limits.gap
    status = solver.solve(model)
    work = solver.response_proto.deterministic_time
    known = bound if bound is not None else least_cost(arrays)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(None, known, impossible=status == cp_model.INFEASIBLE, work=work)
    values = np.array([solver.value(variable) for variable in variables], np.int64)
    best = lifted(arrays, solver.best_objective_bound) if sums else 0
    return Answer(values, max(best, known), work=work)


def constraint_model(arrays: Arrays) -> tuple[Any, list[Any]]:
    """Return a CP-SAT model without its objective, and its variables."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    model = cp_model.CpModel()
    bounds = zip(arrays.lower.tolist(), arrays.upper.tolist(), strict=True)
    variables = [model.new_int_var(low, high, "") for low, high in bounds]
    at, price, first = arrays.at.tolist(), arrays.price.tolist(), arrays.first.tolist()
    for row, (low, high) in enumerate(zip(arrays.low.tolist(), arrays.high.tolist(), strict=True)):
        some = slice(first[row], first[row + 1])
        total = cp_model.LinearExpr.weighted_sum([variables[one] for one in at[some]], price[some])
        model.add_linear_constraint(total, low, high)
    return model, variables


def searcher(work: float) -> Any:
    """Return CP-SAT with a fixed seed, one thread and a limit on work."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = _SEED
    solver.parameters.max_deterministic_time = work
    return solver


def highs(
    arrays: Arrays,
    limits: Limits,
    *,
    whole: bool = True,
    hint: Numbers | None = None,
    enough: int | None = None,
) -> Answer:
    """Solve with HiGHS.

    Args:
        arrays: What to solve.
        limits: Of nodes, by hundreds of units of work, and of the gap.
        whole: Else only the linear programme, which bounds the other and whose values are not kept.
        hint: Values to begin with.
        enough: End as soon as something costs no more than this.
    """
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 (as in engines)

    model = mathopt.Model.from_model_proto(_linear_model(arrays, whole=whole))
    options = _one_thread()
    if enough is not None:
        options.double_options["objective_target"] = enough + _NOISE
    parameters = mathopt.SolveParameters(
        random_seed=_SEED,
        highs=options,
        node_limit=round(limits.work * _NODES_PER_UNIT) if whole else None,
        relative_gap_tolerance=limits.gap if whole else None,
    )
    hints = None
    if hint is not None:
        values = {model.get_variable(at): float(value) for at, value in enumerate(hint)}
        hints = mathopt.ModelSolveParameters(
            solution_hints=[mathopt.SolutionHint(variable_values=values)]
        )
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters, model_params=hints)
    work = result.solve_stats.simplex_iterations * len(arrays.at) / _STEPS_PER_UNIT
    impossible = result.termination.reason == mathopt.TerminationReason.INFEASIBLE
    known = result.best_objective_bound()
    bound = lifted(arrays, known) if math.isfinite(known) else least_cost(arrays)
    if impossible or not whole or not result.has_primal_feasible_solution():
        return Answer(None, bound, impossible=impossible, work=work)
    found = result.variable_values()
    values_found = np.array([round(found[one]) for one in model.variables()], np.int64)
    # What was whole only within a tolerance may break a rule once it is rounded.
    return Answer(values_found if arrays.hold(values_found) else None, bound, work=work)


def _one_thread() -> Any:
    from ortools.math_opt.solvers import highs_pb2  # noqa: PLC0415 - slow, and for this alone

    options = highs_pb2.HighsOptionsProto()
    options.string_options["parallel"], options.int_options["threads"] = "off", 1
    return options


def lifted(arrays: Arrays, bound: float) -> int:
    """Return the least cost not below a bound that whole numbers can have."""
    step = int(np.gcd.reduce(arrays.cost)) or 1
    return step * math.ceil((bound - _NOISE) / step)


def least_cost(arrays: Arrays) -> int:
    """Return what the variables' own limits say of the cost."""
    return int(np.minimum(arrays.cost * arrays.lower, arrays.cost * arrays.upper).sum())


def _linear_model(arrays: Arrays, *, whole: bool) -> Any:
    from ortools.math_opt import model_pb2  # noqa: PLC0415 (as in engines)

    made, count, rows = model_pb2.ModelProto(), len(arrays.upper), len(arrays.low)
    made.variables.ids.extend(range(count))
    made.variables.lower_bounds.extend(arrays.lower.astype(float))
    made.variables.upper_bounds.extend(arrays.upper.astype(float))
    made.variables.integers.extend(np.full(count, whole))
    priced = np.flatnonzero(arrays.cost)
    made.objective.linear_coefficients.ids.extend(priced)
    made.objective.linear_coefficients.values.extend(arrays.cost[priced].astype(float))
    made.linear_constraints.ids.extend(range(rows))
    made.linear_constraints.lower_bounds.extend(arrays.low.astype(float))
    made.linear_constraints.upper_bounds.extend(arrays.high.astype(float))
    row = np.repeat(np.arange(rows), np.diff(arrays.first))
    order = np.lexsort((arrays.at, row))
    made.linear_constraint_matrix.row_ids.extend(row[order])
    made.linear_constraint_matrix.column_ids.extend(arrays.at[order])
    made.linear_constraint_matrix.coefficients.extend(arrays.price[order].astype(float))
    return made
