"""A whole past day in one go: the same steps, in the order of time, in one transaction.

For a demo's history and for tests. Nothing is planted: each person is checked in, called, drawn,
examined and signed by the very functions that the pages use; only locks and queries are shared.
"""

import heapq
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from exam.db import db, transaction
from exam.errors import InvalidInput
from exam.examday import arrivals, attempts, outcomes, signing
from exam.examday.calling import Means, call, line_of, means_of
from exam.examday.days import close_day, open_day
from exam.examday.desk import locked_day, sittings_of
from exam.examday.drawing import draw_now
from exam.examday.models import ExamDay, Sitting, SittingState
from exam.examday.rules import Line
from exam.examday.sittings import start_day
from exam.people.models import Account
from exam.people.roles import Actor, Role
from exam.people.services import service_group
from exam.policy import scoring
from exam.policy.pack import Pack
from exam.policy.subjects import Subject

EARLY = timedelta(minutes=20)
WALK = timedelta(minutes=2)
HALF_HOUR = 1800
TAKES = {
    Subject.S1: timedelta(minutes=28),
    Subject.S2: timedelta(minutes=9),
    Subject.S3R: timedelta(minutes=14),
    Subject.S3T: timedelta(minutes=22),
}


@dataclass(frozen=True)
class Tried:
    """What one attempt came to: right answers of a paper, or the codes of what went wrong."""

    right: int | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """What one booked person does on the day."""

    tries: tuple[Tried, ...] = ()
    """One or two; none: she does not come."""
    no_fault: str | None = None
    """A reason of the pack's default that ends the first attempt."""


@dataclass(frozen=True)
class Staff:
    """Who acts for the site."""

    hall: Actor
    leader: Actor


@dataclass
class _Run:
    means: Means
    staff: Staff
    scripts: Mapping[UUID, Script]
    accounts: Mapping[UUID, UUID]
    pack: Pack
    turns: list[tuple[datetime, int, str, Sitting]] = field(default_factory=list)
    count: "itertools.count[int]" = field(default_factory=itertools.count)
    first: set[UUID] = field(default_factory=set)
    signed: list[tuple[Sitting, datetime]] = field(default_factory=list)

    def later(self, at: datetime, what: str, sitting: Sitting) -> None:
        heapq.heappush(self.turns, (at, next(self.count), what, sitting))


def run_bulk(
    site_id: UUID, on: date, scripts: Mapping[UUID, Script], *, staff: Staff, pack: Pack
) -> ExamDay:
    """Start, open, run and close a past day.

    Args:
        site_id: the site; its duties and equipment are there already.
        on: the civil date there.
        scripts: by booking id, what each person does; a booking without one does not come.
        staff: hall officer and duty leader.
        pack: the rules in force.

    Returns:
        The closed day.

    Raises:
        InvalidInput: nobody is booked, or somebody could not be examined (no examiner or nothing
            of her kind at the site); the tickets are named and nothing is kept of the run.
        RuleRefused: the day cannot be closed.
    """
    started = start_day(site_id, on, now=_morning(on))
    rows = sittings_of(started.id)
    if not rows:
        raise InvalidInput(field="scripts")
    opens = min(x.booking.starts_at for x in rows) - 2 * EARLY
    ready = pack.words("day.checklist")
    open_day(staff.hall, started.id, ready=ready, pack=pack, now=opens)
    ended = _run(started.id, scripts, staff, pack)
    return close_day(staff.leader, started.id, now=ended)


def _morning(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=3)


def _run(day_id: UUID, scripts: Mapping[UUID, Script], staff: Staff, pack: Pack) -> datetime:
    with transaction():
        day = locked_day(staff.hall, day_id)
        rows = sittings_of(day_id, fresh=True)
        people = [x.booking.case.person_id for x in rows]
        run = _Run(means_of(day, rows), staff, scripts, _accounts(people), pack)
        run.first = service_group(people, on=day.date, pack=pack)
        for row in rows:
            if scripts.get(row.booking_id, Script()) != Script():
                run.later(row.booking.starts_at - EARLY, "arrive", row)
        ended = _play(run, rows)
        _sign_all(run)
        _absent(run, rows, ended)
    return ended + EARLY


