"""Video past its term: erased through the engine, which writes the receipt before anything goes."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
import structlog

from exam.db import db, transaction
from exam.live import orders
from exam.live.evidence_keys import erase_key
from exam.live.models import CameraEvent, Evidence
from exam.live.streams import folder_of, signing_key
from exam.privacy.holds import held_evidence, write_file
from exam.privacy.retention import Counts, Run
from proctor.erasure import erase, paths_under
from proctor.errors import ProctorError
from proctor.ledger import keys
from proctor.ledger.writer import FolderTakenError

log = structlog.get_logger()
RULE = "evidence.retention_years"
AUTHORISED = "retention"


def erase_video(run: Run) -> Counts:
    """Erase clips of events that began before the limit, those that nobody holds.

    A folder that a worker is writing gets an order, which the worker carries out; the next run
    finds the clip gone and counts it.
    """
    with transaction():
        write_file()
    due = sa.select(Evidence).join(CameraEvent, CameraEvent.id == Evidence.camera_event_id)
    due = due.where(CameraEvent.started_at < run.limit, Evidence.erased_at.is_(None))
    held = held_evidence()
    kept = db.session.scalar(
        sa.select(sa.func.count()).select_from(due.where(Evidence.id.in_(held)).subquery())
    )
    streams: dict[str, list[Evidence]] = defaultdict(list)
    for row in db.session.scalars(due.where(Evidence.id.not_in(held)).order_by(Evidence.path)):
        streams[row.stream].append(row)
    total = Counts(held=kept or 0)
    for stream, rows in streams.items():
        total += _stream(folder_of(run.folder, stream), rows, run)
    forget_keys(run)
    return total


def forget_keys(run: Run) -> int:
    """Erase the keys of days past the term under which nothing is left.

    Copies of such clips, in whatever backup they lie, then open for nobody.
    """
    done = 0
    for path in (run.folder / "keys" / "evidence").glob("*.json"):
        stream, day, key_id = path.stem.rsplit(".", 2)
        if day >= run.limit.date().isoformat():
            continue
        try:
            if not paths_under(folder_of(run.folder, stream), key_id):
                erase_key(run.folder, key_id, rule=RULE, authorised=AUTHORISED)
                done += 1
        except (ProctorError, OSError):
            log.warning("evidence_key.kept", stream=stream)
    return done


def _stream(folder: Path, rows: Sequence[Evidence], run: Run) -> Counts:
    gone = [x for x in rows if not (folder / x.path).exists()]
    there = [x for x in rows if x not in gone]
    erased: list[Evidence] = []
    for row in there:
        try:
            _erase(folder, row.path, run.folder)
        except ProctorError as error:
            if isinstance(error.__cause__, FolderTakenError):
                paths = [x.path for x in there]
                orders.give(folder, paths, rule=RULE, authorised=AUTHORISED)
                break
        else:
            erased.append(row)
    with transaction():
        for row in (*gone, *erased):
            row.erased_at = run.now
    done = len(gone) + len(erased)
    return Counts(done, ordered=len(rows) - done)


def _erase(folder: Path, path: str, data_folder: Path) -> None:
    key = keys.load_or_create(signing_key(data_folder))
    erase(folder, [path], rule=RULE, authorised=AUTHORISED, key=key)
