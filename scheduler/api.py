"""The public functions of the engine; what else is in this package may change.

found = read_round(Path("round"))         # or build_round(config_source(), tables)
plan = solve(found)
write_plan(found, plan, Path("plan"))
findings = check(found, plan)             # or check(found, Path("plan"))
"""

from scheduler.canonical import write_tables
from scheduler.checker import Finding
from scheduler.checking import check, check_folders
from scheduler.config import config_source
from scheduler.errors import (
    EngineError,
    OutputError,
    PlanError,
    RoundError,
    SchedulerError,
    SolveError,
)
from scheduler.explain import Explainer, Explanation, Gain
from scheduler.fairness import Share, fairness
from scheduler.lookahead import (
    Capacity,
    Interval,
    Outlook,
    Permit,
    Shortage,
    Window,
    outlook,
    shortages,
)
from scheduler.plans import Plan, Reason, write_plan
from scheduler.public import PublicRound, opens, public_round
from scheduler.refusals import Refusals, refusals
from scheduler.replan import Change, Standing, Touched, changes, touched
from scheduler.rounds import Round, build_round, read_round, write_round
from scheduler.simulation import Effect, Forecast, Queue, WhatIf, changed, simulate, what_if
from scheduler.solving import need_engine, solve

__all__ = [
    "Capacity",
    "Change",
    "Effect",
    "EngineError",
    "Explainer",
    "Explanation",
    "Finding",
    "Forecast",
    "Gain",
    "Interval",
    "Outlook",
    "OutputError",
    "Permit",
    "Plan",
    "PlanError",
    "PublicRound",
    "Queue",
    "Reason",
    "Refusals",
    "Round",
    "RoundError",
    "SchedulerError",
    "Share",
    "Shortage",
    "SolveError",
    "Standing",
    "Touched",
    "WhatIf",
    "Window",
    "build_round",
    "changed",
    "changes",
    "check",
    "check_folders",
    "config_source",
    "fairness",
    "need_engine",
    "opens",
    "outlook",
    "public_round",
    "read_round",
    "refusals",
    "shortages",
    "simulate",
    "solve",
    "touched",
    "what_if",
    "write_plan",
    "write_round",
    "write_tables",
]
