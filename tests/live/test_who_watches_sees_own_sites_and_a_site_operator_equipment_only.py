from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.db import db
from exam.live.models import CameraEvent, ReviewItem
from exam.live.states import EventGroup
from exam.live.streams import TILE
from exam.people.roles import Role
from tests.live.conftest import Place, Worker, forward_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from exam.live.models import Camera
    from exam.people.roles import Actor

WATCHING = (Role.EXAMINER, Role.INVIGILATOR, Role.DUTY_LEADER, Role.SUPERVISOR, Role.SITE_OPERATOR)
OTHERS = sorted(set(Role) - {*WATCHING, Role.SCHOOL_CLERK, Role.SCHOOL_MANAGER})


@pytest.fixture
def both(worker: Worker) -> dict[EventGroup, int]:
    """The numbers of a conduct and an equipment item, each with a clip."""
    for kind in ("face_absent", "camera_covered"):
        worker.clip(worker.seen(kind))
    (worker.folder / TILE).write_bytes(b"a picture")
    forward_all(worker)
    return {row.group: row.number for row in db.session.scalars(sa.select(ReviewItem))}


def clip_address(number: int) -> str:
    event_id = db.session.scalar(
        sa.select(CameraEvent.id).join(ReviewItem).where(ReviewItem.number == number)
    )
    return f"/wall/items/{number}/clips/{event_id}"


def addresses(number: int, camera: Camera) -> list[str]:
    return [
        f"/wall/items/{number}",
        f"/wall/items/{number}/card",
        clip_address(number),
        f"/wall/cameras/{camera.id}/tile.jpg",
    ]


def codes(client: FlaskClient, paths: list[str]) -> list[int]:
    answers = [client.get(path, buffered=True) for path in paths]
    return [answer.status_code for answer in answers]


def test_an_examiner_of_the_site_sees_both_groups(
    both: dict[EventGroup, int],
    camera: Camera,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    client = client_of(actor_with(Role.EXAMINER))
    text = client.get("/wall").get_data(as_text=True)
    assert "疑似作弊，待核查" in text
    assert "考生座位处看不到人脸" in text
    assert "镜头被遮挡" in text
    for number in both.values():
        assert codes(client, addresses(number, camera)) == [200, 200, 200, 200]


def test_a_site_operator_sees_equipment_and_no_pictures_of_people(
    both: dict[EventGroup, int],
    camera: Camera,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    client = client_of(actor_with(Role.SITE_OPERATOR))
    text = client.get("/wall").get_data(as_text=True)
    assert "疑似作弊" not in text
    assert "考生座位处看不到人脸" not in text
    assert "镜头被遮挡" in text
    assert "<img" not in text
    assert "<video" not in text
    assert codes(client, addresses(both[EventGroup.EQUIPMENT], camera)) == [200, 200, 403, 403]
    assert codes(client, addresses(both[EventGroup.CONDUCT], camera))[:2] == [404, 404]
    after = client.post(f"/wall/items/{both[EventGroup.CONDUCT]}/acknowledge")
    assert after.status_code == 404
    newer = client.get("/wall/newer").get_json()["items"]
    assert [item["group"] for item in newer] == ["equipment"]


def test_another_sites_examiner_finds_nothing_there(
    both: dict[EventGroup, int],
    camera: Camera,
    place: Place,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    client = client_of(actor_with(Role.EXAMINER, site=place.other))
    assert "尚未设置摄像头" in client.get("/wall").get_data(as_text=True)
    for number in both.values():
        assert codes(client, addresses(number, camera)) == [404, 404, 404, 404]
    assert client.get("/wall/newer").get_json() == {"items": []}


def test_a_supervisor_of_the_office_sees_every_site(
    both: dict[EventGroup, int],
    camera: Camera,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    client = client_of(actor_with(Role.SUPERVISOR, site=None))
    assert codes(client, addresses(both[EventGroup.CONDUCT], camera)) == [200, 200, 200, 200]


@pytest.mark.parametrize("role", OTHERS)
def test_other_roles_are_refused_at_every_door(
    role: Role,
    both: dict[EventGroup, int],
    camera: Camera,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    client = client_of(actor_with(role))
    paths = ["/wall", "/wall/cameras", "/wall/newer"]
    paths += addresses(both[EventGroup.EQUIPMENT], camera)
    assert set(codes(client, paths)) == {403}


def test_nobody_signed_in_is_asked_to_sign_in(
    both: dict[EventGroup, int], client_of: Callable[[Actor], FlaskClient], camera: Camera
) -> None:
    from flask import current_app

    client = current_app.test_client()
    for path in ["/wall", *addresses(both[EventGroup.CONDUCT], camera)]:
        answer = client.get(path)
        assert (answer.status_code, "sign-in" in answer.headers["Location"]) == (303, True)


def test_pictures_and_clips_are_kept_by_no_browser(
    both: dict[EventGroup, int],
    camera: Camera,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    client = client_of(actor_with(Role.EXAMINER))
    for path in addresses(both[EventGroup.CONDUCT], camera):
        assert client.get(path, buffered=True).headers["Cache-Control"] == "no-store"


def test_a_camera_without_signs_of_life_is_shown_as_silent_and_without_its_old_picture(
    both: dict[EventGroup, int],
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    text = client_of(actor_with(Role.EXAMINER)).get("/wall/cameras").get_data(as_text=True)
    assert "无画面" in text
    assert not re.search("<img", text)
