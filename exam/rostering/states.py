"""States of rosters and kinds of what staff declare. Pure."""

from enum import StrEnum


class RosterState(StrEnum):
    """Life of a roster; it holds for anybody in `TOLD` and nowhere before."""

    ASKED = "asked"
    """Waits for the jobs process."""
    DRAFT = "draft"
    """Solved; planner and duty leader look at it."""
    CONFLICT = "conflict"
    """There is no such roster: the rules that contradict each other are named."""
    TOLD = "told"
    REPLACED = "replaced"
    """A later one took its place when somebody fell out."""
    DROPPED = "dropped"


ROSTER_MOVES: dict[RosterState, frozenset[RosterState]] = {
    RosterState.ASKED: frozenset({RosterState.DRAFT, RosterState.CONFLICT, RosterState.DROPPED}),
    RosterState.DRAFT: frozenset({RosterState.TOLD, RosterState.ASKED, RosterState.DROPPED}),
    RosterState.CONFLICT: frozenset({RosterState.ASKED, RosterState.DROPPED}),
    RosterState.TOLD: frozenset({RosterState.REPLACED}),
}
OPEN = (RosterState.ASKED, RosterState.DRAFT, RosterState.CONFLICT)


class Declared(StrEnum):
    """What a member of staff says for the next roster; why is nobody's business."""

    AWAY = "away"
    AVOIDS = "avoids"
    """A conflict of interest at a site: own school, relatives, friends."""
