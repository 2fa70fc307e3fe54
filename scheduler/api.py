"""The public functions of the engine; what else is in this package may change.

found = read_round(Path("round"))         # or build_round(config_source(), tables)
plan = solve(found)
write_plan(found, plan, Path("plan"))
findings = check(found, Path("plan"))
"""

from scheduler.checker import Finding
from scheduler.checking import check, check_folders
from scheduler.config import config_source
from scheduler.errors import (
    OutputError,
    PlanError,
    RoundError,
    SchedulerError,
    SolveError,
)
from scheduler.explain import Explainer, Explanation, Gain
from scheduler.plans import Plan, Reason, write_plan
from scheduler.public import PublicRound, opens, public_round
from scheduler.rounds import Round, build_round, read_round
from scheduler.solving import solve

__all__ = [
    "Explainer",
    "Explanation",
    "Finding",
    "Gain",
    "OutputError",
    "Plan",
    "PlanError",
    "PublicRound",
    "Reason",
    "Round",
    "RoundError",
    "SchedulerError",
    "SolveError",
    "build_round",
    "check",
    "check_folders",
    "config_source",
    "opens",
    "public_round",
    "read_round",
    "solve",
    "write_plan",
]
