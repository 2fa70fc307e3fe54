"""Who may see and do what at the wall, and which events belong together. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from exam.live.states import EventGroup, ItemState, Severity
from exam.people.roles import Role
from exam.policy.subjects import Subject

SILENT_AFTER = timedelta(seconds=15)
"""A camera without a new picture for so long is not watched."""
ONE_VIEWING = timedelta(minutes=10)
"""Requests of one person for one clip within this are one viewing."""

WATCHING: frozenset[Role] = frozenset(
    {
        Role.EXAMINER,
        Role.INVIGILATOR,
        Role.DUTY_LEADER,
        Role.SUPERVISOR,
        Role.SITE_OPERATOR,
    }
)
SEES_PEOPLE = WATCHING - {Role.SITE_OPERATOR}
"""A site's operator answers for cameras, not for candidates: states, no pictures, no clips."""

WAITING: tuple[ItemState, ...] = (ItemState.OPEN, ItemState.ACKNOWLEDGED)


def groups_for(role: Role) -> tuple[EventGroup, ...]:
    """The groups of items that a role may see, in the order of the wall's columns."""
    if role in SEES_PEOPLE:
        return (EventGroup.CONDUCT, EventGroup.EQUIPMENT)
    return (EventGroup.EQUIPMENT,) if role is Role.SITE_OPERATOR else ()


def may_decide(role: Role) -> bool:
    """Whether a role may put an item aside or refer it; nobody of the site's operator may."""
    return role in SEES_PEOPLE


def belongs(started_at: datetime, *, item_last_at: datetime, within: timedelta) -> bool:
    """Whether an event that started then continues an item that was last seen at `item_last_at`."""
    return started_at - item_last_at <= within


def people_in_car(subject: Subject | None, configured: int) -> int:
    """How many people a car's camera should see: what the sitting says, else what was set.

    Subject 2 is driven alone. On the road somebody sits beside the candidate: two, or as many more
    as the camera was told of (a trainee examiner in the back).
    """
    if subject is Subject.S2:
        return 1
    return max(2, configured) if subject is Subject.S3R else configured


def worst(severities: Iterable[Severity]) -> Severity:
    """An alert outweighs any number of notices."""
    return Severity.ALERT if Severity.ALERT in set(severities) else Severity.NOTICE
