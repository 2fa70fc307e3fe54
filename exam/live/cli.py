"""Commands of cameras: ``flask --app exam camera …`` and ``flask --app exam forwarder …``."""

import signal
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import AppGroup, ScriptInfo

from exam import clock
from exam.errors import KaochangError
from exam.live import services
from exam.live.sources import reach_of
from exam.live.streams import read_list

camera = AppGroup("camera", help="Cameras and their workers.")
forwarder = AppGroup("forwarder", help="Carries ledgers into the database.")


@camera.command("list")
def list_cameras() -> None:
    """Print each watched stream, and write the list that the workers read."""
    for watched in services.publish_list(current_app.config["KAOCHANG"].data_folder):
        click.echo(watched.stream)


@camera.command("run")
@click.argument("streams", nargs=-1)
def run_cameras(streams: tuple[str, ...]) -> None:
    """Watch these STREAMS, or all of the list, until told to end; needs no database.

    What is added to the list or taken from it is followed.
    """
    config = current_app.config["KAOCHANG"]
    try:
        listed = {watched.stream for watched in read_list(config.data_folder)}
    except KaochangError as error:
        raise click.ClickException(str(error)) from error
    if unknown := set(streams) - listed:
        raise click.ClickException(f"not in the list of cameras: {', '.join(sorted(unknown))}")
    from exam.live import worker  # noqa: PLC0415 - only this process may load the engine

    worker.run(reach_of(config), _until_told(), streams=frozenset(streams), demo=config.demo)


@camera.command("renew")
@click.argument("stream")
def renew(stream: str) -> None:
    """Begin a fresh ledger for the camera of STREAM, whose old one is broken."""
    try:
        click.echo(services.renew_stream(None, stream, now=clock.now()))
    except KaochangError as error:
        raise click.ClickException(f"no camera writes {stream}") from error
    services.publish_list(current_app.config["KAOCHANG"].data_folder)


@forwarder.command("run")
def run_forwarder() -> None:
    """Forward until told to end."""
    from exam.live import forwarder as engine  # noqa: PLC0415 - pages need none of it

    engine.run(click.get_current_context().ensure_object(ScriptInfo).load_app(), _until_told())


def _until_told() -> threading.Event:
    """An event that the usual signals set."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return stop
