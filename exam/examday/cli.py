"""Commands of the exam day: ``flask --app exam examday …``."""

from datetime import datetime

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from exam import clock
from exam.clock import civil_date
from exam.db import db
from exam.errors import KaochangError
from exam.examday.days import open_tickets
from exam.examday.models import ExamDay
from exam.examday.sittings import start_day
from exam.people.models import Site

examday = AppGroup("examday", help="Days of exam sites.")


@examday.command("start")
@click.argument("site_code")
@click.argument("on", type=click.DateTime(["%Y-%m-%d"]), required=False)
def start(site_code: str, on: datetime | None) -> None:
    """Make the sittings of the site SITE_CODE for the day ON (today without one)."""
    site = _site(site_code)
    now = clock.now()
    try:
        day = start_day(site.id, on.date() if on else civil_date(now, site.time_zone), now=now)
    except KaochangError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{day.date}: {len(open_tickets(day.id))} open")


@examday.command("show")
@click.argument("site_code")
def show(site_code: str) -> None:
    """Print the days of the site SITE_CODE that are not closed, with their open tickets."""
    query = sa.select(ExamDay).where(
        ExamDay.site_id == _site(site_code).id, ExamDay.closed_at.is_(None)
    )
    for day in db.session.scalars(query.order_by(ExamDay.date)):
        click.echo(f"{day.date} {day.state}: {' '.join(open_tickets(day.id)) or 'nobody open'}")


def _site(code: str) -> Site:
    found = db.session.scalar(sa.select(Site).where(Site.code == code))
    if found is None:
        raise click.ClickException(f"no site has the code {code}")
    return found
