"""Plans, sessions, pools, seats, rounds, applications, decisions, bookings."""

from exam.booking.models.bookings import BOOKING_MOVES, Booking, BookingState, PriorityCredit
from exam.booking.models.plans import Plan, PlanState, Pool, Seat, Session
from exam.booking.models.rounds import (
    APPLICATION_MOVES,
    ROUND_MOVES,
    Application,
    ApplicationState,
    Choice,
    Decision,
    Round,
    RoundState,
)

__all__ = [
    "APPLICATION_MOVES",
    "BOOKING_MOVES",
    "ROUND_MOVES",
    "Application",
    "ApplicationState",
    "Booking",
    "BookingState",
    "Choice",
    "Decision",
    "Plan",
    "PlanState",
    "Pool",
    "PriorityCredit",
    "Round",
    "RoundState",
    "Seat",
    "Session",
]
