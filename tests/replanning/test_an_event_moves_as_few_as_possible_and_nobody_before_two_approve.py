from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.booking.models import Booking, BookingState
from exam.booking.round_files import CHECKER
from exam.db import db
from exam.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleRefused, WrongState
from exam.notify.models import Notice
from exam.replanning import asking, telling
from exam.replanning.asking import Cut
from exam.replanning.models import Change, ReplanKind, ReplanState
from exam.system import outbox
from tests.booking.factories import NOW, PACK
from tests.replanning.factories import LATER, SEATS, Town, replan

if TYPE_CHECKING:
    from exam.booking.models import Session


def fullest(town: Town) -> Session:
    return max(town.sessions(), key=lambda x: len(town.held(x)))


def states() -> list[tuple[str, str]]:
    rows = db.session.execute(sa.select(Booking.reference, Booking.state))
    return sorted((a, b.value) for a, b in rows)


def test_a_cancelled_session_moves_its_people_and_nobody_else(town: Town) -> None:
    lost = fullest(town)
    due = {x.id for x in town.held(lost)}
    before = states()
    key = town.ask(Cut(lost.id, cancels=True))
    assert replan(key).state is ReplanState.DRAFT
    moved = {x.booking_id for x in town.lines(key) if x.change is Change.SESSION}
    assert moved == due
    assert states() == before, "a draft changes nothing for anybody"
    town.sign(key)
    assert states() == before, "nor does an approval"
    assert db.session.scalar(sa.select(sa.func.count()).where(Notice.kind == "replan.moved")) == 0
    town.tell(key)
    assert replan(key).state is ReplanState.TOLD
    assert not town.held(lost)
    assert sum(len(town.held(x)) for x in town.sessions()) == len(town.people)
    assert next(x for x in town.sessions() if x.id == lost.id).cancelled_at == LATER
    while outbox.drain(now=LATER):
        pass
    told = db.session.scalars(sa.select(Notice).where(Notice.kind.startswith("replan."))).all()
    assert len(told) == len(due)
    assert {x.facts["phone"] for x in told} == {"12123"}


def test_the_fewest_moves_are_proven_by_a_program_that_needs_nothing_of_ours(town: Town) -> None:
    key = town.ask(Cut(fullest(town).id, seats=SEATS - 1), kind=ReplanKind.SESSION_CUT)
    found = replan(key)
    assert sum(x.change is not Change.KEPT for x in town.lines(key)) == 1
    folder = town.folder / "rounds" / "R34" / "replans" / str(found.number)
    said = subprocess.run(
        [sys.executable, "-I", str(CHECKER), str(folder / "round"), str(folder / "plan")],
        capture_output=True,
        check=False,
    )
    assert said.returncode == 0
    assert found.summary["move_cost"] == 1001, "one move to another session, in the public file"


def test_an_event_that_takes_only_empty_seats_moves_nobody(town: Town) -> None:
    emptiest = min(town.sessions(), key=lambda x: len(town.held(x)))
    room = len(town.held(emptiest))
    key = town.ask(Cut(emptiest.id, seats=room), kind=ReplanKind.SESSION_CUT)
    assert {x.change for x in town.lines(key)} == {Change.KEPT}
    town.sign(key)
    town.tell(key)
    assert db.session.get_one(type(emptiest), emptiest.id).seats == room
    assert len(db.session.scalars(sa.select(Booking)).all()) == len(town.people)


def test_nobody_approves_alone_and_nothing_is_told_unapproved(town: Town) -> None:
    key = town.ask(Cut(fullest(town).id, cancels=True))
    city = town.city
    with pytest.raises(WrongState):
        telling.approve(city.leader, key, now=LATER, pack=PACK)
    with pytest.raises(NotAllowed):
        telling.sign(city.leader, key, now=LATER, pack=PACK)
    with pytest.raises(WrongState):
        town.tell(key)
    telling.sign(city.planner, key, now=LATER, pack=PACK)
    with pytest.raises(NotAllowed):
        telling.approve(city.planner, key, now=LATER, pack=PACK)
    with pytest.raises(WrongState):
        telling.sign(city.planner, key, now=LATER, pack=PACK)
    telling.approve(city.leader, key, now=LATER, pack=PACK)
    with pytest.raises(NotAllowed):
        telling.tell(town.people[0].actor, key, now=LATER, pack=PACK, data_folder=town.folder)
    town.tell(key)
    with pytest.raises(WrongState):
        town.tell(key)
    with pytest.raises(WrongState):
        asking.drop(city.planner, key, now=LATER)
    acts = db.session.scalars(
        sa.select(AuditRecord.act)
        .where(AuditRecord.act.startswith("replan."))
        .order_by(AuditRecord.arrival)
    ).all()
    assert [x.removeprefix("replan.") for x in acts] == [
        "asked",
        "solved",
        "signed",
        "approved",
        "told",
    ]


