"""Which of the two checkers looks at a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scheduler import checker
from scheduler.errors import PlanError, RoundError
from scheduler.planfiles import as_published, read_published
from scheduler.rounds import read_round
from scheduler.verification import Verifier

if TYPE_CHECKING:
    from scheduler.plans import Plan
    from scheduler.rounds import Round

#: Up to here the checker that the public reads is quick enough to be the one that answers.
_SMALL = 20_000


class Report(NamedTuple):
    """What a check found, and how many people it had to believe.

    Attributes:
        findings: What does not hold; nothing means that the plan holds.
        on_trust: People in components with chains: their seats and the chain rule were checked,
            but least cost and refusals for `chain` rest on the solver's own proof.
    """

    findings: list[checker.Finding]
    on_trust: int


def check_folders(round_folder: Path, plan_folder: Path) -> Report:
    """Check a published plan against its round.

    Small CSV rounds are checked by the standard-library checker, all others by the vectorised one.

    Raises:
        RoundError: The round itself is not valid.
    """
    found = read_round(round_folder)
    parquet = [*round_folder.glob("*.parquet"), *plan_folder.glob("*.parquet")]
    if parquet or len(found.applications.rank) > _SMALL:
        return _vectorised(found, plan_folder)
    try:
        checking = checker.Checker(checker.Round(round_folder), plan_folder)
    except checker.BadRound as error:
        raise RoundError("round", str(error)) from error
    return Report(checking.run(), checking.on_trust)


def check(found: Round, plan: Plan | Path) -> list[checker.Finding]:
    """Check a plan, in memory or as a published folder, against a round in memory.

    Nothing returned means that it holds. This is the vectorised checker, for any size.
    """
    return _vectorised(found, plan).findings


def _vectorised(found: Round, plan: Plan | Path) -> Report:
    try:
        published = read_published(plan) if isinstance(plan, Path) else as_published(found, plan)
    except PlanError as error:
        return Report([checker.Finding("file", "plan", str(error))], 0)
    verifier = Verifier(found, published)
    return Report(verifier.run(), verifier.on_trust)
