"""What pages show of replannings."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from exam.booking import round_files
from exam.booking.models import Booking, Pool, Round, Session
from exam.db import db
from exam.errors import NotFound
from exam.people.models import Account, Office, Site
from exam.people.roles import Actor
from exam.replanning.models import MOVED, Change, Replan, ReplanLine, ReplanOffer, ReplanState

WHOLE = (
    joinedload(Replan.round).joinedload(Round.plan),
    selectinload(Replan.offers).joinedload(ReplanOffer.session).joinedload(Session.site),
    selectinload(Replan.offers).joinedload(ReplanOffer.pool),
    selectinload(Replan.guests),
)


def folder_of(data_folder: Path, found: Replan) -> Path:
    """Where the files of a replanning lie: inside its round's folder."""
    return round_files.folder_of(data_folder, found.round.code) / "replans" / str(found.number)


def loaded(key: UUID) -> Replan:
    """A replanning with its round, offers and guests.

    Raises:
        NotFound: unknown.
    """
    return _one(Replan.id == key)


def _one(*where: sa.ColumnElement[bool]) -> Replan:
    query = sa.select(Replan).where(*where).options(*WHOLE)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def replan_of(actor: Actor, key: UUID) -> Replan:
    """A replanning of the actor's office.

    Raises:
        NotFound: unknown, or of another office.
    """
    found = _one(Replan.id == key, Replan.office_id == actor.office_id)
    if not actor.covers(office_id=found.office_id):
        raise NotFound
    return found


def replans_of(round_id: UUID, *, told: bool = False) -> list[Replan]:
    """The replannings of a round by number; for the public those that were told."""
    query = sa.select(Replan).where(Replan.round_id == round_id).order_by(Replan.number)
    if told:
        query = query.where(Replan.state == ReplanState.TOLD)
    return list(db.session.scalars(query.options(joinedload(Replan.round))))


def told_in(office_id: UUID) -> list[Replan]:
    """The replannings that an office has told, the latest first."""
    query = sa.select(Replan).where(Replan.office_id == office_id, Replan.state == ReplanState.TOLD)
    loaded = query.options(joinedload(Replan.round)).order_by(Replan.told_at.desc(), Replan.id)
    return list(db.session.scalars(loaded))


def told_by_number(round_id: UUID, number: int) -> Replan:
    """A replanning that the public may see.

    Raises:
        NotFound: unknown, or not told.
    """
    query = sa.select(Replan).where(
        Replan.round_id == round_id, Replan.number == number, Replan.state == ReplanState.TOLD
    )
    found = db.session.scalar(query.options(joinedload(Replan.round)))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Counts:
    """How many people a replanning concerns, by what happens to them."""

    kept: int
    moved: int
    lost: int
    seated: int
    not_seated: int

    @property
    def changed(self) -> int:
        """Seats that are not what they were: the public count."""
        return self.moved + self.lost + self.seated


def counts_of(replan_ids: Collection[UUID]) -> dict[UUID, Counts]:
    """Counts of replannings, also of those without a line."""
    rows = db.session.execute(
        sa.select(ReplanLine.replan_id, ReplanLine.change, sa.func.count())
        .where(ReplanLine.replan_id.in_(replan_ids))
        .group_by(ReplanLine.replan_id, ReplanLine.change)
    )
    found: dict[UUID, Counter[Change]] = {key: Counter() for key in replan_ids}
    for key, change, number in rows:
        found[key][Change(change)] = number
    return {
        key: Counts(
            kept=x[Change.KEPT],
            moved=sum(x[y] for y in MOVED),
            lost=x[Change.LOST],
            seated=x[Change.SEATED],
            not_seated=x[Change.NOT_SEATED],
        )
        for key, x in found.items()
    }


@dataclass(frozen=True)
class Move:
    """One person whose seat is another one than before, as planners see her: by her reference."""

    reference: str | None
    change: Change
    before: tuple[Session, Site, Pool] | None
    after: tuple[Session, Site, Pool] | None


def moves_of(found: Replan) -> list[Move]:
    """Everybody who does not keep the seat, the lost ones first, then by time."""
    old, new = aliased(Pool), aliased(Pool)
    was, is_ = aliased(Session), aliased(Session)
    there, here = aliased(Site), aliased(Site)
    rows = db.session.execute(
        sa.select(Booking.reference, ReplanLine.change, was, there, old, is_, here, new)
        .select_from(ReplanLine)
        .outerjoin(Booking, Booking.id == ReplanLine.booking_id)
        .outerjoin(old, old.id == ReplanLine.from_pool_id)
        .outerjoin(was, was.id == old.session_id)
        .outerjoin(there, there.id == was.site_id)
        .outerjoin(new, new.id == ReplanLine.to_pool_id)
        .outerjoin(is_, is_.id == new.session_id)
        .outerjoin(here, here.id == is_.site_id)
        .where(ReplanLine.replan_id == found.id, ReplanLine.change != Change.KEPT)
    )
    moves = [
        Move(x[0], x[1], (x[2], x[3], x[4]) if x[2] else None, (x[5], x[6], x[7]) if x[5] else None)
        for x in rows
    ]
    order = [Change.LOST, Change.NOT_SEATED, Change.SESSION, Change.POOL, Change.SEATED]
    return sorted(moves, key=lambda x: (order.index(x.change), x.reference or ""))


def names_of(found: Replan) -> dict[str, str]:
    """Who asked, signed and approved, by name, where they have."""
    keys = {"asked": found.asked_by, "signed": found.signed_by, "approved": found.approved_by}
    accounts = {name: db.session.get(Account, key) for name, key in keys.items() if key}
    return {name: x.display_name for name, x in accounts.items() if x}


def help_phone(office_id: UUID) -> str:
    """Where somebody of the office answers."""
    return db.session.get_one(Office, office_id).help_phone
