"""Several cameras of one room together: what changes for most of them at once is one event.

When the light goes out or the switch fails, sixty cameras are covered or lost in the same second.
That is one thing to look after, and says nothing about any seat.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from proctor.kinds import Group

KIND = "room_change"
_TOGETHER = timedelta(seconds=2)
_LEAST_CAMERAS = 3


@dataclass(frozen=True)
class Seen:
    """An equipment event of one camera on a clock that the room's cameras share."""

    stream: str
    event: int
    kind: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class RoomChange:
    """One notice for the room; `explains` are the single events that it stands for."""

    start: datetime
    end: datetime
    cameras: int
    explains: tuple[Seen, ...]


def seen_of(stream: str, events: Iterable[dict[str, Any]]) -> list[Seen]:
    """Return the equipment events of a camera's events.jsonl, placed by their wall time."""
    return [
        Seen(stream, event["event"], event["kind"], start, start + lasted)
        for event in events
        if event["group"] == Group.EQUIPMENT
        for start in (datetime.fromisoformat(event["wall"]),)
        for lasted in (timedelta(seconds=event["end"] - event["start"]),)
    ]


def room_changes(seen: Iterable[Seen], *, cameras: int) -> list[RoomChange]:
    """Return the changes that more than half of a room's `cameras` began within two seconds.

    The order of `seen` does not matter. A change ends when no more than half are still concerned.
    A room of fewer than three cameras has none: there, each camera speaks for itself.
    """
    if cameras < _LEAST_CAMERAS:
        return []
    waiting = sorted(seen, key=lambda x: (x.start, x.stream, x.event))
    found: list[RoomChange] = []
    while waiting:
        group = [x for x in waiting if x.start <= waiting[0].start + _TOGETHER]
        if 2 * len({x.stream for x in group}) > cameras:
            found.append(_change(group, cameras))
            waiting = waiting[len(group) :]
        else:
            waiting = waiting[1:]
    return found


def _change(group: Sequence[Seen], cameras: int) -> RoomChange:
    ends: dict[str, datetime] = {}
    for one in group:
        ends[one.stream] = max(one.end, ends.get(one.stream, one.end))
    last_to_last = sorted(ends.values(), reverse=True)
    return RoomChange(group[0].start, last_to_last[cameras // 2], len(ends), tuple(group))
