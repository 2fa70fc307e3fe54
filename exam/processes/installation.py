"""Which of an installation's processes run here, and their start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exam.processes import table

if TYPE_CHECKING:
    from collections.abc import Collection

    from exam.processes.supervisor import Supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What runs on this machine.

    Attributes:
        host: address on which pages are served.
        port: and its port.
        parts: names of `table.PARTS`; a machine may run some of them only.
    """

    host: str
    port: int
    parts: Collection[str] = table.PARTS


async def start(installation: Installation, supervisor: Supervisor) -> bool:
    """Starts every part; whether all could be started. The database must have its schema.

    The list of cameras is written first; what is added later is followed while they run.
    """
    commands = {
        "web": table.web(host=installation.host, port=installation.port),
        "jobs": table.jobs(),
        "vision": table.vision(),
        "forwarder": table.forwarder(),
    }
    for name, command in commands.items():
        if name in installation.parts:
            supervisor.start(command)
    if "cameras" not in installation.parts:
        return True
    names = await supervisor.ask(table.camera_list())
    if names is not None:
        supervisor.start(table.cameras())
    return names is not None


async def run(installation: Installation, supervisor: Supervisor) -> int:
    """Runs the parts until told to end or a mandatory one cannot stay up; gives the exit code."""
    supervisor.listen_to_signals()
    try:
        await start(installation, supervisor)
        await supervisor.over.wait()
    finally:
        await supervisor.stop()
    return supervisor.exit_code
