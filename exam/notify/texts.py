"""Text messages to phones, behind one small interface. The demo's gateway is simulated.

An office without a gateway has none, and what needs one is not offered there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, current_app

from exam.db import db
from exam.notify.models import SimulatedText
from exam.people import one_time_codes
from exam.people.one_time_codes import CodeAsked

EXTENSION = "kaochang.texts"


class TextGateway(Protocol):
    """What a gateway of text messages has to do."""

    def send(
        self,
        person_id: UUID | None,
        phone: str,
        kind: str,
        facts: Mapping[str, Any],
        *,
        now: datetime,
    ) -> None:
        """Send words of :mod:`exam.notify.kinds`; called inside a transaction, at least once."""
        ...


class SimulatedGateway:
    """Keeps what would have been sent, for everybody to read: the demo's phones."""

    def send(
        self,
        person_id: UUID | None,
        phone: str,
        kind: str,
        facts: Mapping[str, Any],
        *,
        now: datetime,
    ) -> None:
        """Write the message down; the number itself is shown to nobody."""
        shown = dict(facts) | {"phone_end": phone[-4:]}
        db.session.add(SimulatedText(person_id=person_id, kind=kind, facts=shown, sent_at=now))


def init_app(app: Flask, gateway: TextGateway | None) -> None:
    """Give the application its gateway, if it has one."""
    app.extensions[EXTENSION] = gateway
    app.config["CODE_SIGN_IN"] = gateway is not None


def gateway() -> TextGateway | None:
    """The application's gateway, if it has one."""
    found: TextGateway | None = current_app.extensions[EXTENSION]
    return found


def send_code(event: CodeAsked, now: datetime) -> None:
    """Make the code that was asked for and send it, if there is somebody."""
    way = gateway()
    parcel = one_time_codes.make(event.code_id) if way else None
    if way and parcel:
        way.send(parcel.person_id, parcel.phone, "code.sign_in", {"code": parcel.digits}, now=now)


def latest_simulated(*, limit: int = 20) -> list[SimulatedText]:
    """What the demo's phones have got, the newest first."""
    query = sa.select(SimulatedText).order_by(SimulatedText.sent_at.desc(), SimulatedText.id.desc())
    return list(db.session.scalars(query.limit(limit)))
