"""What lies in the database and in files tells nobody anything without the keys."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from exam.db import db, new_id, transaction
from exam.errors import Conflict
from exam.people.models import NeedKind, Person, SupportNeed
from exam.people.needs import live_needs
from exam.registration.models import Case
from exam.sealing import files
from exam.sealing.envelopes import Envelope, filled, unfilled
from exam.sealing.holder import ring
from exam.sealing.keyring import CannotOpen, new_ring
from tests.registration.factories import House, accepted, make_house, row

NUMBER = str(row(2).cells["document_number"])
PHONE = str(row(2).cells["phone"])


@pytest.fixture
def house(app: Flask) -> House:
    return make_house()


@pytest.fixture
def case(house: House) -> Case:
    return accepted(house, 1, support="孕妇")[0]


def everything_stored() -> bytes:
    """Every cell of every table, as the database has it."""
    with db.engine.connect() as connection:
        tables = connection.execute(
            sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        dumps = [
            connection.execute(
                sa.text(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{name}\" t")
            ).scalar()
            for name in tables
        ]
    return "\n".join(str(x) for x in dumps).encode()


def test_neither_numbers_nor_health_stand_plainly_in_any_table(case: Case) -> None:
    stored = everything_stored()
    person = db.session.get_one(Person, case.person_id)
    assert person.name.encode() in stored  # the search would find a plain one
    for plain in (NUMBER, PHONE, "示例路", "TJ000002", "pregnant", "2026-10-08"):
        for form in (plain.encode(), plain.encode().hex().encode()):
            assert form not in stored, plain


def test_the_models_read_as_if_nothing_were_sealed(case: Case) -> None:
    db.session.expire_all()
    person = db.session.get_one(Person, case.person_id)
    assert (person.document_number, person.phone, person.address) == (NUMBER, PHONE, "示例路 1 号")
    assert (case.medical_number, case.medical_date) == ("TJ000002", date(2026, 10, 8))
    assert live_needs([person.id], on=date(2026, 11, 2)) == {person.id: {NeedKind.PREGNANT}}


def test_a_person_is_found_by_the_whole_number_and_by_its_end(case: Case) -> None:
    whole = sa.select(Person.id).where(Person.document_number.matches(f" {NUMBER.lower()} "))
    end = sa.select(Person.id).where(Person.document_number.ends_with(NUMBER[-4:].lower()))
    assert db.session.scalars(whole).all() == db.session.scalars(end).all() == [case.person_id]
    other = sa.select(Person.id).where(Person.document_number.matches(NUMBER[:-1]))
    assert db.session.scalars(other).all() == []


def test_a_value_moved_to_another_row_or_column_does_not_open(house: House) -> None:
    first, second = (db.session.get_one(Person, x.person_id) for x in accepted(house, 2))
    first.phone_sealed = second.phone_sealed
    second.address_sealed = second.phone_sealed
    for read in (lambda: first.phone, lambda: second.address):
        with pytest.raises(CannotOpen):
            read()
    db.session.rollback()


def test_equal_needs_of_two_persons_do_not_look_alike(house: House) -> None:
    accepted(house, 2, support="孕妇")
    one, two = db.session.scalars(sa.select(SupportNeed)).all()
    assert one.kind_key != two.kind_key
    assert len(one.kind_sealed.raw) == len(two.until_sealed.raw)


def test_a_need_still_stands_once(case: Case) -> None:
    held = db.session.scalars(sa.select(SupportNeed)).one()
    again = SupportNeed(
        person_id=held.person_id, kind=NeedKind.PREGNANT, declared_at=held.declared_at
    )
    with pytest.raises(Conflict), transaction() as session:
        session.add(again)


def test_the_door_of_the_database_refuses_what_is_not_sealed(case: Case) -> None:
    person = db.session.get_one(Person, case.person_id)
    plain: Any = b"13800000000"
    person.phone_sealed = plain
    with pytest.raises(sa.exc.StatementError, match="unsealed"):
        db.session.flush()
    db.session.rollback()


def test_the_id_is_known_before_anything_is_sealed_to_it(app: Flask) -> None:
    given = {"kind": NeedKind.HEARING, "person_id": new_id(), "id": UUID(int=7)}
    assert SupportNeed(**given).kind is NeedKind.HEARING


def test_a_photo_is_sealed_to_its_own_name(app: Flask, case: Case) -> None:
    folder = app.config["KAOCHANG"].data_folder
    name = str(db.session.get_one(Person, case.person_id).photo)
    stored = (folder / name).read_bytes()
    assert b"JFIF" not in stored
    assert files.read(name, folder)[6:10] == b"JFIF"
    (folder / "photos" / "other.jpg").write_bytes(stored)
    with pytest.raises(CannotOpen):
        files.read("photos/other.jpg", folder)


def test_an_altered_value_does_not_open(app: Flask) -> None:
    sealed = bytearray(ring().seal(b"number", bound_to="here"))
    for place in range(len(sealed)):
        sealed[place] ^= 1
        with pytest.raises(CannotOpen):
            ring().open(bytes(sealed), bound_to="here")
        sealed[place] ^= 1
    assert ring().open(bytes(sealed), bound_to="here") == b"number"


@given(
    plain=st.text(alphabet=st.characters(exclude_characters="\0"), max_size=90),
    place=st.text(max_size=20),
)
def test_what_is_sealed_comes_back_and_its_length_tells_nothing(plain: str, place: str) -> None:
    keys = new_ring()
    sealed = keys.seal(filled(plain.encode()), bound_to=place)
    assert unfilled(keys.open(sealed, bound_to=place)).decode() == plain
    assert (len(sealed) - 31) % 32 == 0
    assert Envelope(sealed).key_number == 1
