from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.db import db
from exam.live.models import CameraEvent, Evidence, ReviewItem
from exam.people.roles import Role
from tests.live.conftest import Worker, forward_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from exam.people.roles import Actor

CLIP = bytes(range(256)) * 8


def address() -> str:
    number, event_id = db.session.execute(
        sa.select(ReviewItem.number, CameraEvent.id).join(CameraEvent).limit(1)
    ).one()
    return f"/wall/items/{number}/clips/{event_id}"


def viewings() -> list[AuditRecord]:
    query = sa.select(AuditRecord).where(AuditRecord.act == "evidence.viewed")
    return list(db.session.scalars(query))


def test_a_range_is_answered_with_that_range(
    worker: Worker, actor_with: Callable[..., Actor], client_of: Callable[[Actor], FlaskClient]
) -> None:
    worker.clip(worker.seen(), CLIP)
    forward_all(worker)
    client = client_of(actor_with(Role.EXAMINER))
    answer = client.get(address(), buffered=True, headers={"Range": "bytes=100-199"})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes 100-199/{len(CLIP)}"
    assert answer.data == CLIP[100:200]
    assert answer.mimetype == "video/mp4"
    assert client.get(address(), buffered=True).data == CLIP


def test_a_clip_that_still_grows_is_served_as_far_as_it_has_come(
    worker: Worker, actor_with: Callable[..., Actor], client_of: Callable[[Actor], FlaskClient]
) -> None:
    number = worker.open()
    growing = worker.folder / "evidence" / f"{number:04}.mp4"
    growing.parent.mkdir()
    growing.write_bytes(CLIP[:500])
    forward_all(worker)
    client = client_of(actor_with(Role.EXAMINER))
    whole = client.get(address(), buffered=True, headers={"Range": "bytes=0-"})
    assert (whole.status_code, whole.data) == (206, CLIP[:500])
    with growing.open("ab") as file:
        file.write(CLIP[500:])
    rest = client.get(address(), buffered=True, headers={"Range": "bytes=500-"})
    assert (rest.status_code, rest.data) == (206, CLIP[500:])
    assert "仍在录制" in client.get(address().split("/clips")[0]).get_data(as_text=True)


def test_an_event_without_a_clip_offers_none(
    worker: Worker, actor_with: Callable[..., Actor], client_of: Callable[[Actor], FlaskClient]
) -> None:
    worker.seen()
    forward_all(worker)
    client = client_of(actor_with(Role.EXAMINER))
    assert client.get(address(), buffered=True).status_code == 404
    assert "<video" not in client.get(address().split("/clips")[0]).get_data(as_text=True)
    assert viewings() == []


def test_a_path_that_leads_out_of_the_folder_is_not_followed(
    worker: Worker, actor_with: Callable[..., Actor], client_of: Callable[[Actor], FlaskClient]
) -> None:
    worker.clip(worker.seen())
    forward_all(worker)
    (worker.folder.parent / "secret.mp4").write_bytes(b"not yours")
    db.session.execute(sa.update(Evidence).values(path="../secret.mp4"))
    db.session.commit()
    assert client_of(actor_with(Role.EXAMINER)).get(address(), buffered=True).status_code == 404


def test_the_pieces_a_player_asks_for_are_one_viewing_of_that_person(
    worker: Worker,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
    clock: FixedClock,
) -> None:
    worker.clip(worker.seen(), CLIP)
    forward_all(worker)
    examiner, leader = actor_with(Role.EXAMINER), actor_with(Role.DUTY_LEADER)
    for start in (1500, 0, 700):
        client_of(examiner).get(address(), buffered=True, headers={"Range": f"bytes={start}-"})
    assert [row.account_id for row in viewings()] == [examiner.account_id]
    client_of(leader).get(address(), buffered=True)
    clock.advance(timedelta(minutes=11))
    client_of(examiner).get(address(), buffered=True)
    assert [row.account_id for row in viewings()] == [
        examiner.account_id,
        leader.account_id,
        examiner.account_id,
    ]
