"""What the crowd passed before the demo begins: told by the simulated national platform."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random
from uuid import UUID

import sqlalchemy as sa

from exam.db import db
from exam.demo.crowd import Cohort
from exam.policy.eligibility import subjects_of
from exam.policy.pack import Pack
from exam.policy.subjects import Pathway, Subject
from exam.registration.models import Case
from exam.registration.schemas import FailedRecord, PassRecord, Record

STAGES: dict[str, tuple[float, ...]] = {
    "old": (0.0, 0.35, 0.35, 0.30, 0.0),
    "ending": (0.0, 0.45, 0.30, 0.25, 0.0),
    "long": (0.05, 0.15, 0.15, 0.15, 0.50),
    "year": (0.10, 0.30, 0.25, 0.20, 0.15),
    "season": (0.20, 0.50, 0.20, 0.10, 0.0),
    "month": (0.70, 0.30, 0.0, 0.0, 0.0),
}
"""Cohort -> share of those who passed none, one … four subjects."""
WAITS = {Subject.S1: (4, 14), Subject.S2: (24, 50), Subject.S3R: (24, 50), Subject.S3T: (1, 9)}
"""Days between a subject and the one before it."""
MARKS = {
    Subject.S1: (90, 100),
    Subject.S2: (80, 100),
    Subject.S3R: (90, 100),
    Subject.S3T: (90, 100),
}
FAIL_SHARE = 0.3
LAST_EXAM = time(6, 30, tzinfo=UTC)


def invent(
    cohort: Cohort, case_ids: list[UUID], *, seed: int, pack: Pack, today: datetime
) -> Iterator[Record]:
    """Records of what each case of a cohort has passed and failed so far, in lawful order.

    The oldest cases passed subject 1 so long ago that their permits end within weeks.
    """
    random = Random(f"{seed}/{cohort.name}")
    cases = db.session.scalars(sa.select(Case).where(Case.id.in_(case_ids)).order_by(Case.id))
    for case in cases:
        asked = subjects_of(Pathway(case.pathway), pack)
        passed = random.choices(range(5), STAGES[cohort.name])[0]
        day = case.accepted_at or today
        if cohort.name == "old":
            day = today - timedelta(days=1095 - random.randrange(3, 26) + WAITS[Subject.S1][1])
        yield from _career(random, case, asked, passed, day=day, today=today)


def _career(
    random: Random,
    case: Case,
    asked: tuple[Subject, ...],
    passed: int,
    *,
    day: datetime,
    today: datetime,
) -> Iterator[Record]:
    serial = str(case.serial_number)
    for place, subject in enumerate(asked):
        shortest, longest = WAITS[subject]
        day += timedelta(days=longest if place == 0 else random.randrange(shortest, longest + 1))
        exam_at = datetime.combine(day.date(), LAST_EXAM)
        if exam_at > today - timedelta(days=1):
            return
        if place >= passed:
            if subject is not Subject.S1 and random.random() < FAIL_SHARE:
                points = random.randrange(20, 79)
                yield FailedRecord(
                    kind="failed", serial=serial, subject=subject, points=points, exam_at=exam_at
                )
            return
        points = random.randrange(MARKS[subject][0], MARKS[subject][1] + 1)
        yield PassRecord(
            kind="pass", serial=serial, subject=subject, points=points, exam_at=exam_at
        )
