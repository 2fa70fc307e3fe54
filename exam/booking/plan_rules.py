"""Rules of plans. Pure: plain values in, refusals out."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from uuid import UUID

from exam.booking.rules import ALL_CLASSES, Days
from exam.policy.eligibility import Refusal
from exam.policy.pack import Pack
from exam.policy.subjects import Subject

TERMINAL = "terminal"


@dataclass(frozen=True)
class PoolDraft:
    """Equivalent seats of a planned session; ``kind`` is a vehicle kind or ``terminal``."""

    kind: str
    classes: tuple[str, ...]
    seats: int
    vehicles: int = 0
    offers: tuple[str, ...] = ()


@dataclass(frozen=True)
class SessionDraft:
    """A planned session; ``start`` and ``end`` are the site's civil time of ``date``."""

    site_id: UUID
    subject: Subject
    date: date
    start: time
    end: time
    seats: int
    pools: tuple[PoolDraft, ...]


@dataclass(frozen=True)
class Pattern:
    """The same session on the same weekdays (0 Monday … 6 Sunday), week after week."""

    session: SessionDraft
    """Its own date says nothing."""
    weekdays: frozenset[int]


def sessions_of(pattern: Pattern, days: Days) -> Iterator[SessionDraft]:
    """The sessions of a weekly pattern between two days."""
    for offset in range((days[1] - days[0]).days + 1):
        day = days[0] + timedelta(days=offset)
        if day.weekday() in pattern.weekdays:
            yield replace(pattern.session, date=day)


def draft_refusal(
    draft: SessionDraft, authorised: Collection[str] | None, days: Days
) -> Refusal | None:
    """Why a session cannot stand in a plan, or None.

    Args:
        draft: the session.
        authorised: classes for which the site may examine the subject; None: not at all.
        days: first and last day of the plan.
    """
    where = {"date": draft.date.isoformat(), "start": draft.start.strftime("%H:%M")}
    if not days[0] <= draft.date <= days[1]:
        return Refusal("plan.outside_days", where)
    if draft.end <= draft.start:
        return Refusal("plan.end_before_start", where)
    if authorised is None:
        return Refusal("plan.subject_not_authorised", {**where, "subject": draft.subject})
    return _pools_refusal(draft, authorised, where)


def _pools_refusal(
    draft: SessionDraft, authorised: Collection[str], where: dict[str, str]
) -> Refusal | None:
    room = sum(pool.seats for pool in draft.pools)
    if not draft.pools or draft.seats < 1 or draft.seats > room:
        return Refusal("plan.seats_and_pools", {**where, "seats": draft.seats, "room": room})
    for pool in draft.pools:
        if pool.seats < 1 or (pool.vehicles > 0) == draft.subject.theory:
            return Refusal("plan.vehicles", {**where, "pool": pool.kind})
        foreign = set(pool.classes) - set(authorised) - {ALL_CLASSES}
        if foreign and ALL_CLASSES not in authorised:
            return Refusal(
                "plan.class_not_authorised", {**where, "classes": " ".join(sorted(foreign))}
            )
    return None


def classes_of(pool: PoolDraft, authorised: Collection[str]) -> list[str]:
    """The classes a pool serves; "all" means all for which the site is authorised."""
    return sorted(authorised) if ALL_CLASSES in pool.classes else sorted(pool.classes)


def lead_refusal(published_on: date, first_day: date, pack: Pack) -> Refusal | None:
    """A plan is public at least the pack's number of days before its first exam (Art. 52)."""
    lead = pack.integer("plan.publish_lead_days")
    if first_day - published_on >= timedelta(days=lead):
        return None
    return Refusal(
        "plan.publish_lead_days",
        {
            "days": lead,
            "first_day": first_day.isoformat(),
            "latest": (first_day - timedelta(days=lead)).isoformat(),
        },
    )
