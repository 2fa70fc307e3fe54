"""Commands of the vision worker: ``flask --app exam vision …``."""

import signal
import threading
from types import FrameType

import click
from flask.cli import AppGroup, ScriptInfo

vision = AppGroup("vision", help="The worker that compares faces and looks at photos.")


@vision.command("run")
def run() -> None:
    """Answer questions until told to end."""
    from exam.vision import worker  # noqa: PLC0415 - only the worker may load models

    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    worker.run(click.get_current_context().ensure_object(ScriptInfo).load_app(), stop)
