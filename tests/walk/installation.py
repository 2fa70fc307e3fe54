"""The real processes of an installation, on one database and folder, with all that they print."""

from __future__ import annotations

import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from exam.processes.supervisor import kill_group, tethered

if TYPE_CHECKING:
    from exam.processes.command import Command

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 0.05
READY_WITHIN = 60.0
# What a process prints where something broke that it could not put right by itself.
TROUBLE = re.compile(
    r"Traceback|\[?(error|critical)\b|job\.failed|camera\.(failed|defect)", re.IGNORECASE
)


@dataclass
class Installation:
    """Starts commands as a machine of an office does, and ends them all."""

    folder: Path
    environment: dict[str, str]
    running: list[tuple[Command, subprocess.Popen[bytes]]] = field(default_factory=list)

    def start(self, command: Command) -> None:
        """Start a process that stays."""
        self.running.append((command, self._open(command)))

    def run(self, command: Command) -> str:
        """Run a command to its end and return what it has printed."""
        process = self._open(command)
        assert process.wait(READY_WITHIN) == 0, self.told()
        return self._log(command).read_text()

    def wait_for(self, address: str) -> None:
        """Return as soon as the address answers well."""
        deadline = time.monotonic() + READY_WITHIN
        while not _answers(address):
            assert time.monotonic() < deadline, f"{address} does not answer\n{self.told()}"
            ended = [x.name for x, process in self.running if process.poll() is not None]
            assert not ended, f"{ended} ended\n{self.told()}"
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """End every process in an orderly way; whatever remains of its group is killed."""
        for command, process in reversed(self.running):
            process.send_signal(command.stop_signal)
        for command, process in self.running:
            try:
                process.wait(command.grace)
            finally:
                kill_group(process.pid)

    def told(self) -> str:
        """All logs, each under its process's name."""
        return "\n".join(
            f"===== {path.stem}\n{path.read_text(errors='replace')}"
            for path in sorted(self.folder.glob("*.log"))
        )

    def troubles(self) -> list[str]:
        """The lines in which a process tells of something that broke."""
        return [line for line in self.told().splitlines() if TROUBLE.search(line)]

    def _log(self, command: Command) -> Path:
        return self.folder / f"{command.name}.log"

    def _open(self, command: Command) -> subprocess.Popen[bytes]:
        with self._log(command).open("ab") as log:
            return subprocess.Popen(
                tethered(command),
                cwd=ROOT,
                env={**os.environ, **self.environment, **command.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
