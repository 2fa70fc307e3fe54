"""The bricks of every set-up step: run a command, remember what is done, one set-up at a time."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
STAMPS = LOCAL / "stamps"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


class StepFailedError(Exception):
    """A step cannot go on; the text is the one sentence its reader gets."""


def say(text: str) -> None:
    """Prints one line about what is being done, at once, also into a pipe."""
    print(f"==> {text}", flush=True)


def run(
    *argv: str | Path,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> None:
    """Runs a command to its end without standard input; a quiet one speaks only if it fails.

    Raises:
        StepFailedError: it could not be started or did not end with 0.
    """
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
            check=False,
        )
    except OSError as error:
        raise StepFailedError(f"{words[0]} cannot be started: {error.strerror}") from error
    if done.returncode:
        if quiet:
            print(done.stdout.decode(errors="replace"), file=sys.stderr, flush=True)
        shown = " ".join(words[:4])
        raise StepFailedError(f"`{shown}` ended with {done.returncode}; its last lines say why")


def answers(*argv: str | Path) -> str | None:
    """What a command prints when asked for its version; None if it cannot run here."""
    if shutil.which(str(argv[0])) is None:
        return None
    try:
        done = subprocess.run(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def digest(paths: Iterable[Path], *, also: str = "") -> str:
    """SHA-256 over names and bytes of `paths` (folders with all below them) and the text `also`."""
    total = hashlib.sha256(also.encode())
    for path in sorted(_files(paths)):
        name = path.relative_to(ROOT).as_posix().encode()
        content = path.read_bytes()
        total.update(b"%d %s %d " % (len(name), name, len(content)))
        total.update(content)
    return total.hexdigest()


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            for folder, below, names in os.walk(path):
                below[:] = [name for name in below if name not in {"node_modules", "__pycache__"}]
                yield from (Path(folder, name) for name in names)
        else:
            yield path


def is_done(step: str, inputs: str) -> bool:
    """Whether `step` has run to its end with these inputs (a digest) before."""
    try:
        return (STAMPS / step).read_text() == inputs
    except FileNotFoundError:
        return False


def mark_done(step: str, inputs: str) -> None:
    """Remembers that `step` has run to its end with these inputs."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / step).write_text(inputs)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keeps two set-ups of one checkout apart: both would write the same environment."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up of this checkout is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fail(text: str) -> int:
    """Prints the reason a command stopped; gives its exit code."""
    print(f"make: {text}", file=sys.stderr, flush=True)
    return 1
