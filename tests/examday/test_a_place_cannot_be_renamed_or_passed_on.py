"""A booking belongs to the person who got it: not even a script can give it to another."""

import pytest
import sqlalchemy as sa

from exam.booking.models import Booking, BookingState
from exam.db import db, transaction
from exam.errors import Conflict
from tests.examday.factories import Hall, book


def _change(booking_id: object, **values: object) -> None:
    with transaction() as session:
        session.execute(sa.update(Booking).where(Booking.id == booking_id).values(**values))


@pytest.mark.parametrize("column", ["case_id", "person_number", "subject", "seat_id", "session_id"])
def test_the_database_refuses_another_holder(hall: Hall, column: str) -> None:
    mine, hers = book(hall), book(hall)
    other = db.session.get_one(Booking, hers.booking_id)
    value = "S2" if column == "subject" else getattr(other, column)
    if column == "session_id":
        value = db.session.scalar(
            sa.text("SELECT id FROM session WHERE id <> :mine LIMIT 1"), {"mine": other.session_id}
        )
    with pytest.raises(Conflict) as refused:
        _change(mine.booking_id, **{column: value})
    assert refused.value.facts["constraint"] == "tr_booking_keeps_its_name"


def test_its_state_may_still_change(hall: Hall) -> None:
    mine = book(hall)
    _change(mine.booking_id, state=BookingState.CANCELLED)
    db.session.expire_all()
    assert db.session.get_one(Booking, mine.booking_id).state is BookingState.CANCELLED
