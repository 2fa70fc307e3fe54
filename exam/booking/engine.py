"""The one door to the engine. Only the jobs process imports it: pages never solve.

Folders in, folders out; what the engine writes is read with `exam.booking.round_files`.
"""

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from exam.booking.round_files import CHECKER, FAIRNESS, REASONS, WORTH, keep, write_round
from scheduler.api import (
    Explainer,
    SchedulerError,
    Standing,
    build_round,
    config_source,
    fairness,
    public_round,
    read_round,
    refusals,
    solve,
    worth,
    write_plan,
)
from scheduler.plans import Plan
from scheduler.rounds import Round

CHECK_SECONDS = 600
HOLDS = 0
SECRET_BYTES = 32
OTHERS_NAMED = 6
ADDITIONS = 3
"""A seat, a vehicle, an examiner."""
WORTH_PEOPLE = 1_500_000
"""People solved again, at most, to say what more would bring: some thirty seconds of work."""
ORTOOLS, FAST, AUTO = "ortools", "fast", "auto"
FAST_FROM = 20_000
"""Applications. For fewer OR-Tools is done in half a second; the other compiles for a minute."""
THREADS = 2
"""Cores that a round may use; the plan is the same for any number."""
NO_GROUPS: Mapping[str, Mapping[str, str]] = MappingProxyType({})
Report = dict[str, list[dict[str, Any]]]

__all__ = [
    "Frozen",
    "SchedulerError",
    "Verdict",
    "check_plan",
    "freeze_round",
    "named",
    "solve_round",
]


@dataclass(frozen=True)
class Frozen:
    """What the freeze must remember of a round."""

    sha256: str
    names: dict[str, str]
    """Application to its name in the public files."""
    openings: dict[str, str]
    """Application to what opens its public commitment."""


def named(setting: str, applications: int) -> str:
    """The engine that a setting means: for many the fast one, where what it needs is installed."""
    if setting != AUTO:
        return setting
    return FAST if applications >= FAST_FROM and find_spec("numba") else ORTOOLS


def freeze_round(tables: Mapping[str, Mapping[str, Any]], folder: Path) -> Frozen:
    """Make a round anonymous and write it; what is written is what is solved and published.

    Args:
        tables: the round's tables, column by column, with the real tiers, keys and lots.
        folder: where the public round goes; an earlier try is replaced.

    Raises:
        SchedulerError: the round is not valid; names table, row and column.
    """
    return _publish(build_round(config_source(), _filled(tables)), folder)


def freeze_part(
    tables: Mapping[str, Mapping[str, Any]], sessions: Iterable[str], folder: Path
) -> tuple[Frozen, list[str]]:
    """Write what an event touches of a round in force as a round of its own.

    Args:
        tables: all of the round, with ``prior`` and the seats of the event.
        sessions: ids of the sessions that the event touches.
        folder: where the public round goes; an earlier try is replaced.

    Returns:
        The frozen part, and the ids of all sessions that share people with the event's.

    Raises:
        SchedulerError: the round is not valid; names table, row and column.
    """
    wanted = list(sessions)
    standing = Standing(build_round(config_source(), _filled(tables)))
    near = standing.touched(wanted).sessions
    return _publish(standing.part(wanted), folder), sorted({*near, *wanted})


def _filled(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {name: columns for name, columns in tables.items() if columns}


def _publish(found: Round, folder: Path) -> Frozen:
    shown = public_round(found, secrets.token_bytes(SECRET_BYTES))
    rows = {name: table.to_pylist() for name, table in shown.tables.items()}
    write_round(folder, shown.source, rows)
    return Frozen(read_round(folder).sha256, shown.names, shown.openings)


def solve_round(
    round_folder: Path,
    plan_folder: Path,
    *,
    progress: Callable[[int, int], None],
    engine: str = ORTOOLS,
    groups: Mapping[str, Mapping[str, str]] = NO_GROUPS,
    report: Callable[[Report], Report] | None = None,
) -> dict[str, Any]:
    """Solve a round and write its plan; an earlier try is replaced.

    Args:
        round_folder: the frozen round.
        plan_folder: where the four files go.
        progress: called with (components done, components in all).
        engine: which of the two; both write the same bytes.
        groups: what is grouped by, to application, to its group.
        report: makes of the shares by group what is kept of them; None: nothing is.

    Returns:
        The engine's summary.

    Raises:
        SchedulerError: the engine refuses or fails; nothing is written.
    """
    found = read_round(round_folder)
    plan = solve(found, engine=engine, threads=THREADS, progress=progress)
    write_plan(found, plan, plan_folder, force=True)
    keep(plan_folder.parent, REASONS, _reasons(found, plan))
    keep(plan_folder.parent, WORTH, {"gains": _gains(found, plan)})
    if report is not None:
        keep(plan_folder.parent, FAIRNESS, report(_shares(found, plan, groups)))
    return dict(plan.summary)


def _gains(found: Round, plan: Plan) -> list[dict[str, Any]]:
    """What more would bring; in a round that is too large, of seats alone, read off the proof."""
    gains = [x for x in Explainer(found, plan).gains() if x.rank]
    parts = max(1, len(plan.summary["components"]))
    if len(gains) * ADDITIONS * len(found.applications.rank) // parts <= WORTH_PEOPLE:
        return [asdict(x) for x in worth(found, plan)]
    return [
        {"kind": "seat", "session": x.session, "pool": x.pool, "seats": 1, "served": 1}
        | {"rank": x.rank}
        for x in gains
    ]


def _shares(
    found: Round, plan: Plan, groups: Mapping[str, Mapping[str, str]]
) -> dict[str, list[dict[str, Any]]]:
    return {by: [asdict(x) for x in fairness(found, plan, of)] for by, of in groups.items()}


def _reasons(found: Round, plan: Plan) -> dict[str, dict[str, Any]]:
    """What would have got each refused application a seat, by its public name."""
    told = refusals(found, plan, named=OTHERS_NAMED)
    sessions = found.sessions.ids.to_pylist()
    names = found.applications.ids.take(told.application).to_pylist()
    columns = (told.needed_rank.tolist(), told.inside.tolist(), told.outside.tolist())
    return {
        name: {
            "needed_rank": rank,
            "other_sessions": [sessions[at] for at in inside if at >= 0],
            "other_days": [sessions[at] for at in outside if at >= 0],
        }
        for name, rank, inside, outside in zip(names, *columns, strict=True)
    }


@dataclass(frozen=True)
class Verdict:
    """What the independent checker says."""

    holds: bool
    text: str


def check_plan(round_folder: Path, plan_folder: Path) -> Verdict:
    """Ask the checker that the public downloads, in a process of its own."""
    done = subprocess.run(  # noqa: S603 - a fixed program of our own, no shell
        [sys.executable, "-I", str(CHECKER), str(round_folder), str(plan_folder)],
        capture_output=True,
        text=True,
        timeout=CHECK_SECONDS,
        check=False,
    )
    return Verdict(done.returncode == HOLDS, (done.stdout + done.stderr).strip())
