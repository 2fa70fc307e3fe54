from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.db import db
from exam.errors import InvalidInput, NotAllowed, NotFound, WrongState
from exam.live import services, wording
from exam.live.models import ReviewAct, ReviewItem
from exam.live.states import ITEM_MOVES, ItemState
from exam.people.roles import Role
from tests.application import MONDAY
from tests.live.conftest import Place, Worker, forward_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.people.roles import Actor


@pytest.fixture
def number(worker: Worker) -> int:
    worker.seen("several_faces", severity="alert")
    forward_all(worker)
    found = db.session.scalar(sa.select(ReviewItem.number))
    assert found is not None
    return found


def state(number: int) -> ItemState:
    db.session.expire_all()
    found = db.session.scalar(sa.select(ReviewItem.state).where(ReviewItem.number == number))
    assert found is not None
    return found


def acts() -> list[tuple[str, str | None]]:
    return [
        (x.act, x.note) for x in db.session.scalars(sa.select(ReviewAct).order_by(ReviewAct.at))
    ]


def test_no_outcome_is_a_verdict() -> None:
    assert set(ItemState) == {"open", "acknowledged", "dismissed", "referred"}
    assert {to for moves in ITEM_MOVES.values() for to in moves} == set(ItemState) - {"open"}
    words = " ".join(str(name) for name in wording.KINDS.values()).lower()
    assert not any(word in words for word in ("cheat", "guilty", "fraud", "violation"))


def test_the_database_refuses_a_state_beyond_open_without_a_name(number: int) -> None:
    for further in set(ItemState) - {ItemState.OPEN}:
        with pytest.raises(sa.exc.IntegrityError, match="acknowledged_has_a_name"):
            db.session.execute(sa.update(ReviewItem).values(state=further))
        db.session.rollback()


def test_the_database_knows_no_other_state(number: int, actor_with: Callable[..., Actor]) -> None:
    services.acknowledge(actor_with(Role.EXAMINER), number, now=MONDAY)
    with pytest.raises(sa.exc.IntegrityError, match="ck_review_item_state"):
        db.session.execute(sa.text("UPDATE review_item SET state = 'cheating'"))
    db.session.rollback()


def test_whatever_the_ledger_says_an_item_stays_open_until_a_person_acts(
    worker: Worker, number: int
) -> None:
    for at_ms in range(5000, 60_000, 5000):
        worker.seen("several_faces", at_ms=at_ms, severity="alert")
    forward_all(worker)
    assert state(number) is ItemState.OPEN


def test_acknowledging_is_recorded_with_name_time_and_audit(
    number: int, actor_with: Callable[..., Actor]
) -> None:
    examiner = actor_with(Role.EXAMINER)
    services.acknowledge(examiner, number, now=MONDAY)
    item = db.session.scalar(sa.select(ReviewItem))
    assert item is not None
    assert (item.acknowledged_by, item.acknowledged_at) == (examiner.account_id, MONDAY)
    record = db.session.scalar(sa.select(AuditRecord).where(AuditRecord.act == "item.acknowledged"))
    assert record is not None
    assert (record.account_id, record.role, record.subject_id) == (
        examiner.account_id,
        Role.EXAMINER,
        item.id,
    )


def test_the_second_to_acknowledge_is_shown_the_first(
    number: int, actor_with: Callable[..., Actor], client_of: Callable[[Actor], FlaskClient]
) -> None:
    first, second = actor_with(Role.EXAMINER), actor_with(Role.INVIGILATOR)
    client_of(first).post(f"/wall/items/{number}/acknowledge")
    answer = client_of(second).post(f"/wall/items/{number}/acknowledge", follow_redirects=True)
    assert "examiner" in answer.get_data(as_text=True)
    assert acts() == [("acknowledged", None)]


def test_two_who_acknowledge_at_once_leave_one_act(
    app: Flask, number: int, actor_with: Callable[..., Actor]
) -> None:
    actors = [actor_with(Role.EXAMINER, name=f"examiner{n}") for n in range(4)]
    start = threading.Barrier(len(actors))

    def press(actor: Actor) -> None:
        with app.app_context():
            start.wait()
            services.acknowledge(actor, number, now=MONDAY)

    threads = [threading.Thread(target=press, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert acts() == [("acknowledged", None)]


@pytest.mark.parametrize("to", [ItemState.DISMISSED, ItemState.REFERRED])
def test_a_decision_needs_an_acknowledged_item_and_a_note(
    to: ItemState, number: int, actor_with: Callable[..., Actor]
) -> None:
    examiner = actor_with(Role.EXAMINER)
    with pytest.raises(WrongState):
        services.decide(examiner, number, to=to, note="seen", now=MONDAY)
    services.acknowledge(examiner, number, now=MONDAY)
    for note in ("", "   ", "x" * 401):
        with pytest.raises(InvalidInput):
            services.decide(examiner, number, to=to, note=note, now=MONDAY)
    services.decide(examiner, number, to=to, note=" A helper walked by. ", now=MONDAY)
    assert state(number) is to
    assert acts()[-1] == (to.value, "A helper walked by.")
    with pytest.raises(WrongState):
        services.decide(examiner, number, to=ItemState.DISMISSED, note="again", now=MONDAY)


def test_a_site_operator_looks_after_equipment_but_decides_nothing(
    worker: Worker, actor_with: Callable[..., Actor], number: int
) -> None:
    worker.seen("camera_covered")
    forward_all(worker)
    operator = actor_with(Role.SITE_OPERATOR)
    with pytest.raises(NotFound):
        services.acknowledge(operator, number, now=MONDAY)
    services.acknowledge(operator, number + 1, now=MONDAY)
    with pytest.raises(NotAllowed):
        services.decide(operator, number + 1, to=ItemState.DISMISSED, note="wiped", now=MONDAY)


def test_nobody_of_another_site_acts(
    number: int, place: Place, actor_with: Callable[..., Actor]
) -> None:
    with pytest.raises(NotFound):
        services.acknowledge(actor_with(Role.EXAMINER, site=place.other), number, now=MONDAY)


def test_the_page_asks_again_where_the_note_is_missing_and_tells_what_happens_next(
    number: int, actor_with: Callable[..., Actor], client_of: Callable[[Actor], FlaskClient]
) -> None:
    client = client_of(actor_with(Role.EXAMINER))
    client.post(f"/wall/items/{number}/acknowledge")
    answer = client.post(f"/wall/items/{number}/decision", data={"decision": "referred"})
    assert answer.status_code == 422
    assert "请写明您看到的情况和理由" in answer.get_data(as_text=True)
    answer = client.post(
        f"/wall/items/{number}/decision", data={"decision": "convicted", "note": "x"}
    )
    assert answer.status_code == 422
    answer = client.post(
        f"/wall/items/{number}/decision",
        data={"decision": "referred", "note": "两人同时出现在画面中"},
        follow_redirects=True,
    )
    text = answer.get_data(as_text=True)
    assert "另一考场的监管岗" in text
    assert "两人同时出现在画面中" in text
    assert client.get(f"/wall/items/{number}/card").status_code == 204
