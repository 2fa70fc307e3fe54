"""About three thousand invented persons, registered, confirmed and accepted by the services."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import sqlalchemy as sa

from exam.clock import civil_date
from exam.db import db
from exam.demo import portraits
from exam.demo.buildings import City
from exam.demo.names import invent
from exam.demo.places import SCHOOLS, TIME_ZONE
from exam.people.models import NeedKind
from exam.policy.pack import Pack
from exam.registration import confirmation, review, uploads
from exam.registration.columns import Key
from exam.registration.confirmation import Confirmation
from exam.registration.models import UploadRow
from exam.registration.rows import RawRow
from exam.registration.uploads import Delivery

CLASSES = ("C1",) * 42 + ("C2",) * 42 + ("D",) * 8 + ("B2",) * 5 + ("C5",) * 3
NEEDS = ("pregnant", "disabled", "military", "hearing")
NEED_SHARE = 0.05
PORTRAITS = 48
CALLS = 12
"""Schools that hand something in on one day of the history."""


@dataclass(frozen=True)
class Cohort:
    """Persons whose cases were registered around the same day."""

    name: str
    days_ago: int
    persons: int
    until: str
    """The last step they have taken: registered, confirmed or accepted."""


COHORTS = (
    Cohort("old", 1130, 48, "accepted"),
    Cohort("ending", 960, 60, "accepted"),
    Cohort("long", 420, 640, "accepted"),
    Cohort("year", 230, 860, "accepted"),
    Cohort("season", 110, 720, "accepted"),
    Cohort("month", 32, 420, "accepted"),
    Cohort("week", 5, 130, "confirmed"),
    Cohort("fresh", 2, 122, "registered"),
)


class Crowd:
    """Makes persons from one seed; every step is a service's, under the clock of its day."""

    def __init__(self, city: City, pack: Pack, *, seed: int, today: date) -> None:
        self._city, self._pack, self._today = city, pack, today
        self._random = Random(seed)
        self._pictures = {f"{n}.jpg": portraits.draw(self._random) for n in range(PORTRAITS)}
        self._documents: set[str] = set()
        self._serial = 0

    def register(self, cohort: Cohort, *, at: Callable[[int], datetime]) -> list[UUID]:
        """Register a cohort and take it as far as it has come; returns its case ids.

        Args:
            cohort: whom.
            at: days ago -> the instant at which a step is taken; it also moves the clock.
        """
        cases: list[UUID] = []
        for call in range(CALLS):
            share = [cohort.persons // CALLS + (call < cohort.persons % CALLS)]
            school = f"X{self._random.randrange(1, SCHOOLS + 1):02d}"
            cases += self._hand_in(cohort, school, share[0], at(cohort.days_ago))
        if cohort.until != "registered":
            confirmation.confirm_many(
                list(self._confirmations(cases, cohort)), now=at(max(cohort.days_ago - 2, 1))
            )
        if cohort.until == "accepted":
            now = at(max(cohort.days_ago - 4, 1))
            reviewer = self._city.actor("reviewer")
            review.accept_many(reviewer, cases, now=now, pack=self._pack)
        return cases

    def _hand_in(self, cohort: Cohort, school: str, count: int, now: datetime) -> list[UUID]:
        rows = [RawRow(n + 2, self._cells(civil_date(now, TIME_ZONE))) for n in range(count)]
        name = f"{school}-{cohort.name}.xlsx"
        clerk = self._city.actor("clerk", school=school)
        upload = uploads.register_rows(
            clerk,
            Delivery(
                file_name=name,
                sha256=hashlib.sha256(f"{name}{self._serial}".encode()).hexdigest(),
                rows=rows,
                pictures=self._pictures,
                photo_simulated=True,
            ),
            now=now,
            pack=self._pack,
        )
        taken = sa.select(UploadRow.case_id).where(
            UploadRow.upload_id == upload.id, UploadRow.case_id.is_not(None)
        )
        found = db.session.scalars(taken.order_by(UploadRow.row_number))
        return [case_id for case_id in found if case_id]

    def _cells(self, on: date) -> dict[Key, str]:
        licence = self._random.choice(CLASSES)
        youngest, oldest = {"B2": (21, 50), "D": (19, 60)}.get(licence, (18, 72))
        person = invent(self._random, self._next(), today=on, youngest=youngest, oldest=oldest)
        while person.document_number in self._documents:
            person = invent(self._random, self._next(), today=on, youngest=youngest, oldest=oldest)
        self._documents.add(person.document_number)
        return {
            Key.NAME: person.name,
            Key.DOCUMENT_TYPE: "identity_card",
            Key.DOCUMENT_NUMBER: person.document_number,
            Key.PHONE: person.phone,
            Key.BIRTH_DATE: person.birth_date.isoformat(),
            Key.SEX: person.sex,
            Key.ADDRESS: person.address,
            Key.LICENCE_CLASS: licence,
            Key.PATHWAY: "first",
            Key.TRAINING_SOURCE: "school",
            Key.MEDICAL_NUMBER: f"YJ{self._serial:08d}",
            Key.MEDICAL_DATE: (on - timedelta(days=self._random.randrange(3, 60))).isoformat(),
            Key.SUPPORT: "",
            Key.PHOTO: f"{self._random.randrange(PORTRAITS)}.jpg",
        }

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _confirmations(self, cases: list[UUID], cohort: Cohort) -> Iterator[Confirmation]:
        for case_id in cases:
            needs = None
            if self._random.random() < NEED_SHARE:
                kind = NeedKind(self._random.choice(NEEDS))
                recent = cohort.days_ago < 150
                until = self._today + timedelta(days=self._random.randrange(30, 200))
                if kind is not NeedKind.PREGNANT or recent:
                    needs = {kind: until if kind is NeedKind.PREGNANT else None}
            yield Confirmation(case_id=case_id, mandate=True, needs=needs)
