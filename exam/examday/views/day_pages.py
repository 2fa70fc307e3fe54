"""What the pages of the day share."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import current_app, flash, redirect
from flask.typing import ResponseReturnValue

from exam import clock
from exam.clock import civil_date
from exam.db import db
from exam.errors import KaochangError, NotAllowed, NotFound, NotSignedIn
from exam.examday import wording
from exam.examday.models import ExamDay
from exam.people.models import Account, Site
from exam.people.roles import Actor
from exam.policy.pack import Pack


def pack() -> Pack:
    """The rules in force."""
    found: Pack = current_app.extensions["kaochang.pack"]
    return found


def data_folder() -> Path:
    """Where pictures lie."""
    folder: Path = current_app.config["KAOCHANG"].data_folder
    return folder.resolve()


def act(back: str, step: Callable[[], object], done: str | None = None) -> ResponseReturnValue:
    """Take a step and go back; a refusal becomes a message on that page, nothing is lost."""
    try:
        step()
    except (NotFound, NotAllowed, NotSignedIn):
        raise
    except KaochangError as error:
        db.session.rollback()
        flash(str(error), "bad")
    else:
        if done:
            flash(done, "good")
    return redirect(back, code=303)


def sites_of(actor: Actor) -> list[Site]:
    """The sites in an actor's scope."""
    query = sa.select(Site).where(Site.office_id == actor.office_id)
    if actor.site_id is not None:
        query = query.where(Site.id == actor.site_id)
    return list(db.session.scalars(query.order_by(Site.code)))


def today(site: Site) -> ExamDay | None:
    """The site's day of today, if it was started."""
    on = civil_date(clock.now(), site.time_zone)
    return db.session.scalar(
        sa.select(ExamDay).where(ExamDay.site_id == site.id, ExamDay.date == on)
    )


def names_of(account_ids: set[UUID | None]) -> dict[UUID, str]:
    """Display names of accounts."""
    query = sa.select(Account.id, Account.display_name).where(Account.id.in_(account_ids - {None}))
    return {row[0]: row[1] for row in db.session.execute(query)}


def shared() -> dict[str, object]:
    """What every template of the day may name."""
    return {"wording": wording, "now": clock.now()}
