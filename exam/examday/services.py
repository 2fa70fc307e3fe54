"""The use cases of the exam day, as other features and the pages call them."""

from exam.examday.arrivals import (
    ask_machine,
    check_in,
    confirm_by_person,
    doubt_identity,
    identity_step,
    take_answer,
)
from exam.examday.attempts import (
    answer_retake,
    confirm_paper,
    end_attempt,
    note_deduction,
    open_attempt,
    take_back,
)
from exam.examday.calling import call_next, put_back
from exam.examday.days import close_day, day_of, open_day, open_tickets
from exam.examday.drawing import add_words, draw_for, draws_of, redraws_on
from exam.examday.exceptions import ask_no_fault, ask_redraw, decide
from exam.examday.history import Script, Staff, Tried, run_bulk
from exam.examday.outcomes import (
    confirm_absences,
    mark_absent,
    release_everybody,
    release_no_fault,
)
from exam.examday.signing import note_refusal, sign_as_candidate, sign_as_examiner
from exam.examday.sittings import sitting_at, sittings_in_room, start_day, start_due_days

__all__ = [
    "Script",
    "Staff",
    "Tried",
    "add_words",
    "answer_retake",
    "ask_machine",
    "ask_no_fault",
    "ask_redraw",
    "call_next",
    "check_in",
    "close_day",
    "confirm_absences",
    "confirm_by_person",
    "confirm_paper",
    "day_of",
    "decide",
    "doubt_identity",
    "draw_for",
    "draws_of",
    "end_attempt",
    "identity_step",
    "mark_absent",
    "note_deduction",
    "note_refusal",
    "open_attempt",
    "open_day",
    "open_tickets",
    "put_back",
    "redraws_on",
    "release_everybody",
    "release_no_fault",
    "run_bulk",
    "sign_as_candidate",
    "sign_as_examiner",
    "sitting_at",
    "sittings_in_room",
    "start_day",
    "start_due_days",
    "take_answer",
    "take_back",
]
