"""Solving a replanning in the jobs process, and noticing that a draft has become stale."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from exam import disk
from exam.audit import services as audit
from exam.booking import engine
from exam.booking.round_files import PLAN_FILES, digests, read_table
from exam.db import db, lock_row, new_id, transaction
from exam.disk import DiskState
from exam.errors import RuleRefused
from exam.policy.pack import Pack
from exam.replanning.asking_people import Asked, Place
from exam.replanning.freshness import mark_stale, outdated
from exam.replanning.gathering import Gathered, gather
from exam.replanning.models import REPLAN_MOVES, Change, Replan, ReplanLine, ReplanState
from exam.replanning.reading import folder_of, loaded
from exam.replanning.rules import fingerprint
from exam.states import move

log = structlog.get_logger()
TO_SOLVE = (ReplanState.ASKED, ReplanState.STALE)
TO_WATCH = (ReplanState.DRAFT, ReplanState.APPROVED)


def advance(
    *, now: datetime, pack: Pack, data_folder: Path, with_engine: str = engine.ORTOOLS
) -> dict[str, int]:
    """Solve whatever waits; returns how many drafts were made.

    One that fails keeps its state and says so on its page; the others go on. Whatever lacks room on
    the disk goes on by itself as soon as there is some.
    """
    done = 0
    waiting = _in_states(TO_SOLVE)
    if waiting and disk.room(data_folder).state is DiskState.FULL:
        log.error("disk.full", replans=len(waiting))
        return {"drafts": 0}
    for key in waiting:
        try:
            done += solve_replan(
                key, now=now, pack=pack, data_folder=data_folder, with_engine=with_engine
            )
        except RuleRefused as error:
            _note_failure(key, error.rule, error.facts)
        except Exception as error:
            if disk.is_full(error):
                db.session.rollback()
                log.error("disk.full", replans=1)  # noqa: TRY400 - a full disk needs no history
                continue
            log.exception("replan.failed", replan_id=str(key))
            _note_failure(key, type(error).__name__, {})
    return {"drafts": done}


def watch(*, now: datetime, pack: Pack) -> dict[str, int]:
    """Look at every open draft: what no longer stands on what it was made from is stale."""
    stale = 0
    for key in _in_states(TO_WATCH):
        with transaction():
            found: Replan = lock_row(Replan, key)
            if found.state in TO_WATCH:
                reasons = outdated(loaded(key), now=now, pack=pack)
                if reasons:
                    mark_stale(found, reasons, now=now)
                    stale += 1
    return {"stale": stale}


def _in_states(states: Sequence[ReplanState]) -> list[UUID]:
    found = db.session.scalars(
        sa.select(Replan.id)
        .where(Replan.state.in_(states), sa.not_(Replan.progress.has_key("failure")))
        .order_by(Replan.asked_at)
    ).all()
    db.session.rollback()
    return list(found)


def solve_replan(
    replan_id: UUID, *, now: datetime, pack: Pack, data_folder: Path, with_engine: str
) -> bool:
    """Freeze, solve and check what the event touches; False if it is not to be solved (any more).

    Races stopped: two processes solving one replanning (the first that finds the locked row in its
    state writes), and anything that changes meanwhile (the fingerprint was taken before solving,
    so that the draft is found stale as soon as anybody looks).

    Raises:
        RuleRefused: a touched day has begun, or a guest may not be seated.
        SchedulerError: the engine refuses or fails, or the checker does not accept the plan.
    """
    found = loaded(replan_id)
    if found.state not in TO_SOLVE:
        return False
    given = gather(found, now=now, pack=pack)
    folder = folder_of(data_folder, found)
    db.session.rollback()
    frozen, sessions = engine.freeze_part(given.columns, given.hit, folder / "round")
    summary = engine.solve_round(
        folder / "round",
        folder / "plan",
        progress=lambda *_: None,
        engine=engine.named(with_engine, len(given.rows["applications"])),
    )
    verdict = engine.check_plan(folder / "round", folder / "plan")
    if not verdict.holds:
        raise engine.SchedulerError(f"the checker does not accept the plan: {verdict.text[:200]}")
    with transaction():
        locked: Replan = lock_row(Replan, replan_id)
        if locked.state not in TO_SOLVE:
            return False
        _write_lines(locked, given, frozen.names, read_table(folder / "plan" / "assignments.csv"))
        locked.fingerprint = fingerprint(given.rows, sessions)
        locked.round_sha256, locked.progress = frozen.sha256, {}
        locked.summary = {
            **summary,
            "files": digests(folder / "plan", PLAN_FILES),
            "touched": sessions,
        }
        locked.state = move(locked.state, ReplanState.DRAFT, REPLAN_MOVES)
        audit.record(
            "replan.solved",
            locked,
            now=now,
            account_id=None,
            round_sha256=frozen.sha256,
            files=locked.summary["files"],
        )
    return True


def _write_lines(
    found: Replan,
    given: Gathered,
    names: Mapping[str, str],
    seated: Sequence[Mapping[str, str]],
) -> None:
    """Replace the lines: what happens to each person of the touched part."""
    after = {x["application"]: given.places[x["pool"]] for x in seated}
    db.session.execute(sa.delete(ReplanLine).where(ReplanLine.replan_id == found.id))
    rows = [
        _line(found.id, one, name, after.get(name))
        for one in given.people
        if (name := names.get(str(one.key)))
    ]
    if rows:
        db.session.execute(sa.insert(ReplanLine), rows)


def _line(replan_id: UUID, one: Asked, name: str, after: Place | None) -> dict[str, Any]:
    before = one.prior
    return {
        "id": new_id(),
        "replan_id": replan_id,
        "case_id": one.case_id,
        "subject": one.subject,
        "booking_id": one.key if before else None,
        "from_pool_id": before.id if before else None,
        "to_pool_id": after.id if after else None,
        "change": _change(before, after),
        "public_name": name,
    }


def _change(before: Place | None, after: Place | None) -> Change:
    if before is None:
        return Change.SEATED if after else Change.NOT_SEATED
    if after is None:
        return Change.LOST
    if after.id == before.id:
        return Change.KEPT
    return Change.POOL if after.session_id == before.session_id else Change.SESSION


def _note_failure(key: UUID, failure: str, facts: Mapping[str, Any]) -> None:
    """Leave the replanning where it stands until a person asks to try again, or drops it."""
    db.session.rollback()
    told = {name: str(value) for name, value in facts.items() if name != "rule"}
    with transaction() as session:
        session.execute(
            sa.update(Replan)
            .where(Replan.id == key)
            .values(progress={"failure": failure, "facts": told})
        )
