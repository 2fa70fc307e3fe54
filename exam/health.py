"""/healthz: database, migration head, keys, disk, jobs, cameras and commit, as they are."""

from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from exam import clock, disk
from exam.db import db
from exam.disk import DiskState
from exam.errors import ConfigurationError
from exam.features import standing
from exam.live.models import Camera, LedgerPosition
from exam.live.pulse import is_silent
from exam.sealing.holder import ring
from exam.system.models import JobRun, OutboxEvent

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 while the office can work, 503 when it cannot; the parts say why."""
    try:
        parts: dict[str, Any] = {
            "database": "up",
            "migration": _migration(),
            "jobs": _jobs(),
            "outbox_waiting": _outbox(),
            "cameras": _cameras(),
        }
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        parts = {"database": "down"}
    keys, room = _keys(), disk_room()
    schema = parts.get("migration", {})
    well = bool(schema) and schema["current"] == schema["head"] and keys == "present"
    well = well and room.state is not DiskState.FULL
    body = {
        "well": well,
        "keys": keys,
        "disk": {"state": room.state, "free_mb": room.free_bytes >> 20},
        "commit": current_app.config["KAOCHANG"].commit,
        "now": clock_text(),
        "features": standing(),
        **parts,
    }
    return jsonify(body), 200 if well else 503


def clock_text() -> str | None:
    """The application's time, or None while the database that may move it is away."""
    try:
        return clock.now().isoformat()
    except sa.exc.SQLAlchemyError:
        return None


def disk_room() -> disk.Room:
    """What is left for photos, rounds and recordings."""
    settings = current_app.config["KAOCHANG"]
    return disk.room(settings.data_folder, low_mb=settings.disk_low_mb)


def _keys() -> str:
    """Without its key file an installation can read nobody's number and take in nobody."""
    try:
        ring()
    except ConfigurationError:
        return "missing or not whole: make the file with `keys new`, or bring this database's own"
    return "present"


def _migration() -> dict[str, str | None]:
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory(current_app.extensions["migrate"].directory)
    return {"current": current, "head": script.get_current_head()}


def _jobs() -> dict[str, Any]:
    newest = (
        sa.select(JobRun.job, sa.func.max(JobRun.due_at).label("due"))
        .group_by(JobRun.job)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(JobRun).join(
            newest, sa.and_(JobRun.job == newest.c.job, JobRun.due_at == newest.c.due)
        )
    ).scalars()
    return {row.job: {"due": row.due_at.isoformat(), "state": row.state} for row in rows}


def _outbox() -> int:
    count = db.session.scalar(
        sa.select(sa.func.count()).select_from(OutboxEvent).where(OutboxEvent.handled_at.is_(None))
    )
    return count or 0


def _cameras() -> dict[str, str]:
    """Signs of life are compared with the database's own clock, which the demo does not move."""
    rows = db.session.execute(
        sa.select(Camera.stream, is_silent(), LedgerPosition.broken_seq)
        .join(LedgerPosition, LedgerPosition.stream == Camera.stream, isouter=True)
        .where(Camera.enabled)
    )
    return {stream: _camera_word(silent, broken) for stream, silent, broken in rows}


def _camera_word(silent: bool, broken_seq: int | None) -> str:  # noqa: FBT001 - one row's columns
    if broken_seq is not None:
        return f"ledger broken at seq {broken_seq}"
    return "silent" if silent else "watched"
