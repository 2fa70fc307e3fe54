"""How well the eyes see: composes sessions that nobody tuned on, watches them, counts.

    python -m benchmarks.eyes_accuracy --from-seed 1000000 --troubled 120 --quiet-hours 3

Every session comes from its seed alone: people, order, lengths, light, noise, framing, size, frame
rate, bits and encoder. Each is deleted once it is scored. With `--out FILE.jsonl` every score is
kept in it as a line, and what stands there is not done again: three hours can be measured in slices
of `--minutes`, and the table is always of all that the file holds.
A seed that was looked at to change a rule is no longer fresh: give another.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from proctor.compose import compose
from proctor.evaluate import KindScore, Scores, evaluate
from proctor.scenes import COVERS, PEOPLE, ROOM, TURNING, Part, Script, other_than

SHAPES = ((640, 480), (854, 480), (960, 540), (1280, 720), (1920, 1080))
SHARES = (0.7, 0.16, 0.08, 0.05, 0.01)
QUIET_SHARES = (0.85, 0.08, 0.04, 0.02, 0.01)
RATES = (5, 8, 10, 12, 15, 25)
RATE_SHARES = (0.55, 0.25, 0.1, 0.05, 0.03, 0.02)
QUIET_RATE_SHARES = (0.7, 0.2, 0.05, 0.02, 0.02, 0.01)
PRESETS = ("ultrafast", "superfast", "veryfast")
SEATED = (
    Part.FACE_ABSENT,
    Part.SEVERAL_FACES,
    Part.WRONG_PERSON,
    Part.PHONE,
    Part.CAMERA_COVERED,
    Part.CAMERA_FROZEN,
    Part.CAMERA_MOVED,
    Part.SIGNAL_LOST,
    Part.CLOCK_JUMP,
    Part.NOT_WATCHED,
)
OTHERS = {
    TURNING: (Part.LOOKING_AWAY, Part.CAMERA_COVERED, Part.LOOKING_AWAY),
    ROOM: (Part.PERSON_ENTERED, Part.CAMERA_COVERED, Part.PERSON_ENTERED, Part.CAMERA_MOVED),
}
LENGTHS = {Part.CAMERA_FROZEN: (8.0, 12.0), Part.LOOKING_AWAY: (6.0, 9.0)}
LENGTHS[Part.FEED_REPLACED] = (13.0, 16.0)
LENGTH, CALM = (7.0, 12.0), (9.0, 16.0)


def main() -> None:
    """Compose, watch, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from-seed", type=int, default=0)
    parser.add_argument("--troubled", type=int, default=20, help="sessions with troubles")
    parser.add_argument("--quiet-hours", type=float, default=0.0, help="without any, in hours")
    parser.add_argument("--quiet-minutes", type=float, default=6.0, help="length of one of these")
    parser.add_argument("--out", type=Path, help="lines of scores, gone on from where they end")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin none after so many")
    parser.add_argument("--only", choices=[*PEOPLE, TURNING, ROOM], help="one person")
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    done = _read(arguments.out) if arguments.out else {}
    for script in scripts(arguments):
        if time.monotonic() >= until:
            break
        if script.seed in done:
            continue
        with TemporaryDirectory() as folder:
            one = evaluate(compose(script, Path(folder) / f"{script.seed}.mp4"))
        done[script.seed] = one
        if arguments.out:
            kinds = {kind: vars(score) for kind, score in one.kinds.items()}
            line = {"seed": script.seed, "scores": vars(one) | {"kinds": kinds}}
            with arguments.out.open("a") as file:
                file.write(json.dumps(line) + "\n")
    print(f"{len(done)} sessions")
    print("\n".join(_together(list(done.values())).rows()))


def _read(path: Path) -> dict[int, Scores]:
    """Return the scores by seed that a file of lines holds."""
    done: dict[int, Scores] = {}
    for raw in path.read_text().splitlines() if path.exists() else ():
        line = json.loads(raw)
        kinds = {kind: KindScore(**score) for kind, score in line["scores"].pop("kinds").items()}
        done[line["seed"]] = Scores(kinds=kinds, **line["scores"])
    return done


def _together(parts: list[Scores]) -> Scores:
    """Return the sum of many sessions' scores."""
    whole = Scores()
    for part in parts:
        for kind, score in part.kinds.items():
            known = whole.kinds[kind]
            known.labelled += score.labelled
            known.found += score.found
            known.onsets += score.onsets
            known.false += score.false
        whole.hours += part.hours
        whole.normal_hours += part.normal_hours
        whole.analysed += part.analysed
        whole.due += part.due
        whole.false += part.false
        whole.missed += part.missed
    return whole


def scripts(arguments: argparse.Namespace) -> Iterator[Script]:
    """Yield the sessions, troubled and quiet ones in turn."""
    quiet = round(arguments.quiet_hours * 60 / arguments.quiet_minutes)
    for index in range(max(arguments.troubled, quiet)):
        if index < arguments.troubled:
            yield troubled(arguments.from_seed + index, arguments.only)
        if index < quiet:
            seed = arguments.from_seed + 500_000 + index
            yield camera(seed, ((Part.NORMAL, 60.0 * arguments.quiet_minutes),), arguments.only)


def troubled(seed: int, only: str | None) -> Script:
    """Return a session of two to four minutes in which everything happens that can."""
    chance = np.random.default_rng(seed)
    person = only or who(chance)
    order = list(OTHERS.get(person, SEATED))
    chance.shuffle(order)
    if chance.random() < 0.3:
        order.append(Part.FEED_REPLACED)
    parts = [(Part.NORMAL, chance.uniform(14, 20))]
    for part in order:
        parts.append((part, round(chance.uniform(*LENGTHS.get(part, LENGTH)), 1)))
        if part is not Part.FEED_REPLACED:
            parts.append((Part.NORMAL, round(chance.uniform(*CALM), 1)))
    return camera(seed, tuple(parts), person)


def who(chance: np.random.Generator) -> str:
    """Return a seated person mostly, else the one who turns or the room."""
    one = chance.random()
    if one < 0.7:
        return str(chance.choice(list(PEOPLE)))
    return TURNING if one < 0.85 else ROOM


def camera(seed: int, parts: tuple[tuple[Part, float], ...], only: str | None) -> Script:
    """Return a session seen by a camera of its seed."""
    chance = np.random.default_rng(seed + 1)
    person = only or str(chance.choice(list(PEOPLE)))
    quiet = len(parts) == 1  # small pictures mostly: three hours of them have to be encoded
    shares = (QUIET_SHARES, QUIET_RATE_SHARES) if quiet else (SHARES, RATE_SHARES)
    width, height = SHAPES[int(chance.choice(len(SHAPES), p=shares[0]))]
    if person == TURNING:
        width, height = SHAPES[0]
    fps = int(chance.choice(RATES, p=shares[1]))
    return Script(
        person,
        parts,
        seed=seed,
        width=width,
        height=height,
        fps=fps,
        gain=chance.uniform(0.45, 1.15),
        noise=chance.uniform(0.6, 4.5),
        zoom=chance.uniform(1.0, 1.35),
        bit_rate=round(width * height * chance.uniform(0.8, 4.0)),
        cover=str(chance.choice(COVERS)),
        other=other_than(person, int(chance.integers(3))),
        preset=str(chance.choice(PRESETS)),
        begins=int(chance.integers(200)),
    )


if __name__ == "__main__":
    main()
