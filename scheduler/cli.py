"""The commands of the engine.

    python -m scheduler solve ROUND --out PLAN      0 solved, 2 bad input, 3 internal failure
    python -m scheduler check ROUND PLAN            0 holds, 1 does not, 2 bad round
    python -m scheduler draw verify FILE            0 repeats, 1 does not, 2 cannot be read
    python -m scheduler lookahead FILE --seed N     0 answered, 2 bad input

With `--json` the result is the only thing on standard output; all else goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from scheduler import draw
from scheduler.errors import EngineError, OutputError, RoundError, SolveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OK, _FALSE, _BAD, _FAILED = 0, 1, 2, 3
_SHOWN = 100
#: Seconds after which another thread may have the interpreter, while code is loaded.
_SOON = 0.0005


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (RoundError, OutputError, EngineError) as error:
        return _tell(str(error), _BAD)
    except SolveError as error:
        return _tell(str(error), _FAILED)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception:  # noqa: BLE001 (the exit code 3 is promised for whatever goes wrong inside)
        traceback.print_exc()
        return _tell("internal failure", _FAILED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scheduler", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    solve = commands.add_parser("solve", help="solve a round and write its plan")
    solve.add_argument("round", type=Path, metavar="ROUND", help="folder of the round")
    solve.add_argument("--out", type=Path, metavar="PLAN", required=True, help="folder to write")
    solve.add_argument(
        "--engine",
        default="ortools",
        choices=("ortools", "fast"),
        help="what solves: fast needs numba",
    )
    solve.add_argument("--threads", type=_positive, default=1, help="most threads to use")
    solve.add_argument("--force", action="store_true", help="replace an existing plan")
    solve.add_argument("--json", action="store_true", help="print the summary as JSON")
    solve.set_defaults(run=_solve)
    check = commands.add_parser("check", help="check a plan against its round")
    check.add_argument("round", type=Path, metavar="ROUND", help="folder of the round")
    check.add_argument("plan", type=Path, metavar="PLAN", help="folder of the plan")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(run=_check)
    drawing = commands.add_parser("draw", help="exam-day draws")
    draws = drawing.add_subparsers(required=True, metavar="COMMAND")
    verify = draws.add_parser("verify", help="repeat published draws")
    verify.add_argument("file", type=Path, metavar="FILE", help="JSON: one draw or a list")
    verify.add_argument("--json", action="store_true", help="print the results as JSON")
    verify.set_defaults(run=_draw_verify)
    look = commands.add_parser("lookahead", help="permits that end, and waiting in coming weeks")
    look.add_argument("file", type=Path, metavar="FILE", help="JSON: the question")
    look.add_argument("--seed", type=int, required=True, help="seed of the simulation")
    look.add_argument("--runs", type=_positive, default=200, help="runs of the simulation")
    look.add_argument("--weeks", type=_positive, default=26, help="weeks to simulate")
    look.add_argument("--json", action="store_true", help="print the answer as JSON")
    look.set_defaults(run=_look_ahead)
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number of at least 1")
    return int(text)


def _solve(options: argparse.Namespace) -> int:
    from scheduler.arrays import do_without_pandas  # noqa: PLC0415 (draws need no NumPy, no Arrow)
    from scheduler.plans import refuse_existing, write_plan  # noqa: PLC0415 (as above)
    from scheduler.rounds import read_round  # noqa: PLC0415 (as above)
    from scheduler.solving import need_engine, solve  # noqa: PLC0415 (as above)

    need_engine(options.engine)
    refuse_existing(options.out, force=options.force)
    do_without_pandas()
    with _loading(options):
        found = read_round(options.round)
    _say(f"read {len(found.applications.ids)} applications")
    plan = solve(found, engine=options.engine, threads=options.threads, progress=_Progress().show)
    parquet = (options.round / "applications.parquet").exists()
    write_plan(found, plan, options.out, parquet=parquet, force=options.force)
    served, seconds = plan.summary["served"], plan.summary["seconds"]
    _say(f"served {served} of {plan.summary['applications']} in {seconds} s: {options.out}")
    if options.json:
        _print(plan.summary)
    return _OK


@contextmanager
def _loading(options: argparse.Namespace) -> Iterator[None]:
    """Load compiled code on a second thread, if there may be one, while the round is read."""
    if options.engine != "fast" or options.threads == 1:
        yield
        return
    from scheduler.fast.loading import load  # noqa: PLC0415 (as in _solve)

    # Reading goes through the interpreter often and shortly: it must not wait for it each time.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SOON)
    thread = Thread(target=load)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        sys.setswitchinterval(interval)


def _check(options: argparse.Namespace) -> int:
    from scheduler.arrays import do_without_pandas  # noqa: PLC0415 (as in _solve)
    from scheduler.checking import check_folders  # noqa: PLC0415 (as in _solve)

    do_without_pandas()
    findings, on_trust = check_folders(options.round, options.plan)
    for finding in findings[:_SHOWN]:
        _say(f"{finding.kind}: {finding.where}: {finding.text}")
    if len(findings) > _SHOWN:
        _say(f"and {len(findings) - _SHOWN} more")
    if on_trust:
        _say(f"{on_trust} applications share seats with chains: their cost is the solver's word")
    _say("does not hold" if findings else "holds")
    if options.json:
        _print(
            {
                "holds": not findings,
                "on_trust": on_trust,
                "findings": [item._asdict() for item in findings],
            }
        )
    return _FALSE if findings else _OK


def _draw_verify(options: argparse.Namespace) -> int:
    try:
        text = options.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return _tell(f"{options.file}: cannot be read: {error}", _BAD)
    try:
        results = draw.verify_text(text)
    except draw.DrawError as error:
        return _tell(f"{options.file}: {error}", _FALSE)
    for result in results:
        _say(f"drawn: {result}")
    if options.json:
        _print({"holds": True, "results": results})
    return _OK


def _look_ahead(options: argparse.Namespace) -> int:
    from scheduler.questions import answer, read_question  # noqa: PLC0415 (as in _solve)

    question = read_question(options.file)
    try:
        found = answer(question, seed=options.seed, runs=options.runs, weeks=options.weeks)
    except SolveError as error:
        return _tell(f"{options.file.name}: {error}", _BAD)
    for one in found["outlook"]:
        if one["too_late"]:
            _say(f"case {one['case']}: too late for {one['too_late']}")
    for one in found["shortages"]:
        _say(
            f"{one['group']} {one['subject']}: {one['at_least']} to {one['enough']} seats missing, "
            f"most from {one['first_day']} to {one['last_day']}"
        )
    for one in found["forecast"]:
        _say(
            f"{one['site']} {one['subject']}: {one['weeks']} weeks ({one['low']} to {one['high']})"
        )
    for one in found["effect"]:
        _say(f"{one['site']} {one['subject']}: {one['weeks']} ± {one['error']} weeks gained")
    if options.json:
        _print(found)
    return _OK


class _Progress:
    """Says every few seconds how far long work is."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def show(self, done: int, count: int) -> None:
        """Say it if the last word is two seconds old."""
        if time.monotonic() - self.last > 2:
            self.last = time.monotonic()
            _say(f"{done} of {count} parts decided")


def _tell(text: str, code: int) -> int:
    _say(text)
    return code


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _print(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")
