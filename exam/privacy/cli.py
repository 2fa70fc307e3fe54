"""Commands for keys, retention and holds: ``flask --app exam keys …``, ``retention …``."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

keys = AppGroup("keys", help="Keys that personal data is sealed with.")


@keys.command("new")
def new() -> None:
    """Make the first key file; refused where there is one."""
    from exam.sealing import keyring  # noqa: PLC0415 - a command imports what it needs

    path = current_app.config["KAOCHANG"].keys_at
    try:
        keyring.write(keyring.new_ring(), path)
    except FileExistsError:
        raise click.ClickException(f"{path} is there already; `keys rotate` adds a key") from None
    click.echo(f"made {path}; keep a copy apart from every backup: without it nothing opens")


@keys.command("rotate")
@click.option("--go-on", is_flag=True, help="Add no key; finish a rotation that was broken off.")
@click.option("--index", is_flag=True, help="The look-up key; the pages must be stopped meanwhile.")
def rotate(*, go_on: bool, index: bool) -> None:
    """Add a key, make it the current one, and seal everything anew; may be broken off."""
    from exam.privacy import rotation  # noqa: PLC0415 - a command imports what it needs
    from exam.sealing import holder, keyring  # noqa: PLC0415 - likewise

    path = current_app.config["KAOCHANG"].keys_at
    if not go_on:
        ring = holder.ring()
        made = ring.with_new_index_key() if index else ring.with_new_key()
        keyring.write(made, path, replace_it=True)
        holder.forget()
    if index:
        click.echo(f"look-ups made anew: {rotation.reindex()} rows")
        return
    click.echo(f"values sealed anew: {rotation.reseal_values()}")
    click.echo(f"files sealed anew: {rotation.reseal_files(_folder())}")
    click.echo("restart the processes, run `keys rotate --go-on`, then `keys forget-old`")


@keys.command("status")
def status() -> None:
    """How much stands under which key."""
    from exam.privacy import rotation  # noqa: PLC0415 - a command imports what it needs
    from exam.sealing.holder import ring  # noqa: PLC0415 - likewise

    found = rotation.standing(_folder())
    click.echo(f"current: sealing {ring().current}, look-ups {ring().index_current}")
    for name, counts in (*found.values.items(), ("files", found.files)):
        click.echo(f"{name}: " + (", ".join(f"key {k}: {n}" for k, n in counts.items()) or "none"))
    click.echo(f"under other keys: {found.under_other_keys()}")


@keys.command("forget-old")
def forget_old() -> None:
    """Take the older keys out of the key file; refused while anything needs them."""
    from exam.privacy import rotation  # noqa: PLC0415 - a command imports what it needs
    from exam.sealing import holder, keyring  # noqa: PLC0415 - likewise

    left = rotation.standing(_folder()).under_other_keys()
    if left:
        raise click.ClickException(f"{left} values or files still need an older key")
    path = current_app.config["KAOCHANG"].keys_at
    keyring.write(holder.ring().without_old_keys(), path, replace_it=True)
    click.echo("only the current keys are left; older backups need the older key file")


def _folder() -> Path:
    folder: Path = current_app.config["KAOCHANG"].data_folder
    return folder
