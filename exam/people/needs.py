"""What persons asked for, opened for those who serve them and for nobody else."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from exam.db import db
from exam.people.models import NeedKind, SupportNeed


def live_needs(person_ids: Collection[UUID], *, on: date) -> dict[UUID, set[NeedKind]]:
    """What holds on a day, by person; those without needs are left out.

    A need is opened here, in the process: the database cannot tell one from another.
    """
    columns = (
        SupportNeed.id,
        SupportNeed.person_id,
        SupportNeed.kind_sealed,
        SupportNeed.until_sealed,
    )
    rows = db.session.execute(sa.select(*columns).where(SupportNeed.person_id.in_(person_ids)))
    found: dict[UUID, set[NeedKind]] = {}
    for key, person_id, kind, until in rows:
        ends = SupportNeed.until.opened(until, key)
        if ends is None or ends >= on:
            found.setdefault(person_id, set()).add(SupportNeed.kind.opened(kind, key))
    return found
