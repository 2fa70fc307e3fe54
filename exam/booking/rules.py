"""Rules of times, lots and wishes. Pure: plain values in, refusals and times out.

A refusal carries a rule id and parameters; `exam.booking.wording` says it in words.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from exam.policy.eligibility import Eligibility, Refusal
from exam.policy.pack import Pack
from exam.policy.subjects import LicenceClass, Subject
from exam.policy.workdays import WorkingDays
from scheduler.draw import commit

ALL_CLASSES = "*"
Days = tuple[date, date]
"""First and last day, both inclusive."""


def closing_time(first_day: date, pack: Pack, calendar: WorkingDays, zone: str) -> datetime:
    """When applications close: on a working day before the first exam, at the pack's hour."""
    day = calendar.before(first_day, pack.integer("booking.close_before_working_days"))
    return datetime.combine(day, _clock(pack.text("booking.close_time")), ZoneInfo(zone))


def results_by(first_day: date, pack: Pack, calendar: WorkingDays) -> date:
    """The day on which the results are out at the latest."""
    return calendar.before(first_day, pack.integer("booking.result_lead_working_days"))


def cancel_until(exam_day: date, pack: Pack, calendar: WorkingDays, zone: str) -> datetime:
    """The end of the last day on which the candidate herself may cancel (Art. 46)."""
    day = calendar.before(exam_day, pack.integer("booking.cancel_notice_working_days"))
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def report_time(starts_at: datetime, pack: Pack) -> datetime:
    """When the candidate reports at the site."""
    return starts_at - timedelta(minutes=pack.integer("booking.report_before_minutes"))


def not_announced(days: Iterable[date], calendar: WorkingDays) -> list[int]:
    """Years among these days whose official calendar is not announced yet."""
    return sorted({day.year for day in days if not calendar.announced(day.year)})


def _clock(text: str) -> time:
    return time.fromisoformat(text)


def commitment(seed: str) -> str:
    """What is public of the seed from the opening of the round: it tells nothing about it."""
    return commit(bytes.fromhex(seed))


def lot(seed: str, application: str) -> int:
    """The lot of an application: anybody who knows its id can recompute it after the freeze.

    The first 63 bits of SHA-256 over the seed's bytes followed by the id as text.
    """
    digest = hashlib.sha256(bytes.fromhex(seed) + application.encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


@dataclass(frozen=True)
class Wish:
    """What a candidate asks of a round for one subject.

    ``earliest`` and ``latest`` None: as wide as the choices, or as the round where any session
    is welcome. ``area`` holds site codes; empty means all.
    """

    case_id: UUID
    subject: Subject
    choices: tuple[UUID, ...] = ()
    any_session: bool = False
    area: tuple[str, ...] = ()
    earliest: date | None = None
    latest: date | None = None
    use_credit: bool = False


@dataclass(frozen=True)
class Offered:
    """A session of the open round as far as an application cares."""

    id: UUID
    site: str
    subject: Subject
    date: date
    pools: tuple[tuple[frozenset[str], frozenset[str]], ...]
    """Of each pool the classes it serves and what it offers."""

    def serves(self, licence_class: str) -> bool:
        """Whether some pool is for this class."""
        return any({licence_class, ALL_CLASSES} & classes for classes, _ in self.pools)

    def fits(self, licence_class: str, needs: frozenset[str]) -> bool:
        """Whether some pool is for this class and offers all that is needed."""
        return any(
            {licence_class, ALL_CLASSES} & classes and needs <= offers
            for classes, offers in self.pools
        )


@dataclass(frozen=True)
class Applicant:
    """What the rules need to know of the person behind a wish."""

    licence_class: LicenceClass
    needs: frozenset[str]
    eligibility: Eligibility
    taken: tuple[Days, ...] = ()
    """Days of other live wishes and bookings of the same person."""
    credit: bool = False
    """Whether the one priority use of the subject may be asked for."""


def window_of(wish: Wish, dates: Sequence[date], round_days: Days, limits: Eligibility) -> Days:
    """The days that a wish covers: its own, inside the round's and the law's.

    Args:
        wish: as given.
        dates: the days of its choices.
        round_days: first and last exam day of the round.
        limits: from when to when the subject may be sat.
    """
    wide = wish.any_session or not dates
    first = wish.earliest or (round_days[0] if wide else min(dates))
    last = wish.latest or (round_days[1] if wide else max(dates))
    return (
        max(first, round_days[0], limits.earliest or first),
        min(last, round_days[1], limits.latest or last),
    )


def wish_refusals(
    wish: Wish,
    who: Applicant,
    offered: Mapping[UUID, Offered],
    round_days: Days,
    pack: Pack,
) -> list[Refusal]:
    """Every rule that stands against a wish; empty where it can be saved."""
    if not who.eligibility.open:
        return list(who.eligibility.refusals)
    chosen = [offered[x] for x in wish.choices if x in offered]
    found = _shape_refusals(wish, chosen, offered.values(), pack)
    if found:
        return found
    days = window_of(wish, [x.date for x in chosen], round_days, who.eligibility)
    if days[0] > days[1]:
        return [Refusal("wish.no_days")]
    found += _session_refusals(chosen, who, days)
    if wish.any_session and not any(_possible(x, wish, who, days) for x in offered.values()):
        found.append(Refusal("wish.nothing_in_range"))
    if any(days[0] <= last and first <= days[1] for first, last in who.taken):
        found.append(Refusal("wish.days_taken"))
    if wish.use_credit and not who.credit:
        found.append(
            Refusal("wish.no_credit", {"months": pack.integer("booking.priority_under_months")})
        )
    return found


def _shape_refusals(
    wish: Wish, chosen: Sequence[Offered], offered: Iterable[Offered], pack: Pack
) -> list[Refusal]:
    limit = pack.integer("booking.max_choices")
    if not wish.choices and not wish.any_session:
        return [Refusal("wish.nothing")]
    if len(wish.choices) > limit:
        return [Refusal("wish.too_many", {"limit": limit})]
    if len(set(wish.choices)) < len(wish.choices):
        return [Refusal("wish.repeated")]
    if len(chosen) < len(wish.choices) or any(x.subject is not wish.subject for x in chosen):
        return [Refusal("wish.unknown_session")]
    if set(wish.area) - {x.site for x in offered}:
        return [Refusal("wish.unknown_site")]
    return []


def _session_refusals(chosen: Sequence[Offered], who: Applicant, days: Days) -> list[Refusal]:
    found = []
    for session in chosen:
        where: dict[str, str | int] = {"date": session.date.isoformat(), "site": session.site}
        if not days[0] <= session.date <= days[1]:
            found.append(Refusal("wish.outside_days", where))
        elif not session.serves(who.licence_class):
            found.append(Refusal("wish.class_not_served", where))
        elif not session.fits(who.licence_class, who.needs):
            found.append(Refusal("wish.needs_not_met", where))
    return found


def _possible(session: Offered, wish: Wish, who: Applicant, days: Days) -> bool:
    return (
        session.subject is wish.subject
        and days[0] <= session.date <= days[1]
        and (not wish.area or session.site in wish.area)
        and session.fits(who.licence_class, who.needs)
    )


def needs_of(kinds: Collection[str], subject: Subject, pack: Pack) -> frozenset[str]:
    """What a pool must offer a person with these support needs."""
    table = pack.table("needs.theory" if subject.theory else "needs.vehicle")
    return frozenset(str(table[kind]) for kind in kinds if kind in table)
