"""The programmes of components with chains: HiGHS through OR-Tools, over the ways that matter.

A programme sees a few ways only. Its prices of chains go back to `chain_network`, whose bound says
which of all the other ways could make a plan better; only those are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.chain_flow import SCALE, Question
from scheduler.errors import SolveError

if TYPE_CHECKING:
    from scheduler.arrays import Flags, Ints
    from scheduler.chain_flow import Bound
    from scheduler.chain_network import Network
    from scheduler.engines import Engine

#: Nodes of one search, and entries of all programmes of one stage; limits on work, not on time.
MOST_NODES, MOST_ENTRIES = 20_000, 20_000_000
_FEASIBLE, _WHOLE = ("OPTIMAL", "FEASIBLE"), 1e-6


@dataclass(slots=True)
class Columns:
    """Ways, ways into hubs (by application) and ways out of hubs that a programme sees."""

    way: Flags
    hub: Flags
    out: Flags

    def add(self, bound: Bound, asked: Question, most: int) -> bool:
        """Add what costs at most `most` more than the bound; say whether anything was new."""
        before = self._count()
        self.way |= bound.way <= most
        self.out |= bound.out <= most
        self.hub |= (bound.hub <= most) & asked.inside
        return self._count() > before

    def _count(self) -> int:
        return int(self.way.sum() + self.hub.sum() + self.out.sum())


@dataclass(frozen=True, slots=True)
class Kept:
    """A sum of costs that must not be exceeded while another is minimised."""

    asked: Question
    most: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a programme answered.

    Attributes:
        value: The least cost in parts of `SCALE`; None if nothing was found.
        used: Ways taken wholly.
        alone: Applications without a seat.
        whole: Whether every partner sits in one place.
        optimal: Whether the programme says that nothing is better, or possible, among its ways.
        price: Of each chain row, in parts of `SCALE`.
        weight: Of the kept sum, in the same parts.
    """

    value: float | None
    used: Flags
    alone: Flags
    whole: bool
    optimal: bool
    price: Ints
    weight: int


class Programme:
    """Asks one network for the cheapest plan that keeps its chains."""

    def __init__(self, network: Network, engine: Engine) -> None:
        self.network, self.engine = network, engine
        self.entries = 0

    def run(
        self,
        asked: Question,
        columns: Columns,
        kept: Kept | None,
        *,
        whole: bool,
        limited: bool = True,
    ) -> Answer:
        """Solve over some columns, partners whole or as a linear programme.

        Raises:
            WorkLimitError: The stage has used up its work.
        """
        from ortools.math_opt.python import mathopt  # noqa: PLC0415 (see engines)
        from ortools.math_opt.solvers import highs_pb2  # noqa: PLC0415 - slow, and for chains alone

        if limited and self.entries > MOST_ENTRIES:
            raise WorkLimitError
        form = _Form(self.network, asked, columns, kept)
        self.entries += sum(len(rows) for rows, _, _ in form.entries)
        options = highs_pb2.HighsOptionsProto()
        options.string_options["parallel"], options.int_options["threads"] = "off", 1
        parameters = mathopt.SolveParameters(
            random_seed=1,
            highs=options,
            node_limit=MOST_NODES if whole else None,
            relative_gap_tolerance=0.0 if whole else None,
            absolute_gap_tolerance=0.5 if whole else None,
        )
        model = mathopt.Model.from_model_proto(form.proto(whole=whole))
        result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
        return form.answer(result)


class WorkLimitError(SolveError):
    """A component with chains has used up its work."""

    def __init__(self) -> None:
        super().__init__("a component with chains met its limit of work")


