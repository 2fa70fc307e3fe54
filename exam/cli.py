"""Commands: ``flask --app exam …``."""

from flask import Flask
from flask.cli import AppGroup

from exam.backups import cli as backups
from exam.demo.cli import demo
from exam.examday import cli as examday
from exam.live import cli as live
from exam.privacy import cli as privacy
from exam.vision import cli as vision


def add_commands(app: Flask) -> None:
    """Add the groups of commands; each imports what it needs when it runs."""
    app.cli.add_command(_jobs(app))
    app.cli.add_command(demo)
    app.cli.add_command(examday.examday)
    app.cli.add_command(vision.vision)
    app.cli.add_command(live.camera)
    app.cli.add_command(live.forwarder)
    app.cli.add_command(privacy.keys)
    app.cli.add_command(backups.backup)
    app.cli.add_command(backups.restore)


def _jobs(app: Flask) -> AppGroup:
    group = AppGroup("jobs", help="Regular work, the outbox and the solver.")

    @group.command("run")
    def run() -> None:
        """Run until told to end."""
        from exam import jobs  # noqa: PLC0415 - pages need none of it

        jobs.run(app)

    return group
