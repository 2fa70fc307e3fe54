"""What watching costs: decode alone and everything on, per second of stream, on this machine.

    python -m benchmarks.eyes [--seconds 40] [--sizes 480p 720p 1080p]

Prints milliseconds of processor time per stream-second at 480p, 720p and 1080p, 25 pictures a
second, for a quiet session and one in which something is being confirmed, the pieces of analysis
per call, streams a core, memory per stream at 2 Mbit/s beyond the process itself, and how long
after it opened a subscriber has an event.
"""

import argparse
import gc
import resource
import statistics
import threading
import time
from collections.abc import Callable
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
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import watch

SIZES = {"480p": (640, 480), "720p": (1280, 720), "1080p": (1920, 1080)}
BITS_PER_PIXEL = 0.09


def main() -> None:
    """Compose, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    arguments = parser.parse_args()
    seconds, sizes = arguments.seconds, arguments.sizes
    for name in (store.FACES, store.OBJECTS, store.IDENTITY):
        store.session(name)  # once a process, whatever the number of its cameras
    with TemporaryDirectory() as folder:
        print(
            f"{'size':6} {'decode':>9} {'quiet':>9} {'ratio':>6} {'busy':>9} {'ratio':>6}  streams"
        )
        print(
            "       ms of processor time per stream-second; analysis against decode; a core holds"
        )
        for name, size in SIZES.items():
            if name not in sizes:
                continue
            print(row(name, size, seconds, Path(folder)))
        print_pieces(Path(folder) / f"{sizes[-1]}-quiet.mp4")
        print_memory(Path(folder))
        print_delay(Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process {peak:.0f} MB, models and composing included")


def row(name: str, size: tuple[int, int], seconds: float, folder: Path) -> str:
    """Measure one size and return its line."""
    calm, parts = ((Part.NORMAL, seconds),), ((Part.NORMAL, 10.0), (Part.SEVERAL_FACES, seconds))
    videos = {}
    for label, script in (("quiet", calm), ("busy", parts)):
        videos[label] = folder / f"{name}-{label}.mp4"
        rate = int(size[0] * size[1] * 25 * BITS_PER_PIXEL)
        shape = {"width": size[0], "height": size[1], "fps": 25, "bit_rate": rate}
        compose(Script("A", script, seed=1, **shape), videos[label])
    decode = cost(decoded, videos["quiet"], seconds)
    quiet = cost(watched, videos["quiet"], seconds)
    busy = cost(watched, videos["busy"], seconds + 10)
    ratios = [(full - decode) / decode for full in (quiet, busy)]
    return (
        f"{name:6} {decode:9.1f} {quiet:9.1f} {ratios[0]:6.2f} {busy:9.1f} {ratios[1]:6.2f}"
        f"  {1000 / quiet:.1f}"
    )


def cost(work: Callable[[Path], None], video: Path, seconds: float) -> float:
    """Return milliseconds of processor time per second of video."""
    began = time.process_time()
    work(video)
    return (time.process_time() - began) / seconds * 1000


def decoded(video: Path) -> None:
    """Decode every picture, as any watcher must."""
    with av.open(str(video)) as source:
        source.streams.video[0].codec_context.thread_count = 1
        for _ in source.decode(video=0):
            pass


def watched(video: Path) -> None:
    """Watch with everything on: five pictures a second, evidence, ledger."""
    with TemporaryDirectory() as out:
        watch(video, Settings(view=View.SEAT), Path(out))


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
        "faces near, 160": [timed(lambda p=p: find_faces(p, longest=160)) for p in pictures],
        "faces at 320": [timed(lambda p=p: find_faces(p, longest=320)) for p in pictures],
        "faces at 640": [timed(lambda p=p: find_faces(p, longest=640)) for p in pictures],
        "head pose": [timed(lambda p=p, f=f: head_pose(f, p.shape[:2])) for p, f in pairs],
        "identity": [timed(lambda p=p, f=f: faces.embed(p, f)) for p, f in pairs],
        "objects": [timed(lambda p=p: objects.find_things(p, kinds=(67,))) for p in pictures],
    }
    for name, costs in pieces.items():
        print(f"{name:20} {statistics.median(costs):7.2f} ms a call")


def print_memory(folder: Path) -> None:
    """Watch several 720p streams of 2 Mbit/s at once and print what each adds to the process."""
    video, streams = folder / "memory.mp4", 4
    shape = {"width": 1280, "height": 720, "fps": 25, "bit_rate": 2_000_000}
    compose(Script("B", ((Part.NORMAL, 36.0),), seed=2, **shape), video)
    watched(video)
    process, most, over = psutil.Process(), 0, threading.Event()
    gc.collect()
    before = process.memory_info().rss
    threads = [threading.Thread(target=watched, args=(video,)) for _ in range(streams)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most = max(most, process.memory_info().rss)
        over.wait(0.2)
    print(f"memory {(most - before) / streams / 2**20:.1f} MB a stream of 720p at 2 Mbit/s")


def print_delay(folder: Path) -> None:
    """Print how long after an event opened its subscriber had it, the ledger on disk before."""
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
    print(
        f"event to subscriber: median {statistics.median(delays):.1f} ms, worst {max(delays):.1f}"
    )


def timed(call: Callable[[], object]) -> float:
    """Return one call's milliseconds of processor time."""
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
