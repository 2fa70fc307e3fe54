"""Solving and checking: the jobs process takes a closed round forward, one step at a time.

Each step starts from a state in the database and ends by moving it, so that a crash at any point
is continued by asking again. The engine runs outside any transaction.
"""

import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
import structlog

from exam import disk
from exam.audit import services as audit
from exam.booking import engine
from exam.booking.models import ROUND_MOVES, Round, RoundState
from exam.booking.round_files import PLAN_FILES, digests, folder_of
from exam.booking.services import reports
from exam.booking.services.freezing import freeze
from exam.booking.services.rounds import follow_clock
from exam.db import db, lock_row, transaction
from exam.disk import DiskState
from exam.errors import DiskFull
from exam.policy.pack import Pack
from exam.states import move

log = structlog.get_logger()
PROGRESS_SECONDS = 1.0
STEPS = (RoundState.CLOSED, RoundState.FROZEN, RoundState.SOLVED)


def advance(*, now: datetime, pack: Pack, data_folder: Path) -> dict[str, int]:
    """Follow the clock, then take every closed round as far as it goes; returns counts.

    A round that fails keeps its state and says so on the planner's page; the others go on. One that
    lacks room on the disk goes on by itself as soon as there is some.
    """
    counts = follow_clock(now=now)
    waiting = _waiting()
    if waiting and disk.room(data_folder).state is DiskState.FULL:
        _note_lack(waiting)
        return {**counts, "without_room": len(waiting)}
    for round_id in waiting:
        try:
            _take_forward(round_id, now=now, pack=pack, data_folder=data_folder)
            counts["advanced"] = counts.get("advanced", 0) + 1
        except Exception as error:
            if disk.is_full(error):
                _note_lack([round_id])
                continue
            log.exception("round.step_failed", round_id=str(round_id))
            note_failure(round_id, type(error).__name__)
    return counts


def _waiting() -> list[UUID]:
    found = db.session.scalars(
        sa.select(Round.id)
        .where(Round.state.in_(STEPS), sa.not_(Round.progress.has_key("failure")))
        .order_by(Round.closes_at)
    ).all()
    db.session.rollback()
    return list(found)


def _take_forward(round_id: UUID, *, now: datetime, pack: Pack, data_folder: Path) -> None:
    freeze(round_id, now=now, pack=pack, data_folder=data_folder)
    solve_round(round_id, now=now, pack=pack, data_folder=data_folder)
    check_round(round_id, now=now, data_folder=data_folder)


def solve_round(round_id: UUID, *, now: datetime, pack: Pack, data_folder: Path) -> bool:
    """Solve a frozen round; False if it is not frozen (any more).

    Race stopped: two processes solving one round; both may compute the same bytes, but only the
    first that finds the locked row frozen moves it.
    """
    code = _code_in(round_id, RoundState.FROZEN)
    if code is None:
        return False
    folder = folder_of(data_folder, code)
    groups = reports.groups_of(round_id, pack)
    db.session.rollback()
    summary = engine.solve_round(
        folder / "round",
        folder / "plan",
        progress=_progress_writer(round_id),
        groups=groups,
        report=partial(reports.hide_small, pack=pack),
    )
    with transaction():
        found: Round = lock_row(Round, round_id)
        if found.state is not RoundState.FROZEN:
            return False
        if summary["round_sha256"] != found.round_sha256:
            raise engine.SchedulerError("the round's files are not those that were frozen")
        found.summary = {
            **found.summary,
            **summary,
            "files": digests(folder / "plan", PLAN_FILES),
        }
        found.solved_at, found.progress = now, {}
        found.state = move(found.state, RoundState.SOLVED, ROUND_MOVES)
        audit.record("round.solved", found, now=now, account_id=None, files=found.summary["files"])
    return True


def check_round(round_id: UUID, *, now: datetime, data_folder: Path) -> bool:
    """Have a solved round verified in another process; False if it does not hold."""
    code = _code_in(round_id, RoundState.SOLVED)
    if code is None:
        return False
    folder = folder_of(data_folder, code)
    verdict = engine.check_plan(folder / "round", folder / "plan")
    if not verdict.holds:
        log.error("round.check_failed", round_id=str(round_id), said=verdict.text[:500])
        note_failure(round_id, "check")
        return False
    with transaction():
        found: Round = lock_row(Round, round_id)
        if found.state is not RoundState.SOLVED:
            return False
        found.checked_at, found.progress = now, {}
        found.state = move(found.state, RoundState.CHECKED, ROUND_MOVES)
        audit.record("round.checked", found, now=now, account_id=None)
    return True


def note_failure(round_id: UUID, failure: str) -> None:
    """Leave the round where it stands until a person asks to try again."""
    db.session.rollback()
    with transaction() as session:
        session.execute(
            sa.update(Round).where(Round.id == round_id).values(progress={"failure": failure})
        )


def _note_lack(round_ids: Sequence[UUID]) -> None:
    """Say that they wait for room; where the database has none either, the log alone does."""
    db.session.rollback()
    log.error("disk.full", rounds=len(round_ids))
    with contextlib.suppress(DiskFull, sa.exc.OperationalError), transaction() as session:
        session.execute(
            sa.update(Round).where(Round.id.in_(round_ids)).values(progress={"lacks": "room"})
        )


def _code_in(round_id: UUID, state: RoundState) -> str | None:
    query = sa.select(Round.code).where(Round.id == round_id, Round.state == state)
    code = db.session.scalar(query)
    db.session.rollback()
    return code


def _progress_writer(round_id: UUID) -> Callable[[int, int], None]:
    """Tell the planner's page how far the engine is, at most once a second."""
    last = float("-inf")

    def write(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last < PROGRESS_SECONDS:
            return
        last = time.monotonic()
        with transaction() as session:
            session.execute(
                sa.update(Round)
                .where(Round.id == round_id)
                .values(progress={"done": done, "total": total})
            )

    return write
