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
from exam.processes.installation import Installation, run
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
    installation = Installation(
        host=options.host, port=options.port, parts=options.only or table.PARTS
    )
    return asyncio.run(run(installation, Supervisor()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="exam.processes", description=__doc__)
    add = parser.add_argument
    add("--demo", action="store_true", help="prepare database and demo city first")
    add("--host", default=os.environ.get("HOST", "127.0.0.1"), help="address to listen on")
    add("--port", type=_port, default=os.environ.get("PORT", "8000"), help="port to listen on")
    add("--only", action="append", choices=table.PARTS, help="only this part; repeatable")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise argparse.ArgumentTypeError(f"PORT is {text!r}: give a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
