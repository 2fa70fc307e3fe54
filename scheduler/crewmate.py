"""A helping process: reads tasks, writes answers, and ends when there is nothing left to read.

    python -m scheduler.crewmate ENGINE

It is started by `scheduler.crew` and by nobody else. What it loads is kept small: no Arrow.
"""

from __future__ import annotations

import os
import pickle
import sys
from importlib import import_module
from typing import Any

from scheduler.engines import engine_named
from scheduler.memory import peak_mb


def main() -> None:
    """Work off whatever comes, until the end of the input."""
    engine = engine_named(sys.argv[1])
    # Loaded now, while the other process is still getting the tasks ready.
    import_module("scheduler.deciding")
    import_module("ortools.graph.python.min_cost_flow")
    # Whatever a library may print must not get among the answers.
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            task = pickle.load(sys.stdin.buffer)  # noqa: S301 (see above)
        except EOFError:
            return
        try:
            told.write(pickle.dumps((_done(task, engine), peak_mb()), protocol=5))
            told.flush()
        except BrokenPipeError:
            # Whoever asked is gone; what is still to be written would be complained about.
            os._exit(1)


def _done(task: Any, engine: Any) -> Any:
    """Return a tuple of one answer, a failure, or None where a line ends."""
    if task is None:
        return None
    try:
        return (task.answer(engine),)
    except Exception as error:  # noqa: BLE001 (it is raised by whoever asked)
        return error


if __name__ == "__main__":
    main()
