"""The audit chain: linked once, in order, and any later change shows."""

from datetime import timedelta
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask

from exam.audit import services as audit
from exam.audit.models import AuditRecord
from exam.clock import FixedClock
from exam.db import db, transaction
from exam.people.models import Office, OfficeKind


def _acts(clock: FixedClock, count: int) -> None:
    with transaction() as session:
        office = Office(
            code=uuid4().hex[:8],
            kind=OfficeKind.OFFICE,
            name_zh="所",
            name_en="Office",
            help_phone="122",
        )
        session.add(office)
        session.flush()
        for i in range(count):
            audit.record("office.touched", office, now=clock.now(), account_id=None, step=i)
            clock.advance(timedelta(seconds=1))


def _chain() -> list[AuditRecord]:
    return list(db.session.scalars(sa.select(AuditRecord).order_by(AuditRecord.number)))


def test_records_are_linked_in_the_order_of_their_arrival(app: Flask, clock: FixedClock) -> None:
    _acts(clock, 3)
    assert audit.link() == 3
    _acts(clock, 2)
    assert audit.link() == 2
    assert audit.link() == 0
    assert [row.number for row in _chain()] == [1, 2, 3, 4, 5]
    assert audit.first_broken(_chain()) is None


def test_a_changed_fact_is_found_by_its_number(app: Flask, clock: FixedClock) -> None:
    _acts(clock, 4)
    audit.link()
    with transaction() as session:
        session.execute(
            sa.update(AuditRecord).where(AuditRecord.number == 2).values(facts={"step": 99})
        )
    db.session.expire_all()
    assert audit.first_broken(_chain()) == 2


def test_a_removed_record_is_found(app: Flask, clock: FixedClock) -> None:
    _acts(clock, 4)
    audit.link()
    with transaction() as session:
        session.execute(sa.delete(AuditRecord).where(AuditRecord.number == 3))
    assert audit.first_broken(_chain()) == 3
