"""Erasing a key erases for good: by two people, for a lawful reason, and never what is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from exam.audit.models import AuditRecord
from exam.db import db, new_id, transaction
from exam.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleRefused, WrongState
from exam.live import orders
from exam.live.evidence_keys import keys_of, ring_of
from exam.live.models import Evidence, ReviewItem
from exam.live.services import add_camera
from exam.live.states import ItemState, View
from exam.people.models import Site
from exam.people.roles import Role
from exam.privacy import holds, key_erasing, key_work
from exam.privacy import jobs as retention_jobs
from exam.privacy.key_models import KeyErasure
from exam.privacy.key_rules import Ground, Kept, Standing, in_the_way
from exam.privacy.models import Erasure
from exam.supervision.counts import KEY_ERASURE, exception_counts
from proctor.ledger import keys as ledger_keys
from proctor.ledger.lines import LineType
from proctor.ledger.verify import verify
from proctor.shelf import Shelf, file_facts
from tests.application import MONDAY
from tests.examday.factories import DAY as EXAM_DAY
from tests.examday.factories import OPENING, book, make_hall
from tests.live.conftest import Worker, forward_all
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from exam.live.models import Camera
    from exam.people.roles import Actor

DAY = MONDAY.date()
TOMORROW = MONDAY + timedelta(days=1)
LATER = MONDAY + timedelta(days=3 * 366)
FREE = Standing(
    there=True,
    day_over=True,
    held=False,
    undecided=False,
    term_over=True,
    examined=False,
    early_allowed=True,
)


@pytest.fixture
def house(app: Flask) -> dict[str, Any]:
    settings = app.config["KAOCHANG"]
    return {"pack": app.extensions["kaochang.pack"], "data_folder": settings.data_folder}


@pytest.fixture
def clip(worker: Worker, reviewer: Actor, house: dict[str, Any]) -> Path:
    """A recorded clip under the key of its day, judged and put aside; nobody is writing."""
    key = ring_of(house["data_folder"]).of_day(worker.folder.name, MONDAY)
    number = worker.seen()
    shelf = Shelf(worker.folder, key)
    shelf.put(f"{number:04}.mp4", b"a clip" * 100)
    path = shelf.path(f"{number:04}.mp4")
    size, digest = file_facts(path)
    facts = {"event": number, "path": shelf.relative(path), "bytes": size, "sha256": digest}
    worker.line(LineType.EVIDENCE, key_id=key.key_id, **facts)
    forward_all(worker)
    worker.ledger.close()
    judge(reviewer)
    return path


@pytest.fixture
def reviewer(actor_with: Callable[..., Actor]) -> Actor:
    return actor_with(Role.REVIEWER, site=None)


@pytest.fixture
def supervisor(actor_with: Callable[..., Actor]) -> Actor:
    return actor_with(Role.SUPERVISOR, site=None)


def judge(who: Actor, state: ItemState = ItemState.DISMISSED) -> None:
    with transaction() as session:
        for item in session.scalars(sa.select(ReviewItem)):
            item.state = state
            item.acknowledged_by = who.account_id if state is not ItemState.OPEN else None
            item.acknowledged_at = MONDAY if state is not ItemState.OPEN else None


def run(now: Any) -> int:
    erased: int = key_work.run(now)["erased"]
    db.session.expire_all()
    return erased


def request_of(key: Any) -> KeyErasure:
    db.session.expire_all()
    return db.session.get_one(KeyErasure, key)


def acts() -> list[tuple[str, str | None]]:
    query = sa.select(AuditRecord).where(AuditRecord.act.startswith("key."))
    found = db.session.scalars(query.order_by(AuditRecord.arrival)).all()
    return [(x.act, x.reason) for x in found]


@pytest.mark.parametrize(
    ("changes", "ground", "why"),
    [
        ({}, Ground.TERM_ENDED, None),
        ({"term_over": False}, Ground.TERM_ENDED, Kept.TERM),
        ({"term_over": False}, Ground.NO_EXAM, None),
        ({"examined": True}, Ground.NO_EXAM, Kept.EXAMINED),
        ({"examined": True}, Ground.TERM_ENDED, None),
        ({"early_allowed": False}, Ground.NO_EXAM, Kept.NOT_ALLOWED),
        ({"day_over": False, "term_over": False}, Ground.NO_EXAM, Kept.DAY_NOT_OVER),
        ({"undecided": True}, Ground.TERM_ENDED, Kept.UNDECIDED),
        ({"there": False}, Ground.TERM_ENDED, Kept.NO_KEY),
    ],
)
def test_what_allows_a_key_to_go(
    changes: dict[str, bool], ground: Ground, why: Kept | None
) -> None:
    assert in_the_way(ground, replace(FREE, **changes)) is why


@given(st.lists(st.booleans(), min_size=6, max_size=6), st.sampled_from(Ground))
def test_nothing_that_is_held_ever_goes(rest: list[bool], ground: Ground) -> None:
    there, over, undecided, term, examined, early = rest
    found = replace(FREE, there=there, day_over=over, held=True, undecided=undecided)
    found = replace(found, term_over=term, examined=examined, early_allowed=early)
    assert in_the_way(ground, found) in {Kept.HELD, Kept.NO_KEY}


def test_two_people_erase_a_key_and_its_clips_are_gone_with_receipts(
    clip: Path,
    camera: Camera,
    reviewer: Actor,
    supervisor: Actor,
    house: dict[str, Any],
) -> None:
    asked = key_erasing.ask(
        reviewer, camera.id, DAY, Ground.NO_EXAM, reason="试机录像", now=TOMORROW, **house
    )
    with pytest.raises(Conflict):
        key_erasing.ask(
            reviewer, camera.id, DAY, Ground.NO_EXAM, reason="再次", now=TOMORROW, **house
        )
    assert run(TOMORROW) == 0
    assert clip.exists()
    with pytest.raises(NotAllowed):
        key_erasing.decide(reviewer, asked.id, granted=True, now=TOMORROW, **house)
    key_erasing.decide(supervisor, asked.id, granted=True, now=TOMORROW, **house)
    assert run(TOMORROW) == 1
    assert not clip.exists()
    assert keys_of(house["data_folder"], camera.stream, DAY) == []
    done = request_of(asked.id)
    assert (done.clips, done.kept, done.erased_at) == (1, None, TOMORROW)
    assert db.session.scalars(sa.select(Evidence)).one().erased_at == TOMORROW
    folder = clip.parent.parent
    assert verify(folder).broken == []
    assert f'"key-{done.number}"'.encode() in (folder / "ledger.jsonl").read_bytes()
    assert acts() == [
        ("key.erasure_asked", "试机录像"),
        ("key.erasure_granted", "试机录像"),
        ("key.erased", None),
    ]
    assert db.session.scalars(sa.select(Erasure)).all() == []  # the term's receipts are others
    assert run(TOMORROW) == 0
    with pytest.raises(WrongState):
        key_erasing.decide(supervisor, asked.id, granted=False, now=TOMORROW, **house)


def test_a_hold_that_comes_at_any_time_before_keeps_everything(
    clip: Path,
    camera: Camera,
    reviewer: Actor,
    supervisor: Actor,
    house: dict[str, Any],
) -> None:
    asked = key_erasing.ask(
        reviewer, camera.id, DAY, Ground.NO_EXAM, reason="试机录像", now=TOMORROW, **house
    )
    key_erasing.decide(supervisor, asked.id, granted=True, now=TOMORROW, **house)
    number = db.session.scalars(sa.select(ReviewItem.number)).one()
    hold = holds.ask(reviewer, item=number, document=None, reason="申诉", now=TOMORROW)
    assert run(TOMORROW) == 0
    assert clip.exists()
    assert request_of(asked.id).kept is Kept.HELD
    holds.agree(supervisor, hold.id, now=TOMORROW)
    assert run(LATER) == 0
    assert clip.exists()
    holds.ask_lift(reviewer, hold.id, now=LATER)
    holds.lift(supervisor, hold.id, now=LATER)
    assert run(LATER) == 1
    assert not clip.exists()


def test_under_a_hold_it_can_neither_be_asked_nor_agreed(
    clip: Path,
    camera: Camera,
    reviewer: Actor,
    supervisor: Actor,
    house: dict[str, Any],
) -> None:
    asked = key_erasing.ask(
        reviewer, camera.id, DAY, Ground.NO_EXAM, reason="试机录像", now=TOMORROW, **house
    )
    number = db.session.scalars(sa.select(ReviewItem.number)).one()
    holds.ask(reviewer, item=number, document=None, reason="申诉", now=TOMORROW)
    with pytest.raises(RuleRefused):
        key_erasing.decide(supervisor, asked.id, granted=True, now=TOMORROW, **house)
    assert request_of(asked.id).granted is None
    key_erasing.decide(supervisor, asked.id, granted=False, now=TOMORROW, **house)
    with pytest.raises(InvalidInput) as refused:
        key_erasing.ask(
            reviewer, camera.id, DAY, Ground.NO_EXAM, reason="再次", now=TOMORROW, **house
        )
    assert refused.value.facts["kept"] is Kept.HELD
    assert clip.exists()


def test_video_of_an_exam_stays_for_its_whole_term(
    clip: Path,
    camera: Camera,
    reviewer: Actor,
    house: dict[str, Any],
) -> None:
    def ask(ground: Ground, now: Any) -> Kept | None:
        try:
            asked = key_erasing.ask(
                reviewer, camera.id, DAY, ground, reason="占用空间", now=now, **house
            )
        except InvalidInput as error:
            return Kept(error.facts["kept"])
        with transaction() as session:
            session.delete(session.merge(asked))
        return None

    assert ask(Ground.TERM_ENDED, TOMORROW) is Kept.TERM
    assert ask(Ground.TERM_ENDED, LATER) is None
    assert ask(Ground.NO_EXAM, MONDAY) is Kept.DAY_NOT_OVER
    judge(reviewer, ItemState.OPEN)
    assert ask(Ground.NO_EXAM, TOMORROW) is Kept.UNDECIDED
    judge(reviewer)
    assert ask(Ground.NO_EXAM, TOMORROW) is None
    assert clip.exists()


def test_video_of_a_day_with_an_exam_stays(app: Flask, house: dict[str, Any]) -> None:
    hall = make_hall()
    site = db.session.get_one(Site, hall.site_id)
    names = {"name_zh": "二号道", "name_en": "Lane 2", "source": "sources/lane.mp4"}
    camera = add_camera(None, site=site, stream="lane-2", view=View.CABIN, **names, now=OPENING)
    ring_of(house["data_folder"]).of_day(camera.stream, OPENING)
    book(hall)
    reviewer = replace(hall.officer, role=Role.REVIEWER)
    after = OPENING + timedelta(days=2)

    def ask() -> KeyErasure:
        return key_erasing.ask(
            reviewer, camera.id, EXAM_DAY, Ground.NO_EXAM, reason="占用空间", now=after, **house
        )

    with transaction() as session:
        session.delete(session.merge(ask()))
    hall.day()
    with pytest.raises(InvalidInput) as refused:
        ask()
    assert refused.value.facts["kept"] is Kept.EXAMINED


def test_a_camera_that_is_being_watched_erases_to_order(
    clip: Path,
    camera: Camera,
    worker: Worker,
    reviewer: Actor,
    supervisor: Actor,
    house: dict[str, Any],
    clock: FixedClock,
) -> None:
    asked = key_erasing.ask(
        reviewer, camera.id, DAY, Ground.NO_EXAM, reason="试机录像", now=TOMORROW, **house
    )
    key_erasing.decide(supervisor, asked.id, granted=True, now=TOMORROW, **house)
    writing = Worker(worker.folder, clock)
    assert run(TOMORROW) == 0
    assert request_of(asked.id).kept is Kept.UNFINISHED
    assert clip.exists()
    writing.ledger.close()
    signing = ledger_keys.load_or_create(house["data_folder"] / "keys" / "cameras.key")
    assert orders.obey(worker.folder, signing)
    assert run(TOMORROW) == 1
    assert not clip.exists()
    assert request_of(asked.id).clips == 1


def test_the_end_of_the_term_needs_no_names_and_is_counted_apart(
    clip: Path, house: dict[str, Any], camera: Camera
) -> None:
    retention_jobs.run(LATER)
    assert not clip.exists()
    assert keys_of(house["data_folder"], camera.stream, DAY) == []
    assert [x.erased for x in db.session.scalars(sa.select(Erasure))] == [1]
    lines = [x for x in exception_counts(LATER) if x.kind == KEY_ERASURE]
    assert [(x.granted, x.refused, x.waiting) for x in lines] == [(0, 0, 0)]


def test_the_database_itself_refuses_one_name(
    clip: Path, camera: Camera, reviewer: Actor, house: dict[str, Any]
) -> None:
    asked = key_erasing.ask(
        reviewer, camera.id, DAY, Ground.NO_EXAM, reason="试机录像", now=TOMORROW, **house
    )
    alone = {"decided_by": reviewer.account_id, "decided_at": TOMORROW, "granted": True}
    for values, name in ((alone, "two_names"), ({"erased_at": TOMORROW, "clips": 1}, "granted")):
        change = sa.update(KeyErasure).where(KeyErasure.id == asked.id).values(values)
        with pytest.raises(sa.exc.IntegrityError, match=name):
            db.session.execute(change)
        db.session.rollback()


def test_strangers_find_nothing(
    clip: Path,
    camera: Camera,
    reviewer: Actor,
    supervisor: Actor,
    house: dict[str, Any],
) -> None:
    asked = key_erasing.ask(
        reviewer, camera.id, DAY, Ground.NO_EXAM, reason="试机录像", now=TOMORROW, **house
    )
    foreign = replace(supervisor, office_id=new_id())
    with pytest.raises(NotFound):
        key_erasing.decide(foreign, asked.id, granted=True, now=TOMORROW, **house)
    assert list(key_erasing.requests(foreign)) == []
    elsewhere = replace(reviewer, office_id=new_id())
    with pytest.raises(InvalidInput):
        key_erasing.ask(
            elsewhere, camera.id, DAY, Ground.NO_EXAM, reason="看看", now=TOMORROW, **house
        )


def test_the_page_leads_from_the_request_to_the_public_count(
    clip: Path,
    camera: Camera,
    reviewer: Actor,
    supervisor: Actor,
    client_of: Callable[[Actor], FlaskClient],
    clock: FixedClock,
) -> None:
    clock.move_to(TOMORROW)
    first, second = client_of(reviewer), client_of(supervisor)
    empty = first.get("/privacy/keys/")
    assert page_problems(empty.text) == []
    sent = {"camera": str(camera.id), "day": DAY.isoformat(), "ground": "term_ended"}
    refused = first.post("/privacy/keys/", data={**sent, "reason": "占用空间"})
    assert refused.status_code == 422
    assert "保存期未满" in refused.text
    assert page_problems(refused.text) == []
    sent["ground"] = "no_exam"
    assert first.post("/privacy/keys/", data={**sent, "reason": "试机录像"}).status_code == 303
    key = db.session.scalars(sa.select(KeyErasure.id)).one()
    page = second.get("/privacy/keys/")
    assert page_problems(page.text) == []
    assert "试机录像" in page.text
    assert second.post(f"/privacy/keys/{key}", data={"answer": "maybe"}).status_code == 400
    assert second.post(f"/privacy/keys/{key}", data={"answer": "grant"}).status_code == 303
    assert run(TOMORROW) == 1
    assert "已销毁" in second.get("/privacy/keys/").text
    line = next(x for x in exception_counts(TOMORROW) if x.kind == KEY_ERASURE)
    assert (line.granted, line.refused, line.waiting) == (1, 0, 0)
    assert "试机" not in first.get("/public/counts").text


def test_dates_are_those_of_the_keys(house: dict[str, Any], worker: Worker) -> None:
    """A key of an hour before eight in Beijing belongs to the UTC day before."""
    early = MONDAY.replace(hour=0) - timedelta(hours=1)
    ring_of(house["data_folder"]).of_day(worker.folder.name, early)
    assert keys_of(house["data_folder"], worker.folder.name, date(2026, 11, 2)) == []
    assert len(keys_of(house["data_folder"], worker.folder.name, date(2026, 11, 1))) == 1
