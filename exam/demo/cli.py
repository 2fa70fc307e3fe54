"""Commands of the demo: ``flask --app exam demo …``."""

import click
import flask_migrate
from flask import current_app
from flask.cli import AppGroup

from exam.system import demo_clock

demo = AppGroup("demo", help="The simulated city.")


@demo.command("seed")
def seed() -> None:
    """Bring the schema up to date, and make the city unless it stands already."""
    if not current_app.config["KAOCHANG"].demo:
        raise click.ClickException("set KAOCHANG_DEMO=true: the city belongs to the demo only")
    flask_migrate.upgrade()
    if demo_clock.stands():
        return
    from exam.demo import city  # noqa: PLC0415 - loads the video engine

    city.build()


@demo.command("hello")
def hello() -> None:
    """Print where to sign in as whom, and what to look at."""
    from exam.demo import hello as words  # noqa: PLC0415 - only this command needs it

    click.echo(words.text())
