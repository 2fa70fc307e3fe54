"""Commands: ``flask --app exam …``."""

from flask import Flask

from exam.examday import cli as examday
from exam.live import cli as live
from exam.vision import cli as vision


def add_commands(app: Flask) -> None:
    """Add the groups of commands; each imports what it needs when it runs."""
    app.cli.add_command(examday.examday)
    app.cli.add_command(vision.vision)
    app.cli.add_command(live.camera)
    app.cli.add_command(live.forwarder)
