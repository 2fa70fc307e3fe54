"""What watching costs: decode alone and everything on, per second of stream, on this machine.

    python -m benchmarks.eyes [--seconds 60] [--rounds 3] [--sizes 480p 720p 1080p]
                             [--accuracy FILE.jsonl ...]

Prints milliseconds of processor time per stream-second at 480p, 720p and 1080p, 25 pictures a
second, with everything on, the registered photo too, for the first half minute of a session, in
which the body is learnt, for what follows quietly, against decoding the same pictures, and for two
sessions in which something is being confirmed (a second face, a phone). Each is the mean of four
people, who move much, since all speak sign language. Decoding and watching take turns; of a few
rounds the least counts, since whatever else a machine does only adds to it. Then the pieces of
analysis per call, streams a core, memory that each further stream of 2 Mbit/s takes, how long after
it opened a subscriber has an event, and what an office of 60 seats and two halls needs. At the end
each asked figure stands against its limit. `--accuracy` takes the files that
`benchmarks.eyes_accuracy --out` wrote, for the false calls of an office.
"""

import argparse
import json
import math
import multiprocessing
import os
import resource
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import psutil

from proctor import faces, objects
from proctor.compose import compose
from proctor.detector import find_faces
from proctor.health import HEIGHT, WIDTH, CameraHealth
from proctor.kinds import View
from proctor.models import store
from proctor.planes import Planes
from proctor.pose import head_pose
from proctor.scenes import PEOPLE, Part, Script, portrait
from proctor.settings import Settings
from proctor.watch import watch

SIZES = {"480p": (640, 480), "720p": (1280, 720), "1080p": (1920, 1080)}
BITS_PER_PIXEL = 0.09
FIRST, CONFIRMED = 30.0, 30.0
"""Seconds in which a body is learnt, and of a session in which something is confirmed."""
SEATS, HALLS, CORES = 60, 2, 8
MOST_QUIET, MOST_BUSY, MOST_MEMORY, MOST_DELAY, MOST_CALLS = 0.4, 1.5, 15.0, 200.0, 6.0
"""The asked figures: analysis against decode, MB a stream, milliseconds, false calls an hour."""


@dataclass(frozen=True)
class Plan:
    """How long a quiet session is in seconds, how many rounds are made, and where videos lie."""

    seconds: float
    rounds: int
    folder: Path


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time per second of stream."""

    decode: float
    first: float
    quiet: float
    face: float
    phone: float

    def ratio(self, full: float) -> float:
        """Return what analysis costs against decoding alone."""
        return (full - self.decode) / self.decode


def main() -> None:
    """Compose, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of a quiet session")
    parser.add_argument("--rounds", type=int, default=3, help="of which the least counts")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--accuracy", nargs="*", type=Path, default=[], help="files of scores")
    arguments = parser.parse_args()
    for name in (store.FACES, store.OBJECTS, store.IDENTITY):
        store.session(name)  # once a process, whatever the number of its cameras
    with TemporaryDirectory() as folder:
        print("ms of processor time per stream-second; in brackets analysis against decode")
        labels = ("first", "quiet", "second face", "phone")
        print(f"{'size':6} {'decode':>8} {' '.join(f'{x:>15}' for x in labels)}  a core")
        costs, plan = {}, Plan(arguments.seconds, arguments.rounds, Path(folder))
        for name in arguments.sizes:
            costs[name] = measured(name, 25, plan)
            print(row(name, costs[name]), flush=True)
        print_pieces(Path(folder) / f"{arguments.sizes[-1]}-25-A-quiet.mp4")
        asked = [*ratios(costs.get("720p")), memory(Path(folder)), delay(Path(folder))]
        asked.append(office(plan))
    asked += calls(arguments.accuracy)
    print("asked:")
    for what, value, limit in asked:
        print(f"  {what:58} {value:7.2f} of {limit:g}: {'met' if value <= limit else 'MISSED'}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process {peak:.0f} MB, models and composing included")


Asked = tuple[str, float, float]


def ratios(cost: Cost | None) -> list[Asked]:
    """Return what is asked of 720p at 25 pictures a second."""
    if cost is None:
        return []
    busy = max(cost.ratio(cost.face), cost.ratio(cost.phone))
    return [
        ("720p25 quiet, analysis against decode", cost.ratio(cost.quiet), MOST_QUIET),
        ("720p25 confirming, analysis against decode", busy, MOST_BUSY),
    ]


def measured(name: str, fps: int, plan: Plan) -> Cost:
    """Measure one size with each person and return the mean; prints each one's quiet ratio."""
    costs = [of_person(person, name, fps, plan) for person in PEOPLE]
    each = " ".join(
        f"{person} {cost.ratio(cost.quiet):.2f}" for person, cost in zip(PEOPLE, costs, strict=True)
    )
    print(f"  {name} at {fps} a second, quiet against decode: {each}", flush=True)
    names = [field.name for field in fields(Cost)]
    return Cost(*(statistics.fmean(getattr(cost, x) for cost in costs) for x in names))


