"""Erasing the keys that two people agreed on; everything is asked again right before."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from apscheduler.triggers.interval import IntervalTrigger
from flask import current_app
from sqlalchemy.orm import joinedload

from exam.audit import services as audit
from exam.db import db, lock_row, transaction
from exam.live import orders
from exam.live.evidence_keys import erase_key, keys_of
from exam.live.models import Camera, Evidence
from exam.live.streams import folder_of
from exam.policy.pack import Pack
from exam.privacy.holds import write_file
from exam.privacy.key_erasing import evidence_of, standing
from exam.privacy.key_models import KeyErasure
from exam.privacy.key_rules import Kept, in_the_way
from exam.system.runs import Job
from proctor.erasure import paths_under
from proctor.errors import ProctorError
from proctor.ledger.writer import FolderTakenError

EVERY_SECONDS = 10
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ERASED = "key.erased"


def run(now: datetime) -> dict[str, Any]:
    """Erase what was agreed; a request that something keeps says what, and is tried again."""
    pack: Pack = current_app.extensions["kaochang.pack"]
    folder: Path = current_app.config["KAOCHANG"].data_folder
    waiting = sa.select(KeyErasure.id).where(
        KeyErasure.granted.is_(True), KeyErasure.erased_at.is_(None)
    )
    found = db.session.scalars(waiting.order_by(KeyErasure.decided_at)).all()
    return {"erased": sum(_one(x, now=now, pack=pack, data_folder=folder) for x in found)}


def _one(key: Any, *, now: datetime, pack: Pack, data_folder: Path) -> bool:
    """Whether it is gone now.

    Race stopped: a hold asked for while the key goes; writing the engine's list of holds queues
    both until the end of their transactions, and the hold that came first is seen here.
    """
    with transaction():
        asked: KeyErasure | None = lock_row(KeyErasure, key)
        if asked is None or asked.erased_at is not None:
            return False
        write_file()
        camera = db.session.get_one(Camera, asked.camera_id, options=[joinedload(Camera.site)])
        found = standing(camera, asked.day, now=now, pack=pack, data_folder=data_folder)
        why = in_the_way(asked.ground, found)
        if why is Kept.NO_KEY:  # a run before this one was broken off after the key had gone
            why = None
        asked.kept = why or _erase(asked, camera.stream, data_folder)
        if asked.kept is not None:
            return False
        asked.erased_at, asked.clips = now, _mark(asked, camera.stream, data_folder, now)
        audit.record(ERASED, asked, now=now, account_id=None, clips=asked.clips)
    return True


def _erase(asked: KeyErasure, stream: str, data_folder: Path) -> Kept | None:
    """Erase the day's keys; a folder that a worker writes gets an order and is looked at again."""
    folder, rule = folder_of(data_folder, stream), f"evidence.key.{asked.ground}"
    authorised = f"key-{asked.number}"
    for key_id in keys_of(data_folder, stream, asked.day):
        try:
            erase_key(data_folder, key_id, rule=rule, authorised=authorised)
        except ProctorError as error:
            if isinstance(error.__cause__, FolderTakenError):
                orders.give(folder, paths_under(folder, key_id), rule=rule, authorised=authorised)
            return Kept.UNFINISHED
        except OSError:
            return Kept.UNFINISHED
    return None


def _mark(asked: KeyErasure, stream: str, data_folder: Path, now: datetime) -> int:
    """Note which clips are gone, also those that a worker erased to order; their number."""
    folder = folder_of(data_folder, stream)
    ids = evidence_of(stream, asked.day)
    query = sa.select(Evidence).where(Evidence.id.in_(ids), Evidence.erased_at.is_(None))
    gone = [x for x in db.session.scalars(query) if not (folder / x.path).exists()]
    for row in gone:
        row.erased_at = now
    return len(gone)


JOBS = [
    Job(
        "privacy.keys",
        IntervalTrigger(seconds=EVERY_SECONDS, start_date=EPOCH, timezone=UTC),
        run,
    )
]
