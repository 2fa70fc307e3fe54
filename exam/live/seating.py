"""Who sat before a camera, by the attempts of the exam day."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from exam.db import db
from exam.examday.models import Attempt, Sitting
from exam.live.models import Camera


def sitting_at(camera: Camera, at: datetime) -> UUID | None:
    """The sitting with an attempt under way at the camera's terminal or in its vehicle.

    None where nobody sat there, and for a room's camera: it sees many, and names none.
    """
    if camera.terminal_id is not None:
        place = Sitting.terminal_id == camera.terminal_id
    elif camera.vehicle_id is not None:
        place = Sitting.vehicle_id == camera.vehicle_id
    else:
        return None
    under_way = sa.or_(Attempt.ended_at.is_(None), Attempt.ended_at >= at)
    return db.session.scalar(
        sa.select(Sitting.id)
        .join(Attempt, Attempt.sitting_id == Sitting.id)
        .where(place, Attempt.opened_at <= at, under_way)
        .order_by(Attempt.opened_at.desc())
        .limit(1)
    )
