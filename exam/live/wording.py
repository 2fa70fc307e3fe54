"""What was seen, in words for people: kinds, numbers, lengths of time. Never a verdict."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from flask_babel import lazy_gettext as _

from exam.live.states import EventGroup, ItemState

gettext: Callable[..., str] = flask_babel.gettext

KINDS: dict[str, Any] = {
    "face_absent": _("No face where the candidate sits"),
    "several_faces": _("More faces than expected"),
    "wrong_person": _("The face is unlike the registered photo"),
    "looking_away": _("Head turned away for long"),
    "phone": _("Something like a phone in the hand or at the head"),
    "person_entered": _("More people than expected"),
    "camera_covered": _("Camera covered"),
    "camera_moved": _("Camera moved"),
    "camera_frozen": _("Picture stands still"),
    "signal_lost": _("No signal from the camera"),
    "clock_jump": _("The camera's clock has jumped"),
    "feed_replaced": _("The picture does not continue the one before"),
    "room_change": _("Most cameras of the room changed at once"),
    "not_watched": _("Not watched closely enough for a while"),
    "ledger_broken": _("Ledger broken"),
}

GROUPS: dict[EventGroup, Any] = {
    EventGroup.CONDUCT: _("Suspected cheating, to be checked"),
    EventGroup.EQUIPMENT: _("Equipment"),
}

STATES: dict[ItemState, Any] = {
    ItemState.OPEN: _("Not looked at yet"),
    ItemState.ACKNOWLEDGED: _("Being looked at"),
    ItemState.DISMISSED: _("Put aside"),
    ItemState.REFERRED: _("Referred"),
}

ACTS: dict[str, Any] = {
    "acknowledged": _("Acknowledged"),
    "dismissed": _("Put aside"),
    "referred": _("Referred"),
}

STILLS: dict[str, Any] = {
    "opened": _("When it was noticed"),
    "peak": _("Where it was strongest"),
    "last": _("Where it was last seen"),
}

VERY_SURE, FAIRLY_SURE = 900, 700


def kind_name(kind: str) -> str:
    """What a kind is called; one that is newer than this release keeps its own name."""
    return str(KINDS.get(kind, kind))


def confidence(per_mille: int) -> str:
    """How sure the watcher is that it saw this, which says nothing about why."""
    share = f"{per_mille / 10:.0f}%"
    if per_mille >= VERY_SURE:
        return gettext("Seen clearly (%(share)s)", share=share)
    if per_mille >= FAIRLY_SURE:
        return gettext("Seen fairly clearly (%(share)s)", share=share)
    return gettext("Seen unclearly (%(share)s)", share=share)


def duration(length: timedelta) -> str:
    """A length of time, in the two greatest units that matter."""
    seconds = round(length.total_seconds())
    minutes, rest = divmod(seconds, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes_left)
    if minutes:
        return gettext("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)
    return gettext("%(seconds)s s", seconds=seconds)


def second(at: datetime, zone: str) -> str:
    """A time of day to the second, on the site's clock."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")


def facts(values: Mapping[str, Any]) -> list[str]:
    """The numbers behind an event, each in words; unknown ones by their own name."""
    return [
        _FACTS[name](value) if name in _FACTS else f"{name}: {value}"
        for name, value in values.items()
    ]


def _per_cent(per_mille: Any) -> str:
    return f"{int(per_mille) / 10:.0f}%"


def _seconds(milliseconds: Any) -> str:
    return f"{int(milliseconds) / 1000:.1f}"


_FACTS: dict[str, Callable[[Any], str]] = {
    "faces": lambda v: gettext("Faces in the picture: %(value)s", value=v),
    "people": lambda v: gettext("People in the picture: %(value)s", value=v),
    "expected": lambda v: gettext("Expected: %(value)s", value=v),
    "brightness": lambda v: gettext("Brightness: %(value)s of 255", value=v),
    "contrast": lambda v: gettext("Contrast: %(value)s", value=v),
    "sharpness": lambda v: gettext("Sharpness: %(value)s", value=v),
    "background_match_pm": lambda v: gettext("Background as before: %(share)s", share=_per_cent(v)),
    "same_picture_ms": lambda v: gettext("Same picture for %(seconds)s s", seconds=_seconds(v)),
    "lasted_ms": lambda v: gettext("Lasted %(seconds)s s", seconds=_seconds(v)),
    "turned_deg": lambda v: gettext("Turned to the side: %(value)s degrees", value=v),
    "down_deg": lambda v: gettext("Turned down: %(value)s degrees", value=v),
    "similarity_pm": lambda v: gettext("Likeness to the photo: %(share)s", share=_per_cent(v)),
    "same_from_pm": lambda v: gettext("Counted as the same from %(share)s", share=_per_cent(v)),
    "phone_score_pm": lambda v: gettext("Likeness to a phone: %(share)s", share=_per_cent(v)),
    "analysed_share_pm": lambda v: gettext("Pictures looked at: %(share)s", share=_per_cent(v)),
    "line": lambda v: gettext("First line that does not hold: %(value)s", value=v),
    "problem": lambda v: gettext("What the check says: %(value)s", value=v),
}
