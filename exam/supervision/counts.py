"""Public counts of what two names allowed against the usual: numbers by office, of nobody."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from exam.booking.models import Booking
from exam.db import db
from exam.examday.models import ExceptionKind, ExceptionRequest, Sitting
from exam.people.access_models import FactorReset
from exam.people.models import Account, Office
from exam.privacy.key_models import KeyErasure
from exam.registration.models import Case

SPAN = timedelta(days=365)
FACTOR_RESET = "factor_reset"
KEY_ERASURE = "key_erasure"
COUNTED: dict[str, Any] = {
    ExceptionKind.REDRAW.value: _("Drawn again before an attempt"),
    ExceptionKind.NO_FAULT.value: _("Ended as not the candidate's fault, against the default"),
    FACTOR_RESET: _("Second factor of a staff member taken away"),
    KEY_ERASURE: _("Key of a camera's day erased, and all its video with it"),
}


@dataclass(frozen=True)
class Line:
    """One office and one kind over a year."""

    office: Office
    kind: str
    granted: int
    refused: int
    waiting: int


def exception_counts(now: datetime) -> list[Line]:
    """What was asked for in the last year, by office and kind; kinds nobody asked for are 0."""
    found: Counter[tuple[Any, str, bool | None]] = Counter()
    for query in (_of_the_day(now - SPAN), _of_factors(now - SPAN), _of_keys(now - SPAN)):
        for office_id, kind, granted, number in db.session.execute(query):
            found[office_id, kind, granted] += number
    offices = db.session.scalars(sa.select(Office).order_by(Office.code)).all()
    return [
        Line(office, kind, *(found[office.id, kind, x] for x in (True, False, None)))
        for office in offices
        for kind in COUNTED
    ]


def _of_the_day(since: datetime) -> sa.Executable:
    request = ExceptionRequest
    return (
        sa.select(Case.office_id, request.kind, request.granted, sa.func.count())
        .join(Sitting, Sitting.id == request.sitting_id)
        .join(Booking, Booking.id == Sitting.booking_id)
        .join(Case, Case.id == Booking.case_id)
        .where(request.asked_at >= since)
        .group_by(Case.office_id, request.kind, request.granted)
    )


def _of_factors(since: datetime) -> sa.Executable:
    kind = sa.literal(FACTOR_RESET)
    return (
        sa.select(Account.office_id, kind, FactorReset.granted, sa.func.count())
        .join(Account, Account.id == FactorReset.account_id)
        .where(FactorReset.asked_at >= since)
        .group_by(Account.office_id, FactorReset.granted)
    )


def _of_keys(since: datetime) -> sa.Executable:
    """By two names alone: what goes by itself at the end of its term is in the receipts."""
    erasure = KeyErasure
    return (
        sa.select(erasure.office_id, sa.literal(KEY_ERASURE), erasure.granted, sa.func.count())
        .where(erasure.asked_at >= since)
        .group_by(erasure.office_id, erasure.granted)
    )
