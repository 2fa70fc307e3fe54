"""The queue: who is called next when a vehicle or terminal is free."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _

from exam.db import db, transaction
from exam.errors import RuleRefused, WrongState
from exam.examday import outages
from exam.examday.desk import (
    go,
    locked_day,
    locked_sitting,
    must_be_open,
    note,
    require,
    sittings_of,
)
from exam.examday.models import (
    IN_USE,
    Duty,
    ExamDay,
    Lane,
    Room,
    Sitting,
    SittingState,
    Terminal,
    Vehicle,
)
from exam.examday.rules import Line, queue_key
from exam.people.models import Account
from exam.people.roles import Actor, Role
from exam.policy.pack import Pack
from exam.policy.subjects import LicenceClass

BEFORE_THE_ATTEMPT = (SittingState.CALLED, SittingState.DRAWN)


@dataclass
class Means:
    """What a site has on a day: read once in the locked day, then kept up to date by the steps."""

    day: ExamDay
    duties: list[Duty]
    persons: dict[UUID, UUID | None]
    """Person of each examiner's account, so that nobody examines herself."""
    vehicles: list[Vehicle]
    terminals: list[Terminal]
    lanes: list[Lane]
    sittings: list[Sitting]

    def places(self, line: Line) -> list[Vehicle] | list[Terminal]:
        """All vehicles or terminals of a line that are not out of order."""
        if line.subject.theory:
            return [x for x in self.terminals if x.out_since is None]
        return [
            x
            for x in self.vehicles
            if x.subject is line.subject and x.kind == line.kind and x.out_since is None
        ]

    def free_places(self, line: Line) -> list[Vehicle] | list[Terminal]:
        """Those that nobody has."""
        taken = {x.vehicle_id or x.terminal_id for x in self.sittings if x.state in IN_USE}
        return [x for x in self.places(line) if x.id not in taken]  # type: ignore[return-value]  # a list of one kind stays one

    def examiners(self, sitting: Sitting, pack: Pack) -> list[UUID]:
        """Accounts on duty for subject and class who can watch one more; one subject at a time."""
        case, subject = sitting.booking.case, sitting.booking.subject
        most = int(pack.table("examiner.at_once")[subject])
        watched = [(x.examiner_id, x.booking.subject) for x in self.sittings if x.state in IN_USE]
        busy = [key for key, _subject in watched]
        elsewhere = {key for key, other in watched if other is not subject}
        return [
            x.account_id
            for x in self.duties
            if subject in x.subjects
            and _serves(x.classes, case.licence_class)
            and x.account_id not in elsewhere
            and busy.count(x.account_id) < most
            and self.persons.get(x.account_id) != case.person_id
        ]

    def waiting(self, line: Line) -> list[Sitting]:
        """The queue of a line, the next first."""
        rows = [
            x
            for x in self.sittings
            if x.state is SittingState.CHECKED_IN and x.queued_at and line_of(x) == line
        ]
        return sorted(rows, key=_place_in_queue)

    def called(self, line: Line) -> list[Sitting]:
        """Called and not yet drawn."""
        return [x for x in self.sittings if x.state is SittingState.CALLED and line_of(x) == line]


def _serves(classes: Iterable[str], licence_class: LicenceClass) -> bool:
    return "*" in classes or licence_class in classes


def _place_in_queue(sitting: Sitting) -> tuple[bool, datetime, datetime, str]:
    assert sitting.checked_in_at is not None
    return queue_key(
        first_called=sitting.first_called,
        report_at=sitting.booking.starts_at,
        checked_in_at=sitting.checked_in_at,
        ticket=sitting.ticket,
    )


def line_of(sitting: Sitting) -> Line:
    """What a sitting waits for."""
    return Line(sitting.booking.subject, sitting.booking.pool.kind)


def means_of(day: ExamDay, sittings: list[Sitting] | None = None) -> Means:
    """Read what a site has; the caller holds the day's lock."""
    site_id = day.site_id
    duties = sa.select(Duty).where(
        Duty.site_id == site_id, Duty.date == day.date, Duty.role == Role.EXAMINER
    )
    on_duty = list(db.session.scalars(duties.order_by(Duty.account_id)))
    persons = sa.select(Account.id, Account.person_id).where(
        Account.id.in_([x.account_id for x in on_duty]), Account.enabled
    )
    known: dict[UUID, UUID | None] = {x[0]: x[1] for x in db.session.execute(persons)}
    out, away = outages.live_on(site_id, day.date)
    vehicles = db.session.scalars(sa.select(Vehicle).where(Vehicle.site_id == site_id))
    terminals = sa.select(Terminal).join(Room, Room.id == Terminal.room_id)
    return Means(
        day=day,
        duties=[x for x in on_duty if x.account_id in known and x.account_id not in away],
        persons=known,
        vehicles=[x for x in vehicles if x.id not in out],
        terminals=list(db.session.scalars(terminals.where(Room.site_id == site_id))),
        lanes=list(db.session.scalars(sa.select(Lane).where(Lane.site_id == site_id))),
        sittings=sittings_of(day.id, fresh=True) if sittings is None else sittings,
    )


def call_next(
    actor: Actor, day_id: UUID, line: Line, *, pack: Pack, now: datetime
) -> Sitting | None:
    """Call the next person of a line; None when nobody waits.

    Race stopped: two officers calling the same person; the day's row is locked.

    Raises:
        RuleRefused: ``call.nothing_free`` or ``call.no_examiner``; everybody keeps her place.
        WrongState: the day is not open.
    """
    require(actor, Role.HALL_OFFICER, Role.DUTY_LEADER)
    with transaction():
        day = locked_day(actor, day_id)
        must_be_open(day)
        means = means_of(day)
        waiting = means.waiting(line)
        if not waiting:
            return None
        if len(means.free_places(line)) <= len(means.called(line)):
            raise RuleRefused(
                _("Nothing is free for this queue yet. Everybody keeps her place."),
                rule="call.nothing_free",
            )
        if not any(means.examiners(x, pack) for x in waiting):
            raise no_examiner()
        chosen = next(x for x in waiting if means.examiners(x, pack))
        call(chosen, actor, now=now)
    return chosen


def call(sitting: Sitting, actor: Actor | None, *, now: datetime) -> None:
    """Call one person; inside the caller's transaction, with the day locked."""
    go(sitting, SittingState.CALLED)
    sitting.called_at = now
    note("sitting.called", sitting, actor, now=now)


def no_examiner() -> RuleRefused:
    """The refusal where nobody on duty may examine: nobody loses anything by it."""
    return RuleRefused(
        _(
            "No examiner on duty today is free for this subject and class. Nobody loses anything:"
            " all keep their places. Ask the duty leader to put an examiner on duty."
        ),
        rule="call.no_examiner",
    )


def put_back(actor: Actor, sitting_id: UUID, *, now: datetime) -> Sitting:
    """She was called and is not here: back into the queue, where she can be called again.

    Raises:
        WrongState: she was not called, or was drawn already.
    """
    require(actor, Role.HALL_OFFICER, Role.DUTY_LEADER)
    with transaction():
        sitting = locked_sitting(actor, sitting_id)
        if sitting.state is not SittingState.CALLED:
            raise WrongState(current=sitting.state.value, wanted=SittingState.CHECKED_IN.value)
        go(sitting, SittingState.CHECKED_IN)
        sitting.checked_in_at = now
        note("sitting.put_back", sitting, actor, now=now)
    return sitting
