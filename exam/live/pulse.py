"""Signs of life: a worker that watches replaces its camera's small picture every second.

What counts is that the file changes, and the time is the database's: neither a machine's wrong
clock nor the demo's moved one makes a dead camera look alive.
"""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from exam.db import db, transaction
from exam.live.models import Camera, LedgerPosition
from exam.live.news import tell_camera
from exam.live.rules import SILENT_AFTER
from exam.live.streams import TILE, folder_of
from exam.people.models import Site


class Pulse:
    """Compares each camera's picture with the one of the last look."""

    def __init__(self, data_folder: Path) -> None:
        self._data_folder = data_folder
        self._last: dict[str, int] = {}
        self._silent: dict[UUID, bool] = {}

    def beat(self, streams: Mapping[str, UUID]) -> None:
        """Note who is alive, and tell the wall whose state has changed."""
        looks = {stream: self._look(stream) for stream in streams}
        alive = [
            stream
            for stream, at in looks.items()
            if at and self._last.get(stream) not in (None, at)
        ]
        self._last = {stream: at for stream, at in looks.items() if at}
        with transaction() as session:
            session.execute(
                sa.update(LedgerPosition)
                .where(LedgerPosition.stream.in_(alive))
                .values(alive_at=sa.func.clock_timestamp())
            )
            self._tell()

    def _look(self, stream: str) -> int:
        try:
            return (folder_of(self._data_folder, stream) / TILE).stat().st_mtime_ns
        except OSError:
            return 0

    def _tell(self) -> None:
        for camera_id, site_id, office_id, silent in silent_cameras():
            if self._silent.get(camera_id) not in (None, silent):
                tell_camera(
                    camera_id=camera_id,
                    site_id=site_id,
                    office_id=office_id,
                    state="silent" if silent else "watched",
                )
            self._silent[camera_id] = silent


def is_silent() -> sa.ColumnElement[bool]:
    """Whether a camera's position has had no sign of life lately; true where it never had one."""
    age = sa.func.clock_timestamp() - LedgerPosition.alive_at
    return sa.func.coalesce(age >= SILENT_AFTER, sa.true())


def silent_cameras() -> list[tuple[UUID, UUID, UUID, bool]]:
    """Every camera that should be watched: id, site, office, whether it is silent."""
    rows = db.session.execute(
        sa.select(Camera.id, Site.id, Site.office_id, is_silent())
        .join(Site, Site.id == Camera.site_id)
        .join(LedgerPosition, LedgerPosition.stream == Camera.stream, isouter=True)
        .where(Camera.enabled)
    )
    return [(camera, site, office, bool(silent)) for camera, site, office, silent in rows]
