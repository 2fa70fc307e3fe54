"""From the planner's wish to everybody's own duties: drafted, signed by two, told, kept near."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.booking.models import Session
from exam.db import db, new_id, transaction
from exam.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from exam.examday.models import Duty
from exam.notify.models import Notice
from exam.people.roles import Role
from exam.rostering import asking, reading, solving, staff, telling
from exam.rostering.models import Roster, RosterPlace
from exam.rostering.states import RosterState
from tests.booking.factories import FIRST_DAY, NOW, PACK
from tests.rostering.factories import DAYS, SATURDAY, Crew, add

if TYPE_CHECKING:
    from exam.clock import FixedClock

EXAMINERS = {"周安", "吴宁", "郑远"}


def test_everybody_whom_the_sessions_need_is_there(crew: Crew) -> None:
    key = crew.ask()
    found = crew.found(key)
    assert (found.state, found.conflict) == (RosterState.DRAFT, [])
    who = crew.who(key)
    for n in range(7):
        day = FIRST_DAY + timedelta(days=n)
        assert len(who["north", day, 9, "invigilator"]) == 3
        assert len(who["north", day, 9, "first_aider"]) == 1
        assert len(who["south", day, 10, "safety_officer"]) == 2
        assert who["south", day, 10, "examiner"] < EXAMINERS
        assert not who["south", day, 10, "examiner"] & who["north", day, 9, "examiner"]
    loads = reading.loads_of(found)
    weekends = {x.account.display_name: x.weekend_days for x in loads if "examiner" in x.roles}
    assert sum(weekends.values()) == 4
    assert max(weekends.values()) - min(weekends.values()) <= 1


def test_it_holds_only_after_two_names_and_then_everybody_is_told(crew: Crew) -> None:
    key = crew.ask()
    planner, leader = crew.city.planner, crew.city.leader
    with pytest.raises(WrongState):
        telling.approve(leader, key, now=NOW)
    with pytest.raises(NotAllowed):
        telling.sign(leader, key, now=NOW)
    telling.sign(planner, key, now=NOW)
    with pytest.raises(NotAllowed):
        telling.approve(planner, key, now=NOW)
    same = replace(leader, account_id=planner.account_id)
    with pytest.raises(NotAllowed):
        telling.approve(same, key, now=NOW)
    assert db.session.scalars(sa.select(Duty)).all() == []
    telling.approve(leader, key, now=NOW)
    assert crew.found(key).state is RosterState.TOLD
    told = set(db.session.scalars(sa.select(Notice.account_id)))
    placed = set(db.session.scalars(sa.select(RosterPlace.account_id)))
    assert told == placed
    duty = db.session.scalars(
        sa.select(Duty).where(Duty.date == FIRST_DAY, Duty.site_id == crew.city.sites["south"])
    ).all()
    examiner = next(x for x in duty if x.role is Role.EXAMINER)
    assert (examiner.subjects, examiner.classes) == (["S3R"], ["C1"])
    mine = reading.duties_of_account(examiner.account_id, now=NOW)
    assert FIRST_DAY in {x.date for x in mine}
    acts = db.session.scalars(
        sa.select(AuditRecord.act).where(AuditRecord.act.startswith("roster."))
    ).all()
    assert set(acts) == {"roster.asked", "roster.solved", "roster.signed", "roster.told"}


def test_the_database_itself_refuses_one_name(crew: Crew) -> None:
    key = crew.ask()
    one = crew.city.planner.account_id
    alone = {"signed_by": one, "signed_at": NOW, "approved_by": one, "approved_at": NOW}
    change = sa.update(Roster).where(Roster.id == key).values(state="told", **alone)
    with pytest.raises(sa.exc.IntegrityError, match="two_approve"):
        db.session.execute(change)
    db.session.rollback()


def test_a_draft_whose_ground_has_moved_is_worked_out_again(crew: Crew) -> None:
    key = crew.ask()
    telling.sign(crew.city.planner, key, now=NOW)
    who = crew.who(key)["north", SATURDAY, 9, "examiner"]
    (name,) = who
    staff.declare_away(crew.people[name], (SATURDAY, SATURDAY), now=NOW)
    with pytest.raises(Conflict):
        telling.approve(crew.city.leader, key, now=NOW)
    found = crew.found(key)
    assert (found.state, found.signed_by) == (RosterState.ASKED, None)
    assert solving.advance(now=NOW) == {"rosters": 1}
    assert name not in crew.who(key)["north", SATURDAY, 9, "examiner"]
    crew.agree(key)
    assert crew.found(key).state is RosterState.TOLD


def test_what_people_declare_is_kept_to(crew: Crew) -> None:
    south = crew.city.sites["south"]
    staff.declare_avoided(crew.people["周安"], south, now=NOW)
    staff.declare_away(crew.people["吴宁"], (FIRST_DAY, FIRST_DAY), now=NOW)
    with pytest.raises(Conflict):
        staff.declare_avoided(crew.people["周安"], south, now=NOW)
    who = crew.who(crew.ask())
    at_south = {x for (site, *_), names in who.items() if site == "south" for x in names}
    assert "周安" not in at_south
    assert "吴宁" not in {x for (_, day, *_), n in who.items() if day == FIRST_DAY for x in n}


def test_what_is_taken_back_no_longer_counts_and_is_nobody_elses(crew: Crew) -> None:
    made = staff.declare_avoided(crew.people["周安"], crew.city.sites["south"], now=NOW)
    with pytest.raises(NotFound):
        staff.withdraw(crew.people["吴宁"], made.id, now=NOW)
    staff.withdraw(crew.people["周安"], made.id, now=NOW)
    with pytest.raises(WrongState):
        staff.withdraw(crew.people["周安"], made.id, now=NOW)
    account = crew.people["周安"].account_id
    assert account is not None
    assert staff.declared_by(account, today=FIRST_DAY) == []


def test_whoever_falls_out_is_replaced_and_nobody_else_moves(crew: Crew, clock: FixedClock) -> None:
    key = crew.ask()
    crew.agree(key)
    before = crew.who(key)
    (ill,) = before["south", SATURDAY, 10, "examiner"]
    staff.declare_away(
        crew.city.planner,
        (SATURDAY, SATURDAY),
        account_id=crew.people[ill].account_id,
        now=NOW,
    )
    add(crew, "魏来", Role.EXAMINER, subjects=["S1", "S3R"], classes=["*"])
    now = NOW + timedelta(days=15)  # the second day of the week
    later = asking.ask_instead(crew.city.planner, key, now=now).id
    assert crew.found(later).first_day == FIRST_DAY + timedelta(days=2)
    solving.advance(now=now)
    found, after = crew.found(later), crew.who(later)
    assert (found.state, found.answer["untouched"]) == (RosterState.DRAFT, True)
    changed = {k for k in after if after[k] != before[k]}
    assert changed == {("south", SATURDAY, 10, "examiner")}
    db.session.execute(sa.delete(Notice))
    db.session.commit()
    crew.agree(later, now=now)
    assert crew.found(key).state is RosterState.REPLACED
    told = set(db.session.scalars(sa.select(Notice.account_id)))
    newcomer = next(iter(after["south", SATURDAY, 10, "examiner"]))
    assert told == {crew.people[ill].account_id, crew.people[newcomer].account_id}
    on = set(db.session.scalars(sa.select(Duty.date)))
    assert FIRST_DAY in on  # the days that are over stay as they were


def test_two_rosters_never_cover_one_site_and_day(crew: Crew) -> None:
    crew.ask()
    with pytest.raises(Conflict):
        crew.ask(sites=["south"], days=(SATURDAY, SATURDAY))


def test_duties_in_another_roster_count_for_hours_and_days(crew: Crew) -> None:
    first = crew.ask(sites=["north"])
    crew.agree(first)
    busy = crew.who(first)
    second = crew.ask(sites=["south"])
    assert crew.found(second).state is RosterState.CONFLICT or not any(
        crew.who(second)["south", day, 10, "examiner"] & busy["north", day, 9, "examiner"]
        for _, day, hour, role in busy
        if role == "examiner"
    )


def test_a_cancelled_session_needs_nobody(crew: Crew) -> None:
    with transaction() as session:
        session.execute(
            sa.update(Session)
            .where(Session.site_id == crew.city.sites["south"])
            .values(cancelled_at=NOW)
        )
    assert {site for site, *_ in crew.who(crew.ask())} == {"north"}


def test_a_wish_that_cannot_be_names_its_field(crew: Crew) -> None:
    wrong: list[tuple[dict[str, object], str]] = [
        ({"sites": []}, "sites"),
        ({"sites": ["nowhere"]}, "sites"),
        ({"days": (DAYS[1], DAYS[0])}, "last_day"),
        ({"days": (NOW.date(), DAYS[1])}, "first_day"),
        ({"days": (FIRST_DAY, FIRST_DAY + timedelta(days=31))}, "last_day"),
    ]
    for changes, field in wrong:
        with pytest.raises(InvalidInput) as refused:
            crew.ask(**changes)
        assert refused.value.field == field


def test_days_without_sessions_say_so_and_wait_for_a_person(crew: Crew) -> None:
    key = crew.ask(days=(FIRST_DAY + timedelta(days=20), FIRST_DAY + timedelta(days=21)))
    found = crew.found(key)
    assert (found.state, found.progress) == (RosterState.ASKED, {"failure": "no_sessions"})
    assert solving.advance(now=NOW) == {"rosters": 0}
    asking.drop(crew.city.planner, key, now=NOW)
    assert crew.found(key).state is RosterState.DROPPED


def test_strangers_find_nothing_and_enter_nothing(crew: Crew) -> None:
    key = crew.ask()
    foreign = replace(crew.city.planner, office_id=new_id())
    with pytest.raises(NotFound):
        reading.roster_of(foreign, key)
    with pytest.raises(NotFound):
        telling.sign(foreign, key, now=NOW)
    days = (SATURDAY, SATURDAY)
    account = crew.people["周安"].account_id
    with pytest.raises(NotFound):
        staff.declare_away(foreign, days, account_id=account, now=NOW)
    with pytest.raises(NotAllowed):
        staff.declare_away(crew.people["吴宁"], days, account_id=account, now=NOW)
    with pytest.raises(NotAllowed):
        asking.ask(
            crew.city.leader,
            sites=["north"],
            days=DAYS,
            demands=asking.usual(PACK),
            pack=PACK,
            now=NOW,
        )
