from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exam.db import db, new_id
from exam.examday.models import Vehicle
from exam.live import rules, services
from exam.live.forwarder import Forwarder
from exam.live.models import Camera
from exam.live.states import View
from exam.live.streams import list_version, read_list
from exam.policy.subjects import Subject
from tests.examday.factories import REPORT, Hall, book, make_hall, seat
from tests.live.conftest import make_camera

if TYPE_CHECKING:
    from flask import Flask

    from tests.live.conftest import Place


def test_a_new_camera_is_in_the_list_without_anybody_asking(app: Flask, place: Place) -> None:
    folder = app.config["KAOCHANG"].data_folder
    make_camera(place, "seat-05")
    forwarder = Forwarder(app)
    forwarder.step()
    assert [x.stream for x in read_list(folder)] == ["seat-05"]
    before = list_version(folder)
    forwarder.forget()
    forwarder.step()
    assert list_version(folder) == before
    make_camera(place, "seat-06", terminal_id=None)
    forwarder.forget()
    forwarder.step()
    assert [x.stream for x in read_list(folder)] == ["seat-05", "seat-06"]
    db.session.query(Camera).filter_by(stream="seat-05").update({"enabled": False})
    db.session.commit()
    forwarder.forget()
    forwarder.step()
    assert [x.stream for x in read_list(folder)] == ["seat-06"]


def test_cameras_of_one_room_carry_one_mark_that_names_nothing(app: Flask, place: Place) -> None:
    make_camera(place, "seat-05")
    make_camera(place, "hall", view=View.ROOM, terminal_id=None, room_id=place.room.id)
    make_camera(place, "door", terminal_id=None)
    listed = {x.stream: x.room for x in services.publish_list(app.config["KAOCHANG"].data_folder)}
    assert listed == {"seat-05": place.room.id.hex, "hall": place.room.id.hex, "door": ""}


@pytest.mark.parametrize(
    ("subject", "configured", "expected"),
    [
        (None, 1, 1),
        (None, 3, 3),
        (Subject.S2, 3, 1),
        (Subject.S3R, 1, 2),
        (Subject.S3R, 3, 3),
    ],
)
def test_a_car_expects_whom_its_sitting_brings(
    subject: Subject | None, configured: int, expected: int
) -> None:
    assert rules.people_in_car(subject, configured) == expected


@pytest.mark.parametrize(("subject", "expected"), [(Subject.S2, 1), (Subject.S3R, 2)])
def test_the_number_comes_from_the_sitting_in_the_car(
    subject: Subject, expected: int, app: Flask
) -> None:
    hall: Hall = make_hall()
    who = book(hall, subject)
    sitting = seat(hall, hall.opened(), who, REPORT)
    assert sitting.vehicle_id is not None
    make_cabin(hall, sitting.vehicle_id, people=1)
    (listed,) = services.publish_list(app.config["KAOCHANG"].data_folder)
    assert listed.people == expected


def make_cabin(hall: Hall, vehicle_id: object, *, people: int) -> None:
    vehicle = db.session.get(Vehicle, vehicle_id)
    assert vehicle is not None
    db.session.add(
        Camera(
            id=new_id(),
            site_id=vehicle.site_id,
            stream="car-1",
            name_zh="车一",
            name_en="Car 1",
            view=View.CABIN,
            source="cameras/car.mp4",
            people=people,
            vehicle_id=vehicle.id,
        )
    )
    db.session.commit()
