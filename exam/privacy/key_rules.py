"""Whether an evidence key may go. Pure: what is asked and what stands come in as plain values."""

from dataclasses import dataclass
from enum import StrEnum


class Ground(StrEnum):
    """Why a key may go; before its term only where the law does not ask for the recording."""

    TERM_ENDED = "term_ended"
    NO_EXAM = "no_exam"
    """Nobody was examined there on that day: a trial, or a camera left on by mistake."""


class Kept(StrEnum):
    """What stands in the way of erasing a key."""

    NO_KEY = "no_key"
    DAY_NOT_OVER = "day_not_over"
    HELD = "held"
    UNDECIDED = "undecided"
    """Somebody still has to judge what was recorded."""
    TERM = "term"
    EXAMINED = "examined"
    NOT_ALLOWED = "not_allowed"
    """The pack does not let anything go before its term."""
    UNFINISHED = "unfinished"
    """The camera's folder cannot be closed or read now; tried again by itself."""


@dataclass(frozen=True)
class Standing:
    """What the house knows of a camera's key of one day."""

    there: bool
    """A key of that camera and day exists."""
    day_over: bool
    held: bool
    """A hold, asked for or set, keeps something under it."""
    undecided: bool
    """A review item of the day still waits for a person."""
    term_over: bool
    examined: bool
    """Somebody sat an exam at the camera's site that day."""
    early_allowed: bool
    """The pack lets what no exam was filmed on go before the term."""


def in_the_way(ground: Ground, found: Standing) -> Kept | None:
    """The first thing that keeps a key, the gravest first; None: it may go."""
    always = (
        (not found.there, Kept.NO_KEY),
        (found.held, Kept.HELD),
        (not found.day_over, Kept.DAY_NOT_OVER),
        (found.undecided, Kept.UNDECIDED),
    )
    early = (
        (not found.early_allowed, Kept.NOT_ALLOWED),
        (found.examined, Kept.EXAMINED),
    )
    term = ((not found.term_over, Kept.TERM),)
    asked = early if ground is Ground.NO_EXAM else term
    return next((why for stands, why in (*always, *asked) if stands), None)