class _Form:
    """One programme as columns and rows.

    Columns: ways, ways into hubs, ways out of hubs, staying without. Rows: people, hubs, pools,
    sessions, chains, and the kept sum.
    """

    def __init__(
        self, network: Network, asked: Question, columns: Columns, kept: Kept | None
    ) -> None:
        self.network, self.asked = network, asked
        ways, options = network.ways, network.options
        self.way = np.flatnonzero(columns.way & asked.inside[ways.app])
        self.people = network.people[asked.inside[network.people]]
        mine = network.hub_people
        self.hub = mine[(columns.hub & asked.inside)[mine]]
        taken = np.zeros(len(options.hub_start), bool)
        taken[options.hub[self.hub]] = True
        self.out = np.flatnonzero(columns.out & taken[network.out_hub])
        self.stay = self.people[asked.stay[self.people] >= 0]
        self.ends = np.cumsum([len(self.way), len(self.hub), len(self.out), len(self.stay)])
        self.entries: list[tuple[Ints, Ints, Any]] = []
        self.low: list[Any] = []
        self.high: list[Any] = []
        self.rows = 0
        self._people(kept)

    def _add(self, low: Any, high: Any) -> int:
        first = self.rows
        self.low.append(np.asarray(low, float))
        self.high.append(np.asarray(high, float))
        self.rows += len(self.low[-1])
        return first

    def _people(self, kept: Kept | None) -> None:
        network, ways, options = self.network, self.network.ways, self.network.options
        way, hub, out, stay = (
            np.arange(count) + end - count
            for count, end in zip(
                (len(self.way), len(self.hub), len(self.out), len(self.stay)),
                self.ends,
                strict=True,
            )
        )
        place = np.searchsorted
        ones = np.ones(len(self.people))
        first = self._add(ones, ones)
        for people, column in ((ways.app[self.way], way), (self.hub, hub), (self.stay, stay)):
            self._enter(first + place(self.people, people), column, 1.0)
        nothing = np.zeros(len(network.hubs))
        first = self._add(nothing, nothing)
        self._enter(first + place(network.hubs, options.hub[self.hub]), hub, 1.0)
        self._enter(first + place(network.hubs, network.out_hub[self.out]), out, -1.0)
        pools = np.concatenate((ways.pool[self.way], options.hub_pool[network.out[self.out]]))
        column = np.concatenate((way, out))
        seats = network.pool_seats[network.pools]
        first = self._add(np.full(len(seats), -np.inf), seats)
        self._enter(first + place(network.pools, pools), column, 1.0)
        seats = network.session_seats[network.sessions]
        first = self._add(np.full(len(seats), -np.inf), seats)
        at = network.found.pools.session[pools]
        self._enter(first + place(network.sessions, at), column, 1.0)
        self._chains()
        self._keep(kept, way, hub, out)

    def _enter(self, rows: Ints, columns: Ints, values: Any) -> None:
        self.entries.append((rows, columns, np.broadcast_to(values, len(rows))))

    def _chains(self) -> None:
        """Add the chain rows in which something here needs another seat."""
        rows = self.network.rows
        place = np.full(len(self.network.ways.app), -1, np.int64)
        place[self.way] = np.arange(len(self.way))
        here = place[rows.way] >= 0
        needed = np.zeros(rows.count, bool)
        needed[rows.row[here & (rows.sign > 0)]] = True
        here &= needed[rows.row]
        self.chains = np.flatnonzero(needed)
        self.first_chain = self._add(np.full(len(self.chains), -np.inf), np.zeros(len(self.chains)))
        at = self.first_chain + np.searchsorted(self.chains, rows.row[here])
        self._enter(at, place[rows.way[here]], rows.sign[here].astype(float))

    def _keep(self, kept: Kept | None, way: Ints, hub: Ints, out: Ints) -> None:
        self.kept_row = self.rows if kept else -1
        if not kept:
            return
        first = self._add([-np.inf], [kept.most / SCALE])
        for costs, column in (
            (kept.asked.way[self.way], way),
            (kept.asked.hub[self.hub], hub),
            (kept.asked.reserve[self.out], out),
        ):
            some = costs != 0
            self._enter(np.full(int(some.sum()), first), column[some], costs[some] / SCALE)

    def proto(self, *, whole: bool) -> Any:
        """Return the programme as OR-Tools reads it."""
        from ortools.math_opt import model_pb2  # noqa: PLC0415 (see engines)

        asked, made = self.asked, model_pb2.ModelProto()
        count = int(self.ends[-1])
        upper = np.ones(count)
        upper[self.ends[1] : self.ends[2]] = max(len(self.hub), 1)
        partner = np.zeros(count, bool)
        partner[: self.ends[0]] = self.network.partner[self.network.ways.app[self.way]] & whole
        made.variables.ids.extend(range(count))
        made.variables.lower_bounds.extend(np.zeros(count))
        made.variables.upper_bounds.extend(upper)
        made.variables.integers.extend(partner)
        cost = np.concatenate(
            (
                asked.way[self.way],
                asked.hub[self.hub],
                asked.reserve[self.out],
                asked.stay[self.stay],
            )
        )
        some = np.flatnonzero(cost)
        made.objective.linear_coefficients.ids.extend(some)
        made.objective.linear_coefficients.values.extend(cost[some] / SCALE)
        made.linear_constraints.ids.extend(range(self.rows))
        made.linear_constraints.lower_bounds.extend(np.concatenate(self.low))
        made.linear_constraints.upper_bounds.extend(np.concatenate(self.high))
        row, column, value = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        order = np.lexsort((column, row))
        made.linear_constraint_matrix.row_ids.extend(row[order])
        made.linear_constraint_matrix.column_ids.extend(column[order])
        made.linear_constraint_matrix.coefficients.extend(value[order])
        return made

    def answer(self, result: Any) -> Answer:
        """Read the answer."""
        network = self.network
        used, alone = np.zeros(len(network.ways.app), bool), np.zeros(network.size, bool)
        price, weight = np.zeros(network.rows.count, np.int64), 0
        reason = result.termination.reason.name
        if reason not in _FEASIBLE or not result.has_primal_feasible_solution():
            sure = reason in ("INFEASIBLE", "INFEASIBLE_OR_UNBOUNDED")
            return Answer(None, used, alone, whole=False, optimal=sure, price=price, weight=0)
        values = result.variable_values()
        x = np.zeros(int(self.ends[-1]))
        x[np.fromiter((key.id for key in values), np.int64, len(values))] = np.fromiter(
            values.values(), float, len(values)
        )
        way, alone_x = x[: self.ends[0]], x[self.ends[2] :]
        partner = network.partner[network.ways.app[self.way]]
        both = np.concatenate((way[partner], alone_x))
        whole = bool((np.abs(both - both.round()) < _WHOLE).all())
        used[self.way[way > 1 / 2]] = True
        alone[self.stay[alone_x > 1 / 2]] = True
        if result.has_dual_feasible_solution():
            duals = result.dual_values()
            dual = np.zeros(self.rows)
            dual[np.fromiter((key.id for key in duals), np.int64, len(duals))] = np.fromiter(
                duals.values(), float, len(duals)
            )
            mine = dual[self.first_chain : self.first_chain + len(self.chains)]
            price[self.chains] = np.maximum(0, np.round(-mine * SCALE)).astype(np.int64)
            weight = max(0, round(-float(dual[self.kept_row]) * SCALE)) if self.kept_row >= 0 else 0
        cost = result.objective_value() * SCALE
        return Answer(
            cost, used, alone, whole=whole, optimal=reason == "OPTIMAL", price=price, weight=weight
        )