def of_person(person: str, name: str, fps: int, plan: Plan) -> Cost:
    """Compose one person in three sessions and measure them; what is confirmed lasts throughout."""
    width, height = SIZES[name]
    rate = int(width * height * fps * BITS_PER_PIXEL)
    shape = {"width": width, "height": height, "fps": fps, "bit_rate": rate}
    parts = {
        "quiet": ((Part.NORMAL, FIRST + plan.seconds),),
        "face": ((Part.SEVERAL_FACES, CONFIRMED),),
        "phone": ((Part.PHONE, CONFIRMED),),
    }
    photo = plan.folder / f"{person}.jpg"
    photo.write_bytes(portrait(person))
    videos = {label: plan.folder / f"{name}-{fps}-{person}-{label}.mp4" for label in parts}
    for label, video in videos.items():
        compose(Script(person, parts[label], seed=1, **shape), video)
    turns = [turn(videos, photo) for _ in range(plan.rounds)]
    least = {label: min(spent[label] for spent in turns) for label in turns[0]}
    lengths = {"decode": plan.seconds, "quiet": plan.seconds, "first": FIRST}
    return Cost(**{label: spent / lengths.get(label, CONFIRMED) for label, spent in least.items()})


def turn(videos: dict[str, Path], photo: Path) -> dict[str, float]:
    """Decode the quiet video and watch all of them; returns milliseconds of processor time.

    decode, quiet: of the same pictures, those after the first half minute.
    """
    _, decode = decoded(videos["quiet"])
    first, quiet = watched(videos["quiet"], photo)
    confirming = {label: sum(watched(videos[label], photo)) for label in ("face", "phone")}
    return {"decode": decode, "first": first, "quiet": quiet} | confirming


def row(name: str, cost: Cost) -> str:
    """Return one size's line."""
    them = (cost.first, cost.quiet, cost.face, cost.phone)
    full = (f"{x:8.1f} ({cost.ratio(x):4.2f})" for x in them)
    return f"{name:6} {cost.decode:8.1f} {' '.join(full)}  {1000 / cost.quiet:.1f}"


def office(plan: Plan) -> Asked:
    """Print what a room of 60 seats at 480p10 with two halls at 720p10 needs of eight cores."""
    seat, hall = (measured(name, 10, plan) for name in ("480p", "720p"))
    quiet, busy = (
        (SEATS * of_seat + HALLS * of_hall) / 1000
        for of_seat, of_hall in ((seat.quiet, hall.quiet), (seat.phone, hall.phone))
    )
    print(
        f"an office: {SEATS} seats of 480p10 ({seat.quiet:.1f} ms each) and {HALLS} halls of "
        f"720p10 ({hall.quiet:.1f} ms) need {quiet:.1f} of {CORES} cores, "
        f"{busy:.1f} while all confirm"
    )
    return (
        f"an office of {SEATS} seats and {HALLS} halls, cores while all are quiet",
        quiet,
        CORES,
    )


def calls(files: list[Path]) -> list[Asked]:
    """Return an office's false calls an hour, as counted and at the upper end of 95 of 100."""
    scores = [
        json.loads(text)["scores"] for file in files for text in file.read_text().splitlines()
    ]
    hours = sum(score["normal_hours"] for score in scores)
    if not hours:
        return []
    false = sum(len(score["false"]) for score in scores)
    each, most = false / hours, upper(false) / hours
    print(
        f"false alerts: {false} in {hours:.2f} h of normal footage, {each:.2f} an hour, "
        f"with 95 % confidence under {most:.2f}"
    )
    return [
        ("a room of 60: false calls an hour, as counted", SEATS * each, MOST_CALLS),
        ("a room of 60: false calls an hour, upper bound of 95 %", SEATS * most, MOST_CALLS),
    ]


def upper(seen: int) -> float:
    """Return the rate of a Poisson count of which so few or fewer are seen one time in twenty."""
    low, high = 0.0, 10.0 + 3.0 * seen
    while high - low > 1e-6:
        rate = (low + high) / 2
        fewer = sum(math.exp(-rate) * rate**k / math.factorial(k) for k in range(seen + 1))
        low, high = (rate, high) if fewer > 0.05 else (low, rate)
    return high


def decoded(video: Path) -> tuple[float, float]:
    """Decode every picture, as any watcher must; returns what `watched` does."""
    began = later = time.process_time()
    with av.open(str(video)) as source:
        source.streams.video[0].codec_context.thread_count = 1
        for frame in source.decode(video=0):
            if frame.time <= FIRST:
                later = time.process_time()
    return parted(began, later)


