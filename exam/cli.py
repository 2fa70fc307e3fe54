"""Commands: ``flask --app exam …``."""

from flask import Flask


def add_commands(app: Flask) -> None:
    """Add the groups of commands; each imports what it needs when it runs."""
