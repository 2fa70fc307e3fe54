"""Who sat before a camera, by the attempts of the exam day."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from exam.booking.models import Booking
from exam.db import db
from exam.examday.models import IN_USE, Attempt, Sitting
from exam.live.models import Camera
from exam.policy.subjects import Subject


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


def subjects_in(vehicles: Collection[UUID]) -> dict[UUID, Subject]:
    """The subject that each vehicle is used for: of the sitting in it, else of the last one.

    The last one, so that the camera's watch does not begin anew between two candidates.
    """
    last = (
        sa.select(Attempt.vehicle_id, Booking.subject)
        .join(Sitting, Sitting.id == Attempt.sitting_id)
        .join(Booking, Booking.id == Sitting.booking_id)
        .where(Attempt.vehicle_id.in_(vehicles))
        .ext(distinct_on(Attempt.vehicle_id))
        .order_by(Attempt.vehicle_id, Attempt.opened_at.desc())
    )
    now = (
        sa.select(Sitting.vehicle_id, Booking.subject)
        .join(Booking, Booking.id == Sitting.booking_id)
        .where(Sitting.vehicle_id.in_(vehicles), Sitting.state.in_(IN_USE))
    )
    return {
        vehicle: subject
        for vehicle, subject in (*db.session.execute(last), *db.session.execute(now))
        if vehicle is not None
    }
