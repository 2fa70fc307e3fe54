"""The own door: checked like a school's row, nothing saved before the phone is proven."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from exam import clock as clocks
from exam.db import db, transaction
from exam.notify.models import Notice, SimulatedText
from exam.people.access_models import OneTimeCode
from exam.people.models import Account, Person, Provenance
from exam.registration import own_door, review
from exam.registration.models import Case, CaseState, TrainingSource
from exam.system import outbox
from tests.registration import factories
from tests.registration.factories import NOW, PACK, House, picture
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

BORN = date(2001, 5, 20)
NUMBER = factories.card_number(BORN, 12)
WRONG = NUMBER[:-1] + ("1" if NUMBER[-1] == "0" else "0")


@pytest.fixture(autouse=True)
def unlimited(app: Flask) -> None:
    app.config["RATELIMIT_ENABLED"] = False


def answers(house: House, **changes: Any) -> dict[str, Any]:
    whole = {
        "office": str(house.office_id),
        "name": "王小明",
        "document_type": "identity_card",
        "document_number": NUMBER,
        "birth_date": BORN.isoformat(),
        "sex": "female",
        "phone": "13800138000",
        "address": "示例路 1 号",
        "licence_class": "C1",
        "pathway": "first",
        "training_source": "self",
        "medical_number": "TJ20260001",
        "medical_date": NOW.date().isoformat(),
        "consent": "y",
        "face": "y",
        "photo": (io.BytesIO(picture()), "me.jpg"),
    }
    return {key: value for key, value in (whole | changes).items() if value is not None}


def begin(client: FlaskClient, house: House, **changes: Any) -> TestResponse:
    return client.post("/apply/", data=answers(house, **changes))


def digits() -> str:
    """What the phone got last."""
    outbox.drain(now=NOW)
    query = sa.select(SimulatedText).order_by(SimulatedText.id.desc())
    return str(db.session.scalars(query).first().facts["code"])  # type: ignore[union-attr]  # a message there must be


def hand_in(client: FlaskClient, house: House, **changes: Any) -> TestResponse:
    assert begin(client, house, **changes).headers["Location"] == "/apply/code"
    return client.post("/apply/code", data={"code": digits()})


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def nothing_is_saved(data_folder: Path) -> None:
    assert (count(Person), count(Case), count(Account)) == (0, 0, 3), "the staff of the house alone"
    assert not list(data_folder.glob("photos/*"))


def test_pages_are_sound(client: FlaskClient, house: House) -> None:
    assert page_problems(client.get("/apply/").text) == []
    wrong = begin(client, house, phone="12")
    assert wrong.status_code == 422
    assert page_problems(wrong.text) == []
    begin(client, house)
    assert page_problems(client.get("/apply/code").text) == []
    assert page_problems(client.get("/apply/done").text) == []


def test_with_a_proven_phone_it_waits_for_the_reviewer(
    client: FlaskClient, house: House, data_folder: Path
) -> None:
    begin(client, house)
    code = digits()
    nothing_is_saved(data_folder)
    assert client.post("/apply/code", data={"code": code}).headers["Location"] == "/apply/done"
    (case,) = review.waiting(house.reviewer).rows
    assert (case.state, case.training_source) == (CaseState.CONFIRMED, TrainingSource.SELF)
    assert (case.school_id, case.confirmed_at) == (None, NOW)
    person = db.session.get_one(Person, case.person_id)
    assert person.provenance is Provenance.SELF
    assert (person.phone, person.document_number) == ("13800138000", NUMBER)
    assert person.photo is not None
    accepted = review.accept(house.reviewer, case.id, now=NOW, pack=PACK)
    assert accepted.serial_number
    assert not list(data_folder.glob("incoming/own/*"))


def test_she_signs_in_with_a_code_to_the_phone_that_she_has_proven(
    client: FlaskClient, house: House
) -> None:
    hand_in(client, house)
    client.post("/sign-in/code", data={"document_number": NUMBER})
    assert client.post("/sign-in/code/enter", data={"code": digits()}).status_code == 303
    assert "C1" in client.get("/my/").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"document_number": WRONG}, "document_number"),
        ({"birth_date": "2001-05-21"}, "birth_date"),
        ({"sex": "male"}, "sex"),
        ({"phone": "12345"}, "phone"),
        ({"licence_class": "A1"}, "licence_class"),
        ({"licence_class": "D"}, "licence_class"),
        ({"medical_date": "2020-01-01"}, "medical_date"),
        ({"photo": (io.BytesIO(b"no picture"), "me.jpg")}, "photo"),
        ({"consent": None}, "consent"),
        ({"face": None}, "face"),
        ({"name": ""}, "name"),
        ({"office": "00000000-0000-7000-8000-000000000000"}, "office"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_the_rules_are_those_of_a_schools_row(
    client: FlaskClient, house: House, data_folder: Path, changes: dict[str, Any], field: str
) -> None:
    page = begin(client, house, **changes)
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text or field == "office"
    assert count(OneTimeCode) == 0, "no message is sent for what is refused"
    nothing_is_saved(data_folder)


def test_a_wrong_or_late_code_saves_nothing(
    client: FlaskClient, house: House, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(client, house)
    code = digits()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert client.post("/apply/code", data={"code": wrong}).status_code == 422
    later = clocks.real_now() + timedelta(minutes=11)
    monkeypatch.setattr(clocks, "real_now", lambda: later)
    assert client.post("/apply/code", data={"code": code}).status_code == 422
    nothing_is_saved(data_folder)
    assert own_door.forget_old(NOW) == {"forgotten": 1}
    assert not list(data_folder.glob("incoming/own/*")), "what was typed is forgotten"


def test_what_is_still_wanted_is_not_forgotten(
    client: FlaskClient, house: House, data_folder: Path
) -> None:
    begin(client, house)
    assert own_door.forget_old(NOW) == {"forgotten": 0}
    assert list(data_folder.glob("incoming/own/*"))


def test_a_code_counts_once(client: FlaskClient, house: House) -> None:
    begin(client, house)
    code = digits()
    with client.session_transaction() as kept:
        asked = kept["own_door"]
    assert client.post("/apply/code", data={"code": code}).status_code == 303
    with client.session_transaction() as kept:
        kept["own_door"] = asked
    assert client.post("/apply/code", data={"code": code}).status_code == 422
    assert count(Case) == 1


def test_a_class_is_added_to_the_person_who_is_known(client: FlaskClient, house: House) -> None:
    hand_in(client, house)
    hand_in(client, house, licence_class="D", pathway="added", training_source="school")
    assert (count(Person), count(Case)) == (1, 2)


@pytest.mark.parametrize(
    "changes",
    [{"phone": "13900139000"}, {"name": "王大明"}, {}],
    ids=["another phone", "another name", "the same class again"],
)
def test_nobody_learns_who_is_known_and_the_owner_is_told(
    client: FlaskClient, house: House, data_folder: Path, changes: dict[str, str]
) -> None:
    first = hand_in(client, house)
    photo = db.session.scalars(sa.select(Person.photo)).one()
    second = hand_in(client, house, **changes)
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])
    assert (count(Person), count(Case)) == (1, 1)
    assert db.session.scalars(sa.select(Notice.kind).order_by(Notice.id)).all() == [
        "case.handed_in",
        "case.not_taken",
    ]
    assert [f"photos/{x.name}" for x in data_folder.glob("photos/*")] == [photo]


def test_who_is_known_and_who_is_not_get_the_same_pages(client: FlaskClient, house: House) -> None:
    unknown = begin(client, house).text, client.get("/apply/code").text
    client.post("/apply/code", data={"code": digits()})
    known = begin(client, house, phone="13900139000").text, client.get("/apply/code").text
    assert known == unknown


def test_messages_are_counted_by_person_and_by_phone(
    app: Flask, client: FlaskClient, house: House
) -> None:
    app.config["RATELIMIT_ENABLED"] = True
    from exam.web.limits import limiter

    limiter.enabled = True
    limiter.reset()
    found = [begin(client, house).status_code for _ in range(4)]
    limiter.reset()
    assert found == [303, 303, 303, 429]


def test_without_a_gateway_there_is_no_such_door(app: Flask, client: FlaskClient) -> None:
    app.config["CODE_SIGN_IN"] = False
    assert client.get("/apply/").status_code == 404
    assert "/apply/" not in client.get("/").text


def test_the_draft_is_sealed(client: FlaskClient, house: House, data_folder: Path) -> None:
    begin(client, house)
    (draft,) = data_folder.glob("incoming/own/*")
    assert NUMBER.encode() not in draft.read_bytes()
    with transaction() as session:
        session.execute(sa.update(OneTimeCode).values(tries=99))
    assert client.post("/apply/code", data={"code": digits()}).status_code == 422
