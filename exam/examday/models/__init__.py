"""The exam day: resources, sittings, draws, attempts, deductions, signatures."""

from exam.examday.models.attempts import (
    Attempt,
    Deduction,
    DeductionSource,
    Signature,
    SignatureRole,
)
from exam.examday.models.days import DAY_MOVES, DayState, ExamDay
from exam.examday.models.exceptions import ExceptionKind, ExceptionRequest, Incident
from exam.examday.models.outages import Outage, OutageCause
from exam.examday.models.resources import Duty, Lane, Room, Terminal, Vehicle
from exam.examday.models.sittings import (
    IN_USE,
    OPEN_STATES,
    SITTING_MOVES,
    Draw,
    Sitting,
    SittingState,
)

__all__ = [
    "DAY_MOVES",
    "IN_USE",
    "OPEN_STATES",
    "SITTING_MOVES",
    "Attempt",
    "DayState",
    "Deduction",
    "DeductionSource",
    "Draw",
    "Duty",
    "ExamDay",
    "ExceptionKind",
    "ExceptionRequest",
    "Incident",
    "Lane",
    "Outage",
    "OutageCause",
    "Room",
    "Signature",
    "SignatureRole",
    "Sitting",
    "SittingState",
    "Terminal",
    "Vehicle",
]
