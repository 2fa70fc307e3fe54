"""The two red lines of retention, each from both sides, and a receipt for every run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.db import db, transaction
from exam.errors import Conflict, InvalidInput, NotAllowed, WrongState
from exam.live import orders
from exam.live.models import Evidence, ReviewItem
from exam.notify.models import Notice
from exam.people.models import NeedKind, Person, SupportNeed
from exam.people.roles import Role
from exam.privacy import holds, jobs
from exam.privacy.models import Erasure
from exam.privacy.video import RULE
from exam.registration import intake
from exam.registration.confirmation import set_needs
from exam.registration.models import Case, CaseState, UploadRow
from proctor.ledger import keys
from proctor.ledger.verify import verify
from tests.application import MONDAY
from tests.live.conftest import Worker, forward_all
from tests.registration.factories import NOW, PACK, House, accepted, make_house, row
from tests.registration.files import photos, xlsx

if TYPE_CHECKING:
    from flask import Flask

    from exam.people.roles import Actor

ActorWith = Callable[..., "Actor"]
LATER = MONDAY + timedelta(days=3 * 366)
OVER = NOW + timedelta(days=3 * 366)


@pytest.fixture
def clip(worker: Worker) -> Worker:
    """A camera with one recorded clip, and nobody writing."""
    worker.clip(worker.seen())
    forward_all(worker)
    worker.ledger.close()
    return worker


def run(now: datetime) -> dict[str, list[int]]:
    told: dict[str, list[int]] = jobs.run(now)
    db.session.expire_all()
    return told


def there(worker: Worker) -> bool:
    return (worker.folder / "evidence/0001.mp4").exists()


def item() -> ReviewItem:
    return db.session.scalars(sa.select(ReviewItem)).one()


def test_video_past_its_term_is_erased_with_a_receipt(clip: Worker) -> None:
    assert run(LATER)[RULE] == [1, 0, 0]
    assert not there(clip)
    assert db.session.scalars(sa.select(Evidence)).one().erased_at is not None
    receipt = db.session.scalars(sa.select(Erasure).where(Erasure.rule == RULE)).one()
    assert (receipt.erased, receipt.held) == (1, 0)
    assert verify(clip.folder).broken == []
    assert b'"erased"' in clip.path.read_bytes()
    assert db.session.scalars(
        sa.select(AuditRecord.facts).where(AuditRecord.act == "data.erased")
    ).all()


def test_video_inside_its_term_stays(clip: Worker) -> None:
    assert run(MONDAY + timedelta(days=3 * 365 - 2))[RULE] == [0, 0, 0]
    assert there(clip)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Erasure)) == 0


def test_evidence_under_a_hold_is_never_erased_until_two_people_lift_it(
    clip: Worker, actor_with: ActorWith
) -> None:
    reviewer = actor_with(Role.REVIEWER, site=None)
    supervisor = actor_with(Role.SUPERVISOR, site=None)
    hold = holds.ask(reviewer, item=item().number, document=None, reason="申诉", now=MONDAY)
    assert run(LATER)[RULE] == [0, 1, 0]  # asked for is enough to keep
    holds.agree(supervisor, hold.id, now=MONDAY)
    assert run(LATER + timedelta(days=1))[RULE] == [0, 1, 0]
    holds.ask_lift(reviewer, hold.id, now=LATER)
    assert run(LATER + timedelta(days=2))[RULE] == [0, 1, 0]
    assert there(clip)
    holds.lift(supervisor, hold.id, now=LATER)
    assert run(LATER + timedelta(days=3))[RULE] == [1, 0, 0]
    assert not there(clip)


def test_the_engine_itself_refuses_what_is_held(clip: Worker, actor_with: ActorWith) -> None:
    from proctor.erasure import erase
    from proctor.errors import BadInputError

    reviewer = actor_with(Role.REVIEWER, site=None)
    holds.ask(reviewer, item=item().number, document=None, reason="申诉", now=MONDAY)
    with pytest.raises(BadInputError, match="held"):
        erase(clip.folder, ["evidence/0001.mp4"], rule="any", authorised="anybody")


def test_nobody_sets_or_lifts_a_hold_alone(clip: Worker, actor_with: ActorWith) -> None:
    reviewer = actor_with(Role.REVIEWER, site=None)
    supervisor = actor_with(Role.SUPERVISOR, site=None)
    hold = holds.ask(reviewer, item=item().number, document=None, reason="申诉", now=MONDAY)
    for act, actor in (
        (holds.agree, reviewer),
        (holds.lift, reviewer),
        (holds.ask_lift, supervisor),
    ):
        with pytest.raises(NotAllowed):
            act(actor, hold.id, now=MONDAY)
    with pytest.raises(WrongState):
        holds.lift(supervisor, hold.id, now=MONDAY)  # nobody asked
    with pytest.raises(NotAllowed):
        holds.ask(supervisor, item=item().number, document=None, reason="申诉", now=MONDAY)
    with pytest.raises(Conflict), transaction():
        db.session.execute(sa.text("UPDATE legal_hold SET set_by = asked_by, set_at = now()"))
    with pytest.raises(InvalidInput):
        holds.ask(reviewer, item=99, document=None, reason="申诉", now=MONDAY)
    with pytest.raises(Conflict):
        holds.ask(reviewer, item=item().number, document=None, reason="又", now=MONDAY)


def test_a_folder_that_is_being_written_gets_an_order_that_its_worker_carries_out(
    app: Flask, worker: Worker
) -> None:
    worker.clip(worker.seen())
    forward_all(worker)
    assert run(LATER)[RULE] == [0, 0, 1]
    assert there(worker)
    folder = app.config["KAOCHANG"].data_folder
    key = keys.load_or_create(folder / "keys" / "cameras.key")
    assert not orders.settled(folder, worker.folder.name, key)  # it is still written
    assert there(worker)
    worker.ledger.close()
    assert orders.settled(folder, worker.folder.name, key)
    assert not there(worker)
    assert not orders.obey(worker.folder, key)
    assert run(LATER + timedelta(days=1))[RULE] == [1, 0, 0]


@pytest.fixture
def house(app: Flask) -> House:
    return make_house()


def test_health_goes_a_month_after_the_date_that_she_gave(house: House) -> None:
    case = accepted(house, 1)[0]
    with transaction():
        set_needs(
            case.person_id,
            {NeedKind.PREGNANT: date(2026, 12, 1), NeedKind.HEARING: None},
            now=MONDAY,
        )
    run(datetime.fromisoformat("2026-12-30T18:40:00+00:00"))
    assert len(db.session.scalars(sa.select(SupportNeed)).all()) == 2
    assert run(datetime.fromisoformat("2027-01-02T18:40:00+00:00"))["retention.need_days"] == [
        1,
        0,
        0,
    ]
    assert db.session.scalars(sa.select(SupportNeed)).one().kind is NeedKind.HEARING


def test_contact_and_photo_go_when_all_cases_have_rested_for_the_term(
    app: Flask, house: House
) -> None:
    first, second = accepted(house, 2)
    with transaction():
        for case in db.session.scalars(sa.select(Case)):
            case.state = CaseState.COMPLETED if case.id == first.id else CaseState.ACCEPTED
    photo = app.config["KAOCHANG"].data_folder / str(
        db.session.get_one(Person, first.person_id).photo
    )
    assert run(OVER - timedelta(days=10))["retention.person_years"] == [0, 0, 0]
    assert photo.exists()
    assert run(OVER)["retention.person_years"] == [1, 0, 0]
    assert not photo.exists()
    gone, kept = (db.session.get_one(Person, x.person_id) for x in (first, second))
    assert (gone.phone, gone.address, gone.photo) == ("", "", None)
    assert gone.document_number  # belongs to the file of the case
    assert kept.phone
    assert run(OVER + timedelta(days=1))["retention.person_years"] == [0, 0, 0]


def test_a_persons_data_under_a_hold_stays(house: House, actor_with: ActorWith) -> None:
    case = accepted(house, 1)[0]
    person = db.session.get_one(Person, case.person_id)
    with transaction():
        case.state = CaseState.COMPLETED
    holds.ask(house.reviewer, item=None, document=person.document_number, reason="诉讼", now=MONDAY)
    assert run(OVER)["retention.person_years"] == [0, 1, 0]
    assert db.session.get_one(Person, case.person_id).phone


def test_cells_of_uploads_and_notices_go_and_what_became_of_them_stays(house: House) -> None:
    accepted(house, 1)
    with transaction() as session:
        session.execute(sa.update(Notice).values(read_at=MONDAY))
    told = run(MONDAY + timedelta(days=800))
    assert told["retention.upload_days"] == [1, 0, 0]
    assert told["retention.notice_years"][0] >= 1
    row = db.session.scalars(sa.select(UploadRow)).one()
    assert (row.given, row.case_id is not None) == ({}, True)


def test_the_order_of_an_upload_that_failed_goes_with_the_cells(app: Flask, house: House) -> None:
    rows = [row(n, photo=f"{n}.jpg") for n in range(2, intake.AT_ONCE_PHOTOS + 4)]
    pictures = photos([f"{x.number}.jpg" for x in rows])
    key = intake.hand_in(
        house.clerk, intake.File("a.xlsx", xlsx(rows), pictures), now=MONDAY, pack=PACK
    )
    kept = app.config["KAOCHANG"].data_folder / "incoming" / str(key)
    (kept / "table").unlink()
    intake.work_off(MONDAY, PACK)
    run(MONDAY + timedelta(days=89))
    assert kept.exists()
    assert run(MONDAY + timedelta(days=91))["retention.upload_days"] == [1, 0, 0]
    assert not kept.exists()


def test_old_pictures_of_the_desk_go(app: Flask, house: House) -> None:
    folder = app.config["KAOCHANG"].data_folder / "identity"
    for day in ("2026-01-05", "2026-10-30"):
        (folder / day).mkdir(parents=True)
        (folder / day / "a.jpg").write_bytes(b"picture")
    assert run(MONDAY)["retention.identity_days"] == [1, 0, 0]
    assert [x.name for x in folder.iterdir()] == ["2026-10-30"]
