"""A replanning is solved by the fast engine where it is installed, and nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from exam.booking import engine
from exam.db import db, transaction
from exam.replanning import asking
from exam.replanning import solving as replan_solving
from exam.replanning.asking import Cut
from exam.replanning.models import Replan, ReplanKind, ReplanState
from exam.replanning.reading import folder_of, loaded
from tests.booking.factories import PACK
from tests.replanning.factories import LATER, Town, replan

if TYPE_CHECKING:
    from uuid import UUID

MEASURED = ("engine", "seconds", "peak_mb")
"""What a summary says of the run and not of the plan."""


def drafted(town: Town, key: UUID, name: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The summary and the files of the draft that an engine makes of a frozen replanning."""
    folder = folder_of(town.folder, loaded(key))
    db.session.rollback()  # as the job does: no transaction stays open while an engine works
    summary = engine.solve_round(
        folder / "round", folder / name, progress=lambda *_: None, engine=name
    )
    found = {x: y for x, y in summary.items() if x not in MEASURED}
    files = {x.name: x.read_bytes() for x in (folder / name).iterdir() if x.stem != "summary"}
    return found, files


def test_the_same_bytes_from_both(town: Town) -> None:
    key = town.ask(Cut(town.sessions()[0].id, cancels=True))
    ours, theirs = (drafted(town, key, x) for x in (engine.FAST, engine.ORTOOLS))
    assert ours == theirs
    assert {"assignments.csv", "certificate.json", "refused.csv"} <= set(ours[1])


def test_the_fast_one_is_taken_for_many_alone() -> None:
    assert engine.named(engine.AUTO, engine.FAST_FROM) == engine.FAST
    assert engine.named(engine.AUTO, engine.FAST_FROM - 1) == engine.ORTOOLS
    assert engine.named(engine.ORTOOLS, engine.FAST_FROM) == engine.ORTOOLS
    assert engine.named(engine.FAST, 1) == engine.FAST


def test_the_job_takes_the_one_that_is_set(town: Town) -> None:
    first = town.sessions()[0]
    made = asking.ask(
        town.city.planner,
        town.round_id,
        ReplanKind.SESSION_CANCELLED,
        note="水管破裂",
        cuts=[Cut(first.id, cancels=True)],
        now=LATER,
    )
    replan_solving.advance(now=LATER, pack=PACK, data_folder=town.folder, with_engine=engine.FAST)
    found = replan(made.id)
    assert (found.state, found.summary["engine"]) == (ReplanState.DRAFT, "fast")
    fast = {(x.case_id, x.to_pool_id, x.change) for x in town.lines(made.id)}
    with transaction() as session:
        session.execute(sa.update(Replan).values(state=ReplanState.STALE))
    town.solve()
    assert replan(made.id).summary["engine"] == "ortools"
    again = {(x.case_id, x.to_pool_id, x.change) for x in town.lines(made.id)}
    assert {x[2] for x in again} == {x[2] for x in fast}
    db.session.rollback()
