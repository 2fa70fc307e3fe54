"""``flask --app exam backup FOLDER`` and ``restore FOLDER``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from exam import clock
from exam.errors import KaochangError

if TYPE_CHECKING:
    from exam.backups.services import Place

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("backup")
@click.argument("folder", type=FOLDER)
@click.option("--force", is_flag=True, help="Replace a backup that is there.")
@click.option("--keys", type=FOLDER, help="Copy the keys too, to this folder apart from it.")
@with_appcontext
def backup(folder: Path, *, force: bool, keys: Path | None) -> None:
    """Copy database and files into FOLDER, while everything goes on."""
    from exam.backups import services  # noqa: PLC0415 - a command imports what it needs

    place = _place()
    try:
        made = services.back_up(place, folder, now=clock.now(), force=force)
        if keys:
            services.copy_keys(place, keys, folder)
    except KaochangError as error:
        raise click.ClickException(str(error)) from error
    rows = sum(count for count, _ in made.tables.values())
    click.echo(f"{folder}: {len(made.tables)} tables, {rows} rows, {len(made.files)} files")
    click.echo("keys are not in it: " + ", ".join(made.keys))


@click.command("restore")
@click.argument("folder", type=FOLDER)
@click.option("--force", is_flag=True, help="What is in the database and the data folder goes.")
@with_appcontext
def restore(folder: Path, *, force: bool) -> None:
    """Bring the backup in FOLDER back; the processes must be stopped."""
    from exam.backups import services  # noqa: PLC0415 - a command imports what it needs

    try:
        found = services.bring_back(_place(), folder, force=force)
    except KaochangError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"restored and compared: {len(found.tables)} tables, {len(found.files)} files")


def _place() -> "Place":
    from exam.backups.services import Place  # noqa: PLC0415 - a command imports what it needs
    from exam.sealing.holder import ring  # noqa: PLC0415 - likewise

    return Place(current_app.config["KAOCHANG"], ring())
