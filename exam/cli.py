"""Commands: ``flask --app exam …``."""

from flask import Flask

from exam.live import cli as live


def add_commands(app: Flask) -> None:
    """Add the groups of commands; each imports what it needs when it runs."""
    app.cli.add_command(live.camera)
    app.cli.add_command(live.forwarder)
