"""What stands on the hall's board: read without names, so that none can slip out."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from exam.booking.models import Booking, Pool
from exam.db import db
from exam.examday.drawing import redraws_on
from exam.examday.models import ExamDay, Lane, Room, Sitting, SittingState, Terminal, Vehicle
from exam.policy.subjects import Subject

ON_THE_BOARD = (SittingState.CALLED, SittingState.DRAWN, SittingState.TESTING)


@dataclass(frozen=True)
class BoardRow:
    """One ticket and where it goes."""

    ticket: str
    state: SittingState
    place: str | None
    lane_zh: str | None
    lane_en: str | None


@dataclass(frozen=True)
class Board:
    """The called tickets, how many wait in each subject, and how often a draw was repeated."""

    called: list[BoardRow] = field(default_factory=list)
    seated: list[BoardRow] = field(default_factory=list)
    waiting: dict[Subject, int] = field(default_factory=dict)
    redraws: int = 0


def rows_of(day: ExamDay | None) -> Board:
    """The board of a day; empty where there is none."""
    if day is None:
        return Board()
    place = sa.func.coalesce(Vehicle.code, Room.code + "-" + Terminal.code)
    query = (
        sa.select(Sitting.ticket, Sitting.state, place, Lane.name_zh, Lane.name_en)
        .outerjoin(Vehicle, Vehicle.id == Sitting.vehicle_id)
        .outerjoin(Terminal, Terminal.id == Sitting.terminal_id)
        .outerjoin(Room, Room.id == Terminal.room_id)
        .outerjoin(Lane, Lane.id == Sitting.lane_id)
        .where(Sitting.exam_day_id == day.id, Sitting.state.in_(ON_THE_BOARD))
        .order_by(Sitting.called_at.desc(), Sitting.ticket)
    )
    rows = [BoardRow(*row) for row in db.session.execute(query)]
    return Board(
        called=[x for x in rows if x.state is not SittingState.TESTING],
        seated=[x for x in rows if x.state is SittingState.TESTING],
        waiting=_waiting(day),
        redraws=redraws_on(day.id),
    )


def _waiting(day: ExamDay) -> dict[Subject, int]:
    query = (
        sa.select(Booking.subject, sa.func.count())
        .join(Sitting, Sitting.booking_id == Booking.id)
        .join(Pool, Pool.id == Booking.pool_id)
        .where(Sitting.exam_day_id == day.id, Sitting.state == SittingState.CHECKED_IN)
        .where(Sitting.queued_at.is_not(None))
        .group_by(Booking.subject)
        .order_by(Booking.subject)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
