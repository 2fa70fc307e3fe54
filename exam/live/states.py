"""States and kinds of what is watched. Pure."""

from enum import StrEnum


class View(StrEnum):
    """What a camera is for."""

    SEAT = "seat"
    ROOM = "room"
    CABIN = "cabin"


class EventGroup(StrEnum):
    """Suspected conduct is shown apart from equipment."""

    CONDUCT = "conduct"
    EQUIPMENT = "equipment"


class Severity(StrEnum):
    """Shown, or called."""

    NOTICE = "notice"
    ALERT = "alert"


class ItemState(StrEnum):
    """Life of a review item; no state is a verdict by software."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    DISMISSED = "dismissed"
    REFERRED = "referred"


ITEM_MOVES: dict[ItemState, frozenset[ItemState]] = {
    ItemState.OPEN: frozenset({ItemState.ACKNOWLEDGED}),
    ItemState.ACKNOWLEDGED: frozenset({ItemState.DISMISSED, ItemState.REFERRED}),
}
