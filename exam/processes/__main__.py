"""`python -m exam.processes`: the processes of this installation, until they are told to end."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from exam.processes import table
from exam.processes.demo import Demo
from exam.processes.demo import run as run_demo
from exam.processes.supervisor import Supervisor


def main() -> int:
    """Reads the command line and runs; gives the exit code."""
    options = _options()
    if options.demo:
        demo = Demo(
            host=options.host,
            port=options.port,
            folder=Path(".local"),
            database_url=os.environ.get("DATABASE_URL"),
        )
        return asyncio.run(run_demo(demo, Supervisor()))
    return asyncio.run(_run(options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="exam.processes", description=__doc__)
    add = parser.add_argument
    add("--demo", action="store_true", help="prepare database and demo city first")
    add("--host", default=os.environ.get("HOST", "127.0.0.1"), help="address to listen on")
    add("--port", type=_port, default=os.environ.get("PORT", "8000"), help="port to listen on")
    add("--only", action="append", metavar="NAME", help="only these (web, jobs …); repeatable")
    add("--camera", action="append", default=[], metavar="NAME", help="a camera to watch")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise argparse.ArgumentTypeError(f"PORT is {text!r}: give a number from 1 to 65535")
    return int(text)


async def _run(options: argparse.Namespace) -> int:
    commands = (table.web(host=options.host, port=options.port), *table.workers(options.camera))
    names = {command.name for command in commands}
    wanted = set(options.only or names)
    if unknown := wanted - names:
        print(f"--only: no process is called {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    supervisor = Supervisor()
    supervisor.listen_to_signals()
    try:
        for command in commands:
            if command.name in wanted:
                supervisor.start(command)
        await supervisor.over.wait()
    finally:
        await supervisor.stop()
    return supervisor.exit_code


if __name__ == "__main__":
    sys.exit(main())
