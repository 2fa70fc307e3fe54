"""Putting somebody into a browser without the pages of signing in, for tests of other things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exam import clock
from exam.db import db, transaction
from exam.people import visits
from exam.people.models import Account

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any
    from uuid import UUID


def put_in(session: MutableMapping[str, Any], account_id: UUID) -> None:
    """Sign the account in: a visit in the database, and its id in the browser's cookie."""
    with transaction():
        account = db.session.get_one(Account, account_id)
        visit = visits.begin(
            account_id,
            epoch=account.session_epoch,
            device="test",
            address="127.0.0.1",
            now=clock.real_now(),
        )
        key = str(visit.id)
    session["_user_id"], session["_fresh"] = key, True
