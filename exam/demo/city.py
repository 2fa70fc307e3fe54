"""Making the simulated city from nothing, once."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from flask import current_app

from exam.booking.models import Application, ApplicationState, Round
from exam.booking.services import applications, publishing, rounds, solving
from exam.clock import SystemClock, civil_date
from exam.db import db, transaction
from exam.demo import buildings, faces, history, notes, rosters, weeks
from exam.demo.buildings import City
from exam.demo.cameras import Studio
from exam.demo.crowd import COHORTS, Crowd
from exam.demo.faces import Face
from exam.demo.notes import Notes
from exam.demo.places import TIME_ZONE
from exam.demo.wishes import wishes
from exam.examday import sittings
from exam.people.models import Office, Person
from exam.people.services import issue_activation
from exam.policy import workdays
from exam.policy.pack import Pack
from exam.policy.subjects import Subject
from exam.registration import national
from exam.registration.models import Case
from exam.system import demo_clock, outbox

log = structlog.get_logger()
SEED = 20261122
MORNING = time(8, 5)
"""The city's time when the demo starts: the first sessions of the day are about to begin."""
BUILT_DAYS_AGO = 1200
APPLY_SHARE = 0.75
OPEN_SHARE = 0.45


def build() -> Notes:
    """Make the city; a half-made one of a start that was broken off is thrown away first."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(Office)):
        _clear()
    return Builder(Path(current_app.config["KAOCHANG"].data_folder)).run()


def _clear() -> None:
    names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
    with transaction() as session:
        session.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


class Builder:
    """The steps of making the city, each through the services an office uses."""

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder
        self._pack: Pack = current_app.extensions["kaochang.pack"]
        today = civil_date(SystemClock().now(), TIME_ZONE)
        self._now = datetime.combine(today, MORNING, ZoneInfo(TIME_ZONE))
        self._today = today
        self._cases: dict[str, list[UUID]] = {}

    def at(self, days_ago: int) -> datetime:
        """The morning so many days before the demo's first day."""
        return self._now - timedelta(days=days_ago)

    def run(self) -> Notes:
        """Everything, in the order of the history."""
        studio = Studio(self._folder)
        self._step("sites and staff", self._build)
        self._step("persons", self._people)
        self._step("faces", lambda: self._faces(studio))
        self._step("past results", self._past)
        self._step("plans", self._plans)
        self._step("the round of this week", self._decide)
        self._step("the open round", self._open)
        self._step("rosters", self._rosters)
        self._step("the exam day", self._day)
        self._step("cameras", lambda: studio.hang(self._city, now=self._now))
        left = self._notes()
        notes.write(left, self._folder)
        demo_clock.move(current_app, to=self._now, real_now=SystemClock().now())
        return left

    def _step(self, name: str, work: Callable[[], None]) -> None:
        started = SystemClock().now()
        work()
        db.session.expire_all()
        seconds = (SystemClock().now() - started).total_seconds()
        log.info("city", made=name, seconds=round(seconds, 1))

    def _build(self) -> None:
        with transaction():
            self._city: City = buildings.build(
                now=self.at(BUILT_DAYS_AGO), first_day=self._today - timedelta(days=1)
            )

    def _people(self) -> None:
        crowd = Crowd(self._city, self._pack, seed=SEED, today=self._today)
        for cohort in COHORTS:
            self._cases[cohort.name] = crowd.register(cohort, at=self.at)

    def _faces(self, studio: Studio) -> None:
        self._seen: list[Face] = faces.register(
            self._city, studio.portraits(), now=self.at(500), pack=self._pack
        )

    def _past(self) -> None:
        platform = national.SimulatedPlatform()
        for cohort in COHORTS:
            if cohort.until == "accepted":
                records = history.invent(
                    cohort, self._cases[cohort.name], seed=SEED, pack=self._pack, today=self._now
                )
                platform.invent(list(records))
        national.take_deliveries(platform, self._city.actor("admin"), now=self.at(20))

    def _plans(self) -> None:
        """Each round opens when the one before it closes, so that one is always open."""
        planner, opens = self._city.actor("planner"), self.at(16)
        calendar = workdays.load()
        for first in weeks.first_days(self._today):
            plan = weeks.publish(self._city, first, now=self.at(17), pack=self._pack)
            made = rounds.open_round(
                planner,
                plan.id,
                code=f"R{first:%Y%m%d}",
                opens_at=opens,
                now=self.at(17),
                pack=self._pack,
                calendar=calendar,
            )
            opens = made.closes_at

    def _rosters(self) -> None:
        first = weeks.first_days(self._today)[1]
        rosters.make(self._city, first=first, now=self.at(1), pack=self._pack)

    def _rounds(self) -> list[Round]:
        return list(db.session.scalars(sa.select(Round).order_by(Round.opens_at)))

    def _decide(self) -> None:
        first = self._rounds()[0]
        closes_at, round_id = first.closes_at, first.id
        rounds.follow_clock(now=self.at(15))
        self._apply(first, share=APPLY_SHARE, now=self.at(14), faces_too=True)
        solving.advance(now=closes_at, pack=self._pack, data_folder=self._folder)
        later = closes_at + timedelta(hours=2)
        publishing.sign_round(self._city.actor("planner"), round_id, now=later)
        publishing.publish_round(
            self._city.actor("leader"), round_id, now=later, data_folder=self._folder
        )
        while outbox.drain(now=later):
            pass

    def _open(self) -> None:
        rounds.follow_clock(now=self._now - timedelta(minutes=5))
        self._apply(
            self._rounds()[1],
            share=OPEN_SHARE,
            now=self._now - timedelta(minutes=4),
            faces_too=False,
        )

    def _apply(self, found: Round, *, share: float, now: datetime, faces_too: bool) -> None:
        ids = [x for c in COHORTS if c.until == "accepted" for x in self._cases[c.name]]
        credit = set(self._cases["ending"])
        asked = list(wishes(found, ids, share=share, credit=credit, seed=SEED))
        if faces_too:
            asked += faces.wishes(found, self._seen, self._today)
        answers = applications.apply_many(asked, found.id, now=now, pack=self._pack)
        taken = sum(isinstance(x, UUID) for x in answers)
        log.info("city", round=found.code, asked=len(asked), taken=taken)

    def _day(self) -> None:
        sittings.start_due_days(now=self._now, pack=self._pack)

    def _notes(self) -> Notes:
        random = Random(SEED)
        now = self._now - timedelta(minutes=3)
        first = self._rounds()[0]
        sign_ins = {x.username: "S1" for x in self._seen}
        for username, state in (
            ("seated", ApplicationState.SERVED),
            ("refused", ApplicationState.REFUSED),
        ):
            case_id = self._one_of(first, state, random)
            faces.open_sign_in(case_id, username, now=now, pack=self._pack)
            sign_ins[username] = state
        waiting = random.choice(self._not_applied("month"))
        faces.open_sign_in(waiting, "applicant", now=now, pack=self._pack)
        sign_ins["applicant"] = "open"
        code, last_four = self._activation(now)
        return Notes(self._today.isoformat(), code, last_four, sign_ins)

    def _one_of(self, found: Round, state: ApplicationState, random: Random) -> UUID:
        ids = db.session.scalars(
            sa.select(Application.case_id)
            .where(
                Application.round_id == found.id,
                Application.state == state,
                Application.subject == Subject.S2,
            )
            .order_by(Application.id)
        ).all()
        return random.choice(ids)

    def _not_applied(self, cohort: str) -> list[UUID]:
        applied = set(db.session.scalars(sa.select(Application.case_id)))
        return [x for x in self._cases[cohort] if x not in applied]

    def _activation(self, now: datetime) -> tuple[str, str]:
        with transaction() as session:
            case = session.get_one(Case, self._cases["fresh"][0])
            person = session.get_one(Person, case.person_id)
            code = issue_activation(person, pack=self._pack, now=now)
        return code, person.document_number[-4:]
