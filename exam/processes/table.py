"""Which processes an installation consists of. The one place that names their commands."""

from __future__ import annotations

import sys

from exam.processes.command import Command

# Each open Socket.IO connection holds a thread, and pages need some besides.
WEB_THREADS = 64
WORKER = "exam.processes.worker.BoundedWorker"
PARTS = ("web", "jobs", "vision", "forwarder", "cameras")
FLASK = (sys.executable, "-m", "flask", "--app", "exam")


def flask(name: str, *words: str, mandatory: bool = True) -> Command:
    """A command of the application, run once."""
    return Command(name=name, argv=(*FLASK, *words), mandatory=mandatory)


def web(*, host: str, port: int) -> Command:
    """Pages and live connections, in one process: Socket.IO keeps its clients in memory."""
    options = (
        *("--worker-class", WORKER, "--workers", "1", "--threads", str(WEB_THREADS)),
        # The kernel's way to send a file waits for its reader without end.
        "--no-sendfile",
        *("--bind", f"{host}:{port}", "--graceful-timeout", "3", "--no-control-socket"),
        *("--limit-request-line", "4094", "--limit-request-fields", "64"),
        *("--limit-request-field_size", "8190", "--log-level", "warning"),
    )
    argv = (sys.executable, "-m", "gunicorn", *options, "exam:create_app()")
    return Command(name="web", argv=argv)


def jobs() -> Command:
    """Regular work and the outbox; has longer to end, so that a round is not torn apart."""
    return Command(name="jobs", argv=(*FLASK, "jobs", "run"), grace=20.0)


def vision() -> Command:
    """Judges the faces that pages ask about; without it a person checks."""
    return Command(name="vision", argv=(*FLASK, "vision", "run"), mandatory=False)


def forwarder() -> Command:
    """Brings what the camera workers wrote into the database."""
    return Command(name="forwarder", argv=(*FLASK, "forwarder", "run"), mandatory=False)


def cameras() -> Command:
    """Watches every camera of the list, by as many workers as they need."""
    return Command(name="cameras", argv=(*FLASK, "camera", "run"), mandatory=False, grace=25.0)


def camera_list() -> Command:
    """Writes the list of cameras that the worker reads, and prints their names, one a line."""
    return flask("cameras", "camera", "list")
