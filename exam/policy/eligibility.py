"""From when a candidate may sit a subject, and why not yet. Pure: values in, values out.

Sources are the parameters of the pack; the order of the questions follows the regulation
(permit, waiting, attempts, order of subjects: O162 Art. 39-47).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from exam.policy.pack import Pack
from exam.policy.subjects import LicenceClass, Pathway, Subject


@dataclass(frozen=True)
class PermitFacts:
    """Dates of a learner permit; ``valid_until`` is its last day."""

    issued_on: date
    valid_until: date


@dataclass(frozen=True)
class CaseFacts:
    """What the rules need to know of a case."""

    licence_class: LicenceClass
    pathway: Pathway
    accepted: bool
    permit: PermitFacts | None = None
    passed: frozenset[Subject] = frozenset()
    bookings_used: Mapping[Subject, int] = field(default_factory=dict)
    last_failed_on: Mapping[Subject, date] = field(default_factory=dict)
    booked: frozenset[Subject] = frozenset()
    """Subjects with a live booking or a live application."""
    banned_until: date | None = None


@dataclass(frozen=True)
class Refusal:
    """A rule that stands in the way; rendered when it is read, never stored as text."""

    rule: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Eligibility:
    """The window in which a subject may be sat, or what stands in the way."""

    subject: Subject
    earliest: date | None
    """First day on which the exam may take place."""
    latest: date | None
    """Last day of the permit, inclusive; None where no permit limits it."""
    refusals: tuple[Refusal, ...] = ()

    @property
    def open(self) -> bool:
        """Whether sessions inside the window may be applied for."""
        return not self.refusals


def subjects_of(pathway: Pathway, pack: Pack) -> tuple[Subject, ...]:
    """The subjects that a pathway asks, in order."""
    return tuple(Subject(x) for x in str(pack.table("pathway.subjects")[pathway]).split())


def assess(subject: Subject, facts: CaseFacts, pack: Pack, *, today: date) -> Eligibility:
    """Say from when to when a subject may be sat, or each rule that refuses.

    Args:
        subject: what is asked about.
        facts: the case as it stands.
        pack: the rules in force.
        today: the civil date at the office.
    """
    refusals = [*_standing(subject, facts, pack), *_order(subject, facts, pack)]
    refusals += _attempts(subject, facts, pack)
    earliest = max([today, *_waits(subject, facts, pack)])
    latest = facts.permit.valid_until if facts.permit else None
    if latest is not None and latest < earliest:
        refusals.append(Refusal("permit.ends_first", {"until": latest.isoformat()}))
    return Eligibility(
        subject, None if refusals else earliest, None if refusals else latest, tuple(refusals)
    )


def _standing(subject: Subject, facts: CaseFacts, pack: Pack) -> list[Refusal]:
    found = []
    if subject not in subjects_of(facts.pathway, pack):
        found.append(Refusal("pathway.not_asked"))
    if not facts.accepted:
        found.append(Refusal("case.not_accepted"))
    if facts.banned_until is not None:
        found.append(Refusal("person.banned", {"until": facts.banned_until.isoformat()}))
    if subject in facts.passed:
        found.append(Refusal("subject.passed"))
    elif subject in facts.booked:
        found.append(Refusal("subject.already_booked"))
    return found


def _order(subject: Subject, facts: CaseFacts, pack: Pack) -> list[Refusal]:
    asked = subjects_of(facts.pathway, pack)
    before: tuple[Subject, ...] = ()
    if subject in (Subject.S2, Subject.S3R):
        before = (Subject.S1,)
    elif subject is Subject.S3T:
        before = (Subject.S2, Subject.S3R)
    missing = [s for s in before if s in asked and s not in facts.passed]
    if missing:
        return [Refusal("subject.order", {"first": " ".join(missing)})]
    if subject in (Subject.S2, Subject.S3R) and facts.permit is None:
        return [Refusal("permit.missing")]
    return []


def _attempts(subject: Subject, facts: CaseFacts, pack: Pack) -> list[Refusal]:
    limit = pack.by("attempt.max_bookings", subject)
    used = facts.bookings_used.get(subject, 0)
    return (
        [Refusal("attempt.used_up", {"limit": limit})]
        if limit is not None and used >= limit
        else []
    )


def _waits(subject: Subject, facts: CaseFacts, pack: Pack) -> list[date]:
    days = []
    table = {
        Subject.S2: "wait.s2_after_permit_days",
        Subject.S3R: "wait.s3r_after_permit_days",
    }.get(subject)
    if table and facts.permit:
        wait = pack.by(table, facts.licence_class) or 0
        days.append(facts.permit.issued_on + timedelta(days=wait))
    failed = facts.last_failed_on.get(subject)
    if failed:
        wait = pack.by("attempt.rebook_wait_days", subject) or 0
        days.append(failed + timedelta(days=wait + 1 if wait else 0))
    return days


def permit_end(issued_on: date, birth_date: date, licence_class: LicenceClass, pack: Pack) -> date:
    """The permit's last day: the day before its third anniversary, or before the age cap."""
    end = _years_later(issued_on, pack.integer("permit.valid_years")) - timedelta(days=1)
    cap = pack.by("age.max", licence_class)
    if cap is None:
        return end
    return min(end, _years_later(birth_date, cap + 1) - timedelta(days=1))


def age_on(birth_date: date, day: date) -> int:
    """Full years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February: the day after in years without it
        return date(day.year + years, 3, 1)
