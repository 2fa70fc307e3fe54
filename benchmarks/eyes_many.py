"""Many cameras on this machine: what they cost, what is skipped, whether anything leaks or drifts.

    python -m benchmarks.eyes_many [--streams 24] [--minutes 10] [--workers 2] [--kill] [--office]

Plays one composed session to all of them at its own speed (each a file of its own folder), by the
same workers that an office runs, and prints each minute: memory of all workers, processor share,
step of effort, and at the end coverage and skipped pictures as the ledgers tell them. Memory is
read each five seconds; from two minutes on, when the rings and all that is remembered of a camera
are full, a line is laid through the least of each minute (what is kept, not what is in use for a
moment), with the interval in which its slope lies 95 of 100 times: a leak is a slope whose interval
is above 0. `--kill` has a spare worker stand by, as an office has, kills one at the end and prints
after how many seconds its cameras were watched again. `--office` only reckons, from the measured
table, what a room of 60 seats needs.
"""

import argparse
import json
import os
import signal
import time
from datetime import UTC, datetime
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
WARM_MINUTES, READ_EVERY, PATIENCE = 2, 5.0, 60.0
STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)
"""Student's t for an interval of 95 of 100, from one degree of freedom on."""


def main() -> None:
    """Watch, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=24)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--office", action="store_true")
    parser.add_argument("--kill", action="store_true")
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

    fleet = Fleet(say, workers=arguments.workers, spare=arguments.kill)
    fleet.want(
        CameraOrder(f"seat-{i}", str(video), str(folder / f"seat-{i}"), "seat", people=1)
        for i in range(arguments.streams)
    )
    began = time.monotonic()
    used: dict[int, float] = {}
    kept: list[float] = []
    late: list[float] = []
    for minute in range(1, round(arguments.minutes) + 1):
        memory = reads(fleet, until=began + 60 * minute)
        kept.append(min(memory))
        workers = [psutil.Process(pid) for pid in fleet.worker_pids()]
        now = {process.pid: sum(process.cpu_times()[:2]) for process in workers}
        share = sum(spent - used.get(pid, 0.0) for pid, spent in now.items()) / 60
        used = now
        behind = delays(folder, arguments.streams, minute)
        late.append(max(behind, default=0.0))
        print(
            f"minute {minute:2}: {min(memory):.0f} to {max(memory):.0f} MB, {share:.2f} cores, "
            f"opened events told "
            f"{max(behind, default=0):.0f} ms late at worst, {said}",
            flush=True,
        )
    if arguments.kill:
        tell_resumed(fleet, folder)
    fleet.close()
    tell_slope("memory", kept[WARM_MINUTES:], "MB")
    tell_slope("drift, lateness of events", late[WARM_MINUTES:], "ms")
    tell_ledgers(folder, arguments.streams)


def reads(fleet: Fleet, *, until: float) -> list[float]:
    """Let the fleet work until a moment of the monotonic clock; return MB of all workers."""
    memory: list[float] = []
    due = 0.0
    while not memory or time.monotonic() < until:
        fleet.step(1.0)
        if time.monotonic() >= due:
            due = time.monotonic() + READ_EVERY
            memory.append(sum(private(pid) for pid in fleet.worker_pids()) / 2**20)
    return memory


def tell_resumed(fleet: Fleet, folder: Path) -> None:
    """Kill the first worker and print when the last of its cameras was watched again."""
    pid, streams = next((pid, held) for pid, held in fleet.worker_pids().items() if held)
    before = {stream: len(starts(folder / stream)) for stream in streams}
    killed = datetime.now(UTC)
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        fleet.step(0.2)
        if all(len(starts(folder / stream)) > count for stream, count in before.items()):
            last = max(starts(folder / stream)[-1] for stream in streams)
            took = (last - killed).total_seconds()
            print(
                f"a worker was killed: its {len(streams)} cameras again after {took:.1f} s (of 5)"
            )
            return
    print(f"a worker was killed: its {len(streams)} cameras not watched again in {PATIENCE:.0f} s")


def starts(folder: Path) -> list[datetime]:
    """Return when a folder's ledger was begun or continued."""
    path = folder / "ledger.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    told = [json.loads(line) for line in lines if '"type":"start"' in line]
    return [datetime.fromisoformat(line["time"]) for line in told]


def private(pid: int) -> int:
    """Return the bytes that a process alone holds, without pages of files that may be dropped."""
    memory = psutil.Process(pid).memory_info()
    return int(memory.rss - memory.shared)


def slope(values: list[float]) -> tuple[float, float] | None:
    """Return the rise a step and half its interval of 95 of 100; None for under three values."""
    count = len(values)
    if count < 3:
        return None
    middle, mean = (count - 1) / 2, sum(values) / count
    spread = sum((at - middle) ** 2 for at in range(count))
    rise = sum((at - middle) * (value - mean) for at, value in enumerate(values)) / spread
    rest = sum((value - mean - rise * (at - middle)) ** 2 for at, value in enumerate(values))
    student = STUDENT[min(count - 2, len(STUDENT)) - 1]
    return rise, student * (rest / (count - 2) / spread) ** 0.5


def tell_slope(what: str, values: list[float], unit: str) -> None:
    """Print the slope of a minute's values and whether it may be nothing."""
    found = slope(values)
    if found is None:
        print(f"{what}: too few minutes behind the first {WARM_MINUTES} for a slope")
        return
    rise, half = found
    verdict = "rises" if rise - half > 0 else "may be flat"
    print(
        f"{what}: {rise:+.2f} {unit} a minute, "
        f"between {rise - half:+.2f} and {rise + half:+.2f}: {verdict}"
    )


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
    unwatched = 0
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
            if line["type"] == "closed" and line["payload"]["kind"] == "not_watched":
                unwatched += line["payload"]["end_ms"] - line["payload"]["start_ms"]
            if line["type"] == "opened":
                events[line["payload"]["kind"]] = events.get(line["payload"]["kind"], 0) + 1
    due = counts["analysed"] + counts["skipped"]
    print(f"decoded {counts['frames']}, due {due}, skipped {counts['skipped']}")
    print(f"said to be not watched: {unwatched / 1000:.0f} s of all streams together")
    print(f"coverage {100 * counts['analysed'] / max(1, due):.1f} %, gaps {gaps}, events {events}")


if __name__ == "__main__":
    main()
