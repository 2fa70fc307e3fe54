"""Taking a lost second factor away: an administrator asks, a supervisor decides."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy import orm

from exam.audit import services as audit
from exam.db import CONSTRAINT_MESSAGES, db, new_id, transaction
from exam.errors import InvalidInput, NotAllowed, NotFound
from exam.people import second_factor, visits
from exam.people.access_models import FactorReset, VisitEnd
from exam.people.models import Account
from exam.people.roles import Actor

CONSTRAINT_MESSAGES["uq_factor_reset_open"] = _("Somebody has asked for this already.")


def ask(actor: Actor, username: str, reason: str, *, now: datetime) -> FactorReset:
    """Ask for an account of one's own office to lose its second factor.

    Raises:
        NotAllowed: not an administrator, or one's own account.
        InvalidInput: no such account here, it has no factor, or no reason was given.
        Conflict: it has been asked already.
    """
    FactorReset.NAMES.may_ask(actor)
    with transaction() as session:
        account = session.scalar(
            sa.select(Account).where(
                Account.username == username.strip(), Account.office_id == actor.office_id
            )
        )
        if account is None or second_factor.factor_of(account.id) is None:
            raise InvalidInput(
                _("No account of this office with this name has a second factor."),
                field="username",
            )
        if account.id == actor.account_id:
            raise InvalidInput(_("Another administrator must ask for you."), field="username")
        if not reason.strip():
            raise InvalidInput(_("Say why, in a sentence."), field="reason")
        asked = FactorReset(id=new_id(), account_id=account.id, reason=reason.strip())
        FactorReset.NAMES.ask(asked, actor, now=now)
        session.add(asked)
        session.flush()
        _note("factor.reset_asked", asked, actor, now)
    return asked


def decide(actor: Actor, key: UUID, *, granted: bool, now: datetime) -> None:
    """Give or refuse the second signature. Granted: factor and codes go, every visit ends.

    Race stopped: two supervisors deciding at once; the request's row is locked.

    Raises:
        NotFound: no such request in this office.
        NotAllowed: not a supervisor, or the same person, or one's own factor.
        WrongState: decided already.
    """
    with transaction() as session:
        of_office = sa.exists().where(
            Account.id == FactorReset.account_id, Account.office_id == actor.office_id
        )
        query = sa.select(FactorReset).where(FactorReset.id == key, of_office).with_for_update()
        asked = session.scalar(query.execution_options(populate_existing=True))
        if asked is None:
            raise NotFound
        account = session.get_one(Account, asked.account_id)
        if actor.account_id == asked.account_id:
            raise NotAllowed
        FactorReset.NAMES.decide(asked, actor, granted=granted, now=now)
        if granted:
            second_factor.remove(account.id)
            visits.end_everywhere(account, keep=None, why=VisitEnd.FACTOR_RESET, now=now)
        _note("factor.reset" if granted else "factor.reset_refused", asked, actor, now)


def waiting(actor: Actor) -> Sequence[FactorReset]:
    """The office's open requests, the oldest first."""
    query = (
        sa.select(FactorReset)
        .join(Account, Account.id == FactorReset.account_id)
        .where(FactorReset.NAMES.waiting(FactorReset), Account.office_id == actor.office_id)
        .options(orm.contains_eager(FactorReset.account))
    )
    return db.session.scalars(query.order_by(FactorReset.asked_at)).all()


def _note(act: str, asked: FactorReset, actor: Actor, now: datetime) -> None:
    audit.record(
        act,
        asked,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        reason=asked.reason,
        whose=asked.account_id,
    )
