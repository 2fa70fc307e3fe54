"""The companion of the national platform: what it tells us about cases comes in through here.

Every row that a delivery causes names the record it came from. The only adapter there is so far is
simulated: it says so in each import and is refused outside the demo.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _
from pydantic import ValidationError

from exam.audit import services as audit
from exam.clock import civil_date
from exam.db import advisory_lock, db, new_id, transaction
from exam.errors import InvalidInput, NotAllowed
from exam.people.roles import Actor
from exam.registration.models import (
    Case,
    NationalImport,
    NationalRecord,
    Permit,
    ResultOutcome,
)
from exam.registration.progress import GivenResult, record_results
from exam.registration.schemas import (
    FailedRecord,
    NationalDelivery,
    PassRecord,
    PermitRecord,
    Record,
)

OUTCOMES = {
    "pass": ResultOutcome.PASSED,
    "failed": ResultOutcome.FAILED,
    "absent": ResultOutcome.ABSENT,
}


class NationalPlatform(Protocol):
    """What a real adapter has to offer; its deliveries are documents of `schemas`."""

    @property
    def simulated(self) -> bool:
        """Whether nothing of it is true."""
        ...

    def deliveries(self) -> Iterable[bytes]:
        """Documents that wait; asked again, the same ones may come: an import is made once."""
        ...


class SimulatedPlatform:
    """Invented records, for the demo and nothing else."""

    source = "simulated"

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    @property
    def simulated(self) -> bool:
        """Always."""
        return True

    def invent(self, records: Sequence[Record]) -> None:
        """Put records into the next delivery."""
        document = NationalDelivery(
            format="kaochang-national/1",
            source=self.source,
            simulated=True,
            records=tuple(records),
        )
        self._waiting.append(document.model_dump_json().encode())

    def deliveries(self) -> Iterable[bytes]:
        """What was invented."""
        return tuple(self._waiting)


def take_deliveries(
    platform: NationalPlatform, actor: Actor, *, now: datetime
) -> list[NationalImport]:
    """Import everything that waits at a platform."""
    return [import_delivery(actor, x, now=now) for x in platform.deliveries()]


def import_delivery(actor: Actor, content: bytes, *, now: datetime) -> NationalImport:
    """Take one delivery whole; the same one again changes nothing.

    Race stopped: one delivery imported twice at once; imports of an office queue on its name.

    Raises:
        InvalidInput: not a delivery, or it names a case that this office has not accepted; nothing
            is kept then.
        NotAllowed: simulated, outside the demo.
    """
    delivery = _read(content)
    if delivery.simulated and not current_app.config["KAOCHANG"].demo:
        raise NotAllowed(_("Simulated records are refused outside the demonstration."))
    digest = hashlib.sha256(content).hexdigest()
    with transaction() as session:
        advisory_lock("national", str(actor.office_id))
        known = session.scalar(sa.select(NationalImport).where(NationalImport.sha256 == digest))
        return known or _import(actor, delivery, digest, now)


def _read(content: bytes) -> NationalDelivery:
    try:
        return NationalDelivery.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(x) for x in first["loc"]) or "document"
        message = _("The delivery cannot be read: %(place)s: %(problem)s")
        raise InvalidInput(
            message % {"place": where, "problem": first["msg"]}, field="delivery"
        ) from None


def _import(actor: Actor, delivery: NationalDelivery, digest: str, now: datetime) -> NationalImport:
    cases = _cases(actor, delivery.records)
    made = NationalImport(
        id=new_id(),
        office_id=actor.office_id,
        source=delivery.source,
        simulated=delivery.simulated,
        received_at=now,
        sha256=digest,
        records=len(delivery.records),
    )
    db.session.add(made)
    db.session.flush()
    rows = [
        NationalRecord(
            id=new_id(),
            import_id=made.id,
            position=position,
            kind=record.kind,
            payload=record.model_dump(mode="json"),
        )
        for position, record in enumerate(delivery.records, start=1)
    ]
    db.session.add_all(rows)
    db.session.flush()
    pairs = list(zip(delivery.records, rows, strict=True))
    _take_permits(pairs, cases, now)
    given = [_result(x, row.id, cases[x.serial]) for x, row in pairs if x.kind != "permit"]
    record_results(given, now=now, actor=actor)
    _note(actor, made, now)
    return made


def _cases(actor: Actor, records: Iterable[Record]) -> dict[str, Case]:
    serials = {x.serial for x in records}
    query = sa.select(Case).where(
        Case.serial_number.in_(serials), Case.office_id == actor.office_id
    )
    found = {str(x.serial_number): x for x in db.session.scalars(query)}
    unknown = sorted(serials - found.keys())
    if unknown:
        message = _("This office has no case with the serial number %(serial)s.")
        raise InvalidInput(message % {"serial": unknown[0]}, field="delivery")
    return found


def _take_permits(
    pairs: Iterable[tuple[Record, NationalRecord]], cases: Mapping[str, Case], now: datetime
) -> None:
    for record, row in pairs:
        if not isinstance(record, PermitRecord):
            continue
        case = cases[record.serial]
        permit = Permit(
            id=new_id(),
            case_id=case.id,
            number=record.number,
            issued_on=record.issued_on,
            valid_until=record.valid_until,
            basis="national",
        )
        db.session.add(permit)
        audit.record(
            "permit.told",
            permit,
            now=now,
            account_id=None,
            for_person_id=case.person_id,
            record=row.id,
        )
    db.session.flush()


def _result(record: Record, row_id: UUID, case: Case) -> GivenResult:
    assert isinstance(record, (PassRecord, FailedRecord))
    return GivenResult(
        case_id=case.id,
        subject=record.subject,
        outcome=OUTCOMES[record.kind],
        points=record.points,
        exam_at=record.exam_at,
        exam_date=civil_date(record.exam_at, current_app.config["SITE_TIME_ZONE"]),
        booking_counts=True,
        national_record_id=row_id,
    )


def _note(actor: Actor, made: NationalImport, now: datetime) -> None:
    facts: dict[str, Any] = {"records": made.records, "simulated": made.simulated}
    audit.record(
        "national.imported",
        made,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        **facts,
    )