def _play(run: _Run, rows: Sequence[Sitting]) -> datetime:
    """Let the day go by, moment after moment; returns when the last session or attempt ended."""
    now = max(x.booking.ends_at for x in rows)
    lines = sorted({line_of(x) for x in rows})
    steps = {"arrive": _arrive, "begin": _begin, "end": _end}
    while run.turns:
        at, _number, what, sitting = heapq.heappop(run.turns)
        line = line_of(sitting)
        steps[what](run, sitting, at)
        for one in lines if what == "end" else (line,):  # an examiner may be free for any line
            _call_all(run, one, at)
        now = max(now, at)
    stuck = [x.ticket for x in rows if x.state in (SittingState.CHECKED_IN, SittingState.CALLED)]
    if stuck:
        raise InvalidInput(field="scripts", stuck=stuck)
    return now


def _arrive(run: _Run, sitting: Sitting, at: datetime) -> None:
    first = sitting.booking.case.person_id in run.first
    arrivals.admit(sitting, run.staff.hall, first_called=first, now=at)
    arrivals.confirm(sitting, run.staff.hall, by=arrivals.PERSON, now=at)


def _call_all(run: _Run, line: Line, at: datetime) -> None:
    """Call while a place and an examiner are free."""
    while run.means.free_places(line):
        ready = (x for x in run.means.waiting(line) if run.means.examiners(x, run.pack))
        chosen = next(ready, None)
        if chosen is None:
            return
        call(chosen, run.staff.hall, now=at)
        draw_now(chosen, run.means, run.staff.hall, pack=run.pack, now=at)
        run.later(at + WALK, "begin", chosen)


def _begin(run: _Run, sitting: Sitting, at: datetime) -> None:
    examiner = _examiner(run, sitting)
    attempts.begin(sitting, examiner, edition=run.pack.text("standard.edition"), now=at)
    run.later(at + TAKES[sitting.booking.subject], "end", sitting)


def _end(run: _Run, sitting: Sitting, at: datetime) -> None:
    script, examiner = run.scripts[sitting.booking_id], _examiner(run, sitting)
    attempt = attempts.running(sitting)
    if script.no_fault:
        outcomes.end_without_fault([sitting], script.no_fault, examiner, pack=run.pack, now=at)
        return
    tried = script.tries[attempt.number - 1]
    if tried.right is not None:
        attempts.mark_paper(sitting, attempt, tried.right, examiner, now=at)
    standard = scoring.load(attempt.standard_edition)
    for code in tried.codes:
        entry = standard.entries[code]
        attempts.deduct(sitting, attempt, entry, entry.points, examiner, now=at)
    attempts.finish(sitting, attempt, examiner, pack=run.pack, now=at)
    if sitting.state is SittingState.RETAKE_OFFERED:
        taken = len(script.tries) > attempt.number
        attempts.settle_retake(sitting, examiner, taken=taken, now=at)
    if sitting.state is SittingState.TO_SIGN:
        run.signed.append((sitting, at))


def _sign_all(run: _Run) -> None:
    """Both signatures within half an hour of the result, recorded together.

    The duty leader notes who has no sign-in.
    """
    db.session.flush()
    halves = itertools.groupby(run.signed, key=lambda x: x[1].timestamp() // HALF_HOUR)
    for _half, group in halves:
        signed = list(group)
        at = signed[-1][1] + WALK
        for sitting, _ended in signed:
            signing.sign_first([sitting], _examiner(run, sitting), now=at)
        for sitting, _ended in signed:
            signer, refusal = _second(run, sitting)
            signing.sign_second([sitting], signer, refusal=refusal, now=at)
        signing.conclude([x for x, _ended in signed], run.staff.leader, now=at)


def _second(run: _Run, sitting: Sitting) -> tuple[Actor, str | None]:
    person_id, site = sitting.booking.case.person_id, run.means.day.site
    account_id = run.accounts.get(person_id)
    if account_id is None:
        return run.staff.leader, "no_sign_in"
    return Actor(account_id, Role.CANDIDATE, site.office_id, person_id=person_id), None


def _absent(run: _Run, rows: Sequence[Sitting], at: datetime) -> None:
    missing = [x for x in rows if x.state is SittingState.EXPECTED]
    if not missing:
        return
    if not run.means.duties:
        raise InvalidInput(field="scripts", stuck=[x.ticket for x in missing])
    site = run.means.day.site
    examiner = Actor(run.means.duties[0].account_id, Role.EXAMINER, site.office_id, site.id)
    outcomes.write_absent(missing, examiner, now=at)
    outcomes.settle_absences(missing, run.staff.leader, now=at + WALK)


def _examiner(run: _Run, sitting: Sitting) -> Actor:
    site = run.means.day.site
    return Actor(sitting.examiner_id, Role.EXAMINER, site.office_id, site.id)


def _accounts(person_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    query = sa.select(Account.person_id, Account.id).where(Account.person_id.in_(person_ids))
    return {person: key for person, key in db.session.execute(query) if person is not None}
