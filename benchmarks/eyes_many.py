"""Many cameras on this machine: what they cost, what is skipped, whether anything leaks or drifts.

    python -m benchmarks.eyes_many [--streams 24] [--minutes 10] [--workers 2] [--lines 480p10]

Plays one composed session to all of them at its own speed (each a file of its own folder), by the
same workers that an office runs, and prints each minute: memory of all workers, processor share,
step of effort, and at the end coverage and skipped pictures as the ledgers tell them. `--office`
only reckons, from the measured table, what a room of 60 seats needs.
"""

import argparse
import json
import time
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from proctor.compose import compose
from proctor.fleet.costs import CORE_MS, PROMISED, cost_ms, machine_pace
from proctor.fleet.manager import Fleet
from proctor.fleet.orders import CameraOrder
from proctor.link import Shape
from proctor.scenes import Part, Script

SEAT = Shape(640, 480, 10.0)
HALL = Shape(1280, 720, 10.0)
CALM, TROUBLE = 100.0, 8.0


def main() -> None:
    """Watch, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=24)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--office", action="store_true")
    arguments = parser.parse_args()
    pace = machine_pace()
    print(f"this machine takes {pace:.2f} times as long as the one that was measured")
    office(pace)
    if not arguments.office:
        with TemporaryDirectory() as folder:
            watch_all(arguments, Path(folder))


def office(pace: float) -> None:
    """Print what 60 seat cameras at 480p10 and two hall cameras need."""
    for label, scale in (("the measured machine", 1.0), ("this machine", pace)):
        need = 60 * cost_ms(SEAT, pace=scale) + 2 * cost_ms(HALL, pace=scale)
        given = 8 * PROMISED * CORE_MS
        fits = int(PROMISED * CORE_MS // cost_ms(SEAT, pace=scale))
        print(
            f"60 seats at {SEAT} and 2 halls at {HALL} on {label}: {need / CORE_MS:.1f} of 8 cores"
            f" ({100 * need / given:.0f} % of what is promised); {fits} seats a core"
        )


def watch_all(arguments: argparse.Namespace, folder: Path) -> None:
    """Run the fleet and print a line each minute."""
    video = folder / "seat.mp4"
    parts = ((Part.NORMAL, CALM), (Part.FACE_ABSENT, TROUBLE), (Part.NORMAL, 12.0))
    compose(Script("A", parts, seed=7), video)
    said: dict[str, int] = {}

    def say(event: str, **facts: object) -> None:
        said[event] = said.get(event, 0) + 1
        if event in {"worker.effort", "camera.refused", "worker.gone"}:
            print(f"  {event} {facts}", flush=True)

    fleet = Fleet(say, workers=arguments.workers, spare=False)
    fleet.want(
        CameraOrder(f"seat-{i}", str(video), str(folder / f"seat-{i}"), "seat", people=1)
        for i in range(arguments.streams)
    )
    began, used = time.monotonic(), {}
    for minute in range(1, round(arguments.minutes) + 1):
        while time.monotonic() - began < 60 * minute:
            fleet.step(1.0)
        workers = [psutil.Process(pid) for pid in fleet.worker_pids()]
        memory = sum(process.memory_info().rss for process in workers) / 2**20
        now = {process.pid: sum(process.cpu_times()[:2]) for process in workers}
        share = sum(spent - used.get(pid, 0.0) for pid, spent in now.items()) / 60
        used = now
        behind = delays(folder, arguments.streams, minute)
        print(
            f"minute {minute:2}: {memory:.0f} MB, {share:.2f} cores, opened events told "
            f"{max(behind, default=0):.0f} ms late at worst, {said}",
            flush=True,
        )
    fleet.close()
    tell_ledgers(folder, arguments.streams)


def delays(folder: Path, streams: int, minute: int) -> list[float]:
    """Return how late the events of a minute were written, in milliseconds of the wall clock.

    Against the picture at which they opened: on a timeline that drifts away, more each minute.
    """
    late: list[float] = []
    for index in range(streams):
        path = folder / f"seat-{index}" / "ledger.jsonl"
        began = origin = None
        for raw in path.read_text().splitlines() if path.exists() else ():
            line = json.loads(raw)
            at = datetime.fromisoformat(line["time"])
            if line["type"] == "start":
                began, origin = at, line["payload"]["origin_ms"]
            elif line["type"] == "opened" and began is not None:
                passed = (at - began).total_seconds() * 1000
                if passed > 60_000 * (minute - 1):
                    late.append(passed - (line["payload"]["end_ms"] - origin))
    return late


def tell_ledgers(folder: Path, streams: int) -> None:
    """Print what the ledgers say about coverage, gaps and events."""
    counts = {"frames": 0, "analysed": 0, "skipped": 0}
    events: dict[str, int] = {}
    gaps = 0
    for index in range(streams):
        path = folder / f"seat-{index}" / "ledger.jsonl"
        if not path.exists():
            continue
        for raw in path.read_text().splitlines():
            line = json.loads(raw)
            if line["type"] == "end":
                counts = {name: counts[name] + line["payload"][name] for name in counts}
            gaps += line["type"] == "gap"
            if line["type"] == "opened":
                events[line["payload"]["kind"]] = events.get(line["payload"]["kind"], 0) + 1
    due = counts["analysed"] + counts["skipped"]
    print(f"decoded {counts['frames']}, due {due}, skipped {counts['skipped']}")
    print(f"coverage {100 * counts['analysed'] / max(1, due):.1f} %, gaps {gaps}, events {events}")


if __name__ == "__main__":
    main()