def test_a_dropped_draft_leaves_everything_as_it_was(town: Town) -> None:
    before = states()
    key = town.ask(Cut(fullest(town).id, cancels=True))
    asking.drop(town.city.planner, key, now=LATER)
    assert states() == before
    again = town.ask(Cut(fullest(town).id, cancels=True))
    assert (replan(key).number, replan(again).number) == (1, 2)


def test_a_round_has_one_replanning_at_a_time(town: Town) -> None:
    town.ask(Cut(fullest(town).id, cancels=True))
    with pytest.raises(Conflict) as caught:
        town.ask(Cut(fullest(town).id, cancels=True))
    assert caught.value.facts["constraint"] == "uq_replan_live_round"


def test_what_cannot_be_asked_is_refused_with_the_fix(town: Town) -> None:
    session, planner = fullest(town), town.city.planner
    kind = ReplanKind.SESSION_CUT
    with pytest.raises(RuleRefused) as caught:
        town.ask()
    assert caught.value.rule == "replan.nothing_changes"
    with pytest.raises(RuleRefused) as caught:
        town.ask(Cut(session.id, seats=SEATS + 1))
    assert caught.value.rule == "replan.more_seats"
    cuts = [Cut(session.id, cancels=True)]
    with pytest.raises(InvalidInput):
        asking.ask(planner, town.round_id, kind, note=" ", cuts=cuts, now=LATER)
    with pytest.raises(NotFound):
        town.ask(Cut(town.round_id, cancels=True))
    with pytest.raises(NotAllowed):
        asking.ask(town.city.leader, town.round_id, kind, note="x", now=LATER)


def test_a_plan_whose_files_were_changed_is_not_told(town: Town) -> None:
    key = town.ask(Cut(fullest(town).id, cancels=True))
    town.sign(key)
    path = town.folder / "rounds" / "R34" / "replans" / "1" / "plan" / "assignments.csv"
    path.write_text(path.read_text() + "\n")
    before = states()
    with pytest.raises(Conflict):
        town.tell(key)
    assert states() == before
    assert replan(key).state is ReplanState.APPROVED


def test_what_is_too_near_to_be_told_of_in_time_is_left_alone(town: Town) -> None:
    """Two days before the first exam nobody is moved to it, though it has free seats."""
    first_day = min(x.date for x in town.sessions())
    eve = LATER.replace(day=first_day.day - 2)
    last = max(town.sessions(), key=lambda x: x.starts_at)
    due = len(town.held(last))
    other = next(x for x in town.sessions() if x.date == last.date and x.id != last.id)
    room = SEATS - len(town.held(other))
    key = town.ask(Cut(last.id, cancels=True), now=eve)
    after = {x.to_pool_id for x in town.lines(key) if x.change is Change.SESSION}
    near = {x.id for x in town.sessions() if x.date == first_day}
    pools = sa.text("SELECT session_id FROM pool WHERE id = :key")
    assert not {db.session.scalar(pools, {"key": x}) for x in after} & near
    assert sum(x.change is Change.LOST for x in town.lines(key)) == max(0, due - room)


def test_seats_are_told_once_and_everybody_has_one(town: Town) -> None:
    key = town.ask(Cut(fullest(town).id, cancels=True))
    town.sign(key)
    town.tell(key)
    live = db.session.scalars(sa.select(Booking).where(Booking.state == BookingState.BOOKED)).all()
    assert len({x.seat_id for x in live}) == len({x.case_id for x in live}) == len(town.people)
    assert NOW < LATER
