"""Kinds of events and when each opens, closes and becomes an alert.

A kind that no code observes is not listed: what is not looked for is not claimed.
"""

from dataclasses import dataclass
from enum import StrEnum


class View(StrEnum):
    """What a camera is for."""

    SEAT = "seat"
    ROOM = "room"
    CABIN = "cabin"


class Group(StrEnum):
    """Whether people or the equipment are concerned."""

    CONDUCT = "conduct"
    EQUIPMENT = "equipment"


class Severity(StrEnum):
    """A notice is shown, an alert is called."""

    NOTICE = "notice"
    ALERT = "alert"


class Kind(StrEnum):
    """What can be seen."""

    FACE_ABSENT = "face_absent"
    SEVERAL_FACES = "several_faces"
    WRONG_PERSON = "wrong_person"
    LOOKING_AWAY = "looking_away"
    PHONE = "phone"
    PERSON_ENTERED = "person_entered"
    CAMERA_COVERED = "camera_covered"
    CAMERA_MOVED = "camera_moved"
    CAMERA_FROZEN = "camera_frozen"
    SIGNAL_LOST = "signal_lost"
    CLOCK_JUMP = "clock_jump"
    FEED_REPLACED = "feed_replaced"
    ROOM_CHANGE = "room_change"
    NOT_WATCHED = "not_watched"


Place = tuple[Kind, str]
"""What is claimed, and of which seat of a room's camera; the camera's own has an empty seat."""


@dataclass(frozen=True)
class Rule:
    """Seconds unless said otherwise.

    opens_after: evidence needed. closes_after: calm needed. forgives: how much evidence a second
    of the contrary takes away. looks: how many looks must agree at least. alert_after: a notice
    turns alert when open so long, None: alert at once. share_of_minute: opens also when this part
    of any minute agrees. third_alerts: the third event in five minutes is an alert.
    """

    group: Group
    views: frozenset[View]
    opens_after: float
    closes_after: float
    forgives: float = 1.0
    looks: int = 2
    alert_after: float | None = None
    only_notice: bool = False
    share_of_minute: float | None = None
    third_alerts: bool = False


_ALL = frozenset(View)
_FACED = frozenset({View.SEAT, View.CABIN})
_SEAT = frozenset({View.SEAT})
_ROOM = frozenset({View.ROOM})
_MANY = frozenset({View.ROOM, View.CABIN})

RULES: dict[Kind, Rule] = {
    Kind.FACE_ABSENT: Rule(Group.CONDUCT, _FACED, 3.0, 0.6, forgives=3.0, looks=5, alert_after=15),
    Kind.SEVERAL_FACES: Rule(Group.CONDUCT, _FACED, 1.5, 1.5, forgives=0.7, looks=3),
    Kind.WRONG_PERSON: Rule(Group.CONDUCT, _FACED, 5.0, 3.0, forgives=2.0, looks=3),
    Kind.LOOKING_AWAY: Rule(
        Group.CONDUCT,
        _SEAT,
        4.0,
        1.0,
        looks=5,
        alert_after=10,
        share_of_minute=0.4,
        third_alerts=True,
    ),
    Kind.PHONE: Rule(Group.CONDUCT, _ALL, 2.0, 3.0, forgives=0.5, looks=2),
    Kind.PERSON_ENTERED: Rule(Group.CONDUCT, _MANY, 2.0, 3.0, forgives=0.5, looks=2),
    Kind.CAMERA_COVERED: Rule(Group.EQUIPMENT, _ALL, 2.0, 1.0, looks=3),
    Kind.CAMERA_MOVED: Rule(Group.EQUIPMENT, _ALL, 3.0, 1.0, looks=5),
    Kind.CAMERA_FROZEN: Rule(Group.EQUIPMENT, _ALL, 5.0, 0.5, forgives=5.0, looks=5),
    Kind.SIGNAL_LOST: Rule(Group.EQUIPMENT, _ALL, 2.0, 0.0, looks=1),
    Kind.CLOCK_JUMP: Rule(Group.EQUIPMENT, _ALL, 0.0, 0.0, looks=1),
    Kind.FEED_REPLACED: Rule(Group.EQUIPMENT, _ALL, 0.0, 0.0, looks=1),
    # Told by all cameras of a room together, and written by one of them: see proctor/room.py.
    Kind.ROOM_CHANGE: Rule(Group.EQUIPMENT, _ROOM, 2.0, 0.0, looks=1, only_notice=True),
    Kind.NOT_WATCHED: Rule(Group.EQUIPMENT, _ALL, 5.0, 0.0, looks=1, only_notice=True),
}


def kinds_of(view: View) -> frozenset[Kind]:
    """Return the kinds that are looked for in a view."""
    return frozenset(kind for kind, rule in RULES.items() if view in rule.views)
