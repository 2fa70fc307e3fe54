"""The people of a replanning: who holds a seat, with the wish behind it, and guests."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from exam.booking import rules
from exam.booking.models import Application, Booking, Round, Session
from exam.booking.services import standings
from exam.booking.services.standings import Asking
from exam.booking.wording import refused, sentence
from exam.db import db
from exam.policy.eligibility import Eligibility, Refusal, assess
from exam.policy.pack import Pack
from exam.policy.subjects import LicenceClass, Subject
from exam.registration import progress
from exam.replanning.models import Replan, ReplanGuest
from exam.replanning.rules import Days, days_around


@dataclass(frozen=True)
class Times:
    """What all of them share."""

    today: date
    first_move: date
    """The first day to which anybody may be moved."""
    pack: Pack


@dataclass(frozen=True)
class Place:
    """A pool, as a plain value that outlives its transaction."""

    id: UUID
    code: str
    session_id: UUID


@dataclass(frozen=True)
class Asked:
    """One person of a replanning."""

    key: UUID
    """Of her booking, or of her row among the guests: what she is called before the hash."""
    case_id: UUID
    person_id: UUID
    subject: Subject
    licence_class: LicenceClass
    tier: int
    sorting: int
    """The rank key in seconds since 1970."""
    lot: int
    any_session: bool
    area: tuple[str, ...]
    days: Days
    needs: frozenset[str]
    choices: tuple[str, ...]
    """Codes of sessions, in order."""
    prior: Place | None
    """Where she sits now."""

    def may_sit(self, session: Session) -> bool:
        """Whether any-session, which is what guests ask for, means this one."""
        return (
            session.subject is self.subject
            and self.days[0] <= session.date <= self.days[1]
            and (not self.area or session.site.code in self.area)
        )


@dataclass(frozen=True)
class _Wish:
    """What a holder asked for and what her rank stands on."""

    tier: int
    sorting: int
    lot: int
    any_session: bool
    area: tuple[str, ...]
    days: Days
    needs: frozenset[str]
    choices: tuple[str, ...]


def holders_asking(bookings: Sequence[Booking], round_: Round, times: Times) -> list[Asked]:
    """Those who hold a seat: each with her own wish, inside the days that are lawful now.

    Args:
        bookings: live, with case, pool, session and site loaded.
        round_: whose days bound the wishes of those who came without an application.
        times: what all of them share.
    """
    wishes = _wishes(bookings, round_, times)
    allowed = _allowed(bookings, times)
    persons = {x.case.person_id for x in bookings}
    busy = standings.taken_days(persons)
    often = Counter(x.case.person_id for x in bookings)
    made = []
    for one in bookings:
        wish, own = wishes[one.id], one.session.date
        elsewhere = [days for key, days in busy.get(one.case.person_id, []) if key != one.id]
        days = days_around(
            own,
            _inside(wish.days, allowed[one.id]),
            first_move=times.first_move,
            busy=[(own, own)] if often[one.case.person_id] > 1 else elsewhere,
        )
        made.append(_holder(one, wish, days))
    return made


def _holder(one: Booking, wish: _Wish, days: Days) -> Asked:
    code, site = one.session.code, one.session.site.code
    covered = code in wish.choices or (wish.any_session and (not wish.area or site in wish.area))
    return Asked(
        key=one.id,
        case_id=one.case_id,
        person_id=one.case.person_id,
        subject=one.subject,
        licence_class=one.case.licence_class,
        tier=wish.tier,
        sorting=wish.sorting,
        lot=wish.lot,
        any_session=wish.any_session,
        area=wish.area,
        days=days,
        needs=wish.needs,
        choices=wish.choices if covered else (*wish.choices, code),
        prior=Place(one.pool.id, one.pool.code, one.session_id),
    )


def _inside(wish: Days, allowed: Eligibility) -> Days:
    """A wish's days inside the law's; none but her own where a rule stands in the way by now."""
    if not allowed.open:
        return date.max, date.min
    return max(wish[0], allowed.earliest or wish[0]), min(wish[1], allowed.latest or wish[1])


def _allowed(bookings: Sequence[Booking], times: Times) -> dict[UUID, Eligibility]:
    facts = progress.case_facts({x.case_id for x in bookings})
    return {
        x.id: assess(x.subject, facts[x.case_id], times.pack, today=times.today) for x in bookings
    }


def _wishes(bookings: Sequence[Booking], round_: Round, times: Times) -> dict[UUID, _Wish]:
    keys = [x.application_id for x in bookings if x.application_id is not None]
    query = sa.select(Application).where(Application.id.in_(keys))
    loaded = db.session.scalars(query.options(selectinload(Application.choices)))
    known = {x.id: x for x in loaded if x.rank is not None}
    codes = _codes(y.session_id for x in known.values() for y in x.choices)
    found = {
        x.id: _of_application(known[x.application_id], codes)
        for x in bookings
        if x.application_id in known
    }
    return found | _without(bookings, found, round_, times)


def _codes(session_ids: Iterable[UUID]) -> dict[UUID, str]:
    query = sa.select(Session.id, Session.code).where(Session.id.in_(set(session_ids)))
    return dict(db.session.execute(query).all())


def _of_application(one: Application, codes: Mapping[UUID, str]) -> _Wish:
    assert one.tier is not None
    assert one.ranking_key is not None
    assert one.lot is not None
    return _Wish(
        tier=one.tier,
        sorting=int(one.ranking_key.timestamp()),
        lot=one.lot,
        any_session=one.any_session,
        area=tuple(one.area),
        days=(
            date.fromisoformat(one.rule["earliest"]),
            date.fromisoformat(one.rule["latest"]),
        ),
        needs=frozenset(one.needs),
        choices=tuple(codes[x.session_id] for x in one.choices),
    )


def _without(
    bookings: Sequence[Booking], known: Collection[UUID], round_: Round, times: Times
) -> dict[UUID, _Wish]:
    """Wishes of those who have a seat and no application: any session at the site they have."""
    found = {}
    for subject in Subject:
        mine = [x for x in bookings if x.id not in known and x.subject is subject]
        asking = [Asking(x.case_id, x.case.person_id) for x in mine]
        placed = standings.standings(
            asking, subject, pack=times.pack, last_exam_day=round_.last_day
        )
        persons = [x.case.person_id for x in mine]
        needs = standings.needs_of_persons(persons, subject, times.pack, on=times.today)
        for one in mine:
            place = placed[one.case_id]
            found[one.id] = _Wish(
                tier=place.tier,
                sorting=int(place.key.timestamp()),
                lot=rules.lot(str(round_.lot_seed), str(one.id)),
                any_session=True,
                area=(one.session.site.code,),
                days=(round_.first_day, round_.last_day),
                needs=needs.get(one.case.person_id, frozenset()),
                choices=(one.session.code,),
            )
    return found


def guests_asking(replan: Replan, times: Times) -> list[Asked]:
    """Those who come by the green channel; the law binds them like everybody else.

    Raises:
        RuleRefused: one of them may not be seated; the rule is named.
    """
    loaded = sa.select(ReplanGuest).where(ReplanGuest.replan_id == replan.id)
    guests = db.session.scalars(loaded.options(joinedload(ReplanGuest.case))).all()
    return [_guest(x, replan.round, times) for x in guests]


def _guest(one: ReplanGuest, round_: Round, times: Times) -> Asked:
    facts = standings.facts_of([one.case_id])[one.case_id]
    state = assess(one.subject, facts, times.pack, today=times.today)
    days = _inside((max(one.earliest, times.first_move), one.latest), state)
    person_id = one.case.person_id
    busy = standings.taken_days([person_id]).get(person_id, [])
    problems = list(state.refusals)
    if not problems and days[0] > days[1]:
        problems = [Refusal("wish.no_days")]
    if not problems and any(a <= days[1] and days[0] <= b for _key, (a, b) in busy):
        problems = [Refusal("wish.days_taken")]
    if problems:
        raise refused([Refusal("replan.not_eligible", {"why": " ".join(map(sentence, problems))})])
    asking = [Asking(one.case_id, person_id)]
    placed = standings.standings(
        asking, one.subject, pack=times.pack, last_exam_day=round_.last_day
    )[one.case_id]
    needs = standings.needs_of_persons([person_id], one.subject, times.pack, on=times.today)
    return Asked(
        key=one.id,
        case_id=one.case_id,
        person_id=person_id,
        subject=one.subject,
        licence_class=one.case.licence_class,
        tier=placed.tier,
        sorting=int(placed.key.timestamp()),
        lot=rules.lot(str(round_.lot_seed), str(one.id)),
        any_session=True,
        area=tuple(one.area),
        days=days,
        needs=needs.get(person_id, frozenset()),
        choices=(),
        prior=None,
    )
