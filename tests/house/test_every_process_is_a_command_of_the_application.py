import click
import pytest
from flask import Flask

from exam.processes import table
from exam.processes.command import Command

COMMANDS = (
    table.jobs(),
    table.vision(),
    table.forwarder(),
    table.cameras(),
    table.camera_list(),
    table.flask("city", "demo", "seed"),
    table.flask("demo", "demo", "hello"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command.argv[-2:]))
def test_the_application_knows_the_command(app: Flask, command: Command) -> None:
    assert command.argv[: len(table.FLASK)] == table.FLASK
    group, name = command.argv[len(table.FLASK) :]
    found = app.cli.commands[group]
    assert isinstance(found, click.Group)
    assert name in found.commands