def watched(video: Path, photo: Path) -> tuple[float, float]:
    """Watch with everything on: five pictures a second, who it is, evidence, ledger.

    Returns milliseconds of processor time for the first half minute and for what comes after it,
    told apart by the small picture that is made once a second.
    """
    began = time.process_time()
    tiles = [began]
    settings = Settings(view=View.SEAT, references=(photo,), tile_every=1.0)
    with TemporaryDirectory() as out:
        watch(video, settings, Path(out), on_tile=lambda _: tiles.append(time.process_time()))
    return parted(began, tiles[min(len(tiles) - 1, round(FIRST) + 1)])


def parted(began: float, later: float) -> tuple[float, float]:
    """Return milliseconds of processor time until `later` and from then until now."""
    return (later - began) * 1000, (time.process_time() - later) * 1000


def print_pieces(video: Path) -> None:
    """Print the median cost of each piece on real pictures."""
    with av.open(str(video)) as source:
        frames = [frame for index, frame in enumerate(source.decode(video=0)) if index % 20 == 0]
    planes = [Planes(frame) for frame in frames]
    pictures = [one.cut(longest=640).picture for one in planes]
    pairs = [(picture, find_faces(picture)[0]) for picture in pictures]
    health = CameraHealth()
    pieces: dict[str, list[float]] = {
        "whole in colour, 320": [timed(lambda f=f: Planes(f).cut(longest=320)) for f in frames],
        "camera health": [
            timed(lambda i=i, f=f: health.look(Planes(f).luma(WIDTH, HEIGHT), i))
            for i, f in enumerate(frames)
        ],
        "faces near, 96": [timed(lambda p=p: find_faces(p, longest=96)) for p in pictures],
        "faces at 320": [timed(lambda p=p: find_faces(p, longest=320)) for p in pictures],
        "faces at 640": [timed(lambda p=p: find_faces(p, longest=640)) for p in pictures],
        "head pose": [timed(lambda p=p, f=f: head_pose(f, p.shape[:2])) for p, f in pairs],
        "identity": [timed(lambda p=p, f=f: faces.embed(p, f)) for p, f in pairs],
        "objects": [timed(lambda p=p: objects.find_things(p, kinds=(67,))) for p in pictures],
    }
    for name, costs in pieces.items():
        print(f"{name:20} {statistics.median(costs):7.2f} ms a call")


def memory(folder: Path) -> Asked:
    """Return what each further 720p stream of 2 Mbit/s adds to a process at its peak.

    Processes like a worker's watch few streams and many at once: what the process itself needs, as
    a network's working memory, is in both.
    """
    video, photo = folder / "memory.mp4", folder / "memory.jpg"
    photo.write_bytes(portrait("B"))
    shape = {"width": 1280, "height": 720, "fps": 25, "bit_rate": 2_000_000}
    compose(Script("B", ((Part.NORMAL, 36.0),), seed=2, **shape), video)
    few, many = 2, 8
    os.environ["MALLOC_ARENA_MAX"] = "1"
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as one:
        peaks = [one.submit(peak_memory, video, photo, streams).result() for streams in (few, many)]
    return (
        "memory of a further stream of 720p at 2 Mbit/s, MB",
        (peaks[1] - peaks[0]) / (many - few),
        MOST_MEMORY,
    )


def peak_memory(video: Path, photo: Path, streams: int) -> float:
    """Watch one video so many times at once; returns the most that the process held, in MB."""
    threads = [threading.Thread(target=watched, args=(video, photo)) for _ in range(streams)]
    process, most, over = psutil.Process(), 0, threading.Event()
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most = max(most, process.memory_info().rss)
        over.wait(0.2)
    return most / 2**20


def delay(folder: Path) -> Asked:
    """Return how late a subscriber had an event at worst, the ledger on disk before."""
    video = folder / "delay.mp4"
    parts = ((Part.NORMAL, 6.0), (Part.CAMERA_COVERED, 5.0)) * 4
    compose(Script("C", parts, seed=3, fps=5), video)
    delays: list[float] = []

    def heard(line: dict[str, Any]) -> None:
        opened = datetime.fromisoformat(line["time"])
        if line["type"] == "opened":
            delays.append((datetime.now(UTC) - opened).total_seconds() * 1000)

    with TemporaryDirectory() as out:
        watch(video, Settings(view=View.SEAT, tile_every=0), Path(out), on_event=heard)
    print(f"event to subscriber: median {statistics.median(delays):.1f} ms of {len(delays)}")
    return ("event to subscriber at worst, ms", max(delays), MOST_DELAY)


def timed(call: Callable[[], object]) -> float:
    """Return one call's milliseconds of processor time."""
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
