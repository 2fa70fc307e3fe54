"""Which processes an installation consists of. The one place that names their commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from exam.processes.command import Command

if TYPE_CHECKING:
    from collections.abc import Sequence

# Each open Socket.IO connection holds a thread, and pages need some besides.
WEB_THREADS = 64
FLASK = (sys.executable, "-m", "flask", "--app", "exam")


def flask(name: str, *words: str) -> Command:
    """A command of the application, run once."""
    return Command(name=name, argv=(*FLASK, *words))


def web(*, host: str, port: int) -> Command:
    """Pages and live connections, in one process: Socket.IO keeps its clients in memory."""
    options = (
        *("--worker-class", "gthread", "--workers", "1", "--threads", str(WEB_THREADS)),
        *("--bind", f"{host}:{port}", "--graceful-timeout", "3", "--no-control-socket"),
        *("--log-level", "warning"),
    )
    argv = (sys.executable, "-m", "gunicorn", *options, "exam:create_app()")
    return Command(name="web", argv=argv)


def workers(cameras: Sequence[str]) -> tuple[Command, ...]:
    """Everything that serves no pages: jobs, the vision worker, the forwarder, each camera."""
    return (
        Command(name="jobs", argv=(*FLASK, "jobs", "run"), grace=20.0),
        Command(name="vision", argv=(*FLASK, "cameras", "judge"), mandatory=False),
        Command(name="forward", argv=(*FLASK, "cameras", "forward"), mandatory=False),
        *(camera(name) for name in cameras),
    )


def camera(name: str) -> Command:
    """One watched camera; one that cannot be reached is tried again for ever."""
    return Command(name=name, argv=(*FLASK, "cameras", "watch", name), mandatory=False)
