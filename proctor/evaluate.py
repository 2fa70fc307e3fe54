"""Compares what was found with labels: recall by kind, false alerts, onset errors, coverage.

A labels file (`kaochang-labels/1`, JSON) names its video and the stretches in it; a folder means
all labels in it. A stretch is found when an event of its kind overlaps it; an event that overlaps
no stretch of its kind is false.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from proctor.compose import LABELS
from proctor.errors import BadInputError
from proctor.kinds import Kind, Severity, View
from proctor.settings import Settings
from proctor.watch import watch

_GRACE = 1.0


@dataclass
class KindScore:
    """For one kind: stretches labelled and found, onset errors in seconds, false events."""

    labelled: int = 0
    found: int = 0
    onsets: list[float] = field(default_factory=list)
    false: int = 0


@dataclass
class Scores:
    """Scores by kind over all sessions, hours watched, pictures analysed and due."""

    kinds: dict[str, KindScore] = field(default_factory=lambda: defaultdict(KindScore))
    hours: float = 0.0
    normal_hours: float = 0.0
    analysed: int = 0
    due: float = 0.0
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[str]:
        """Yield the table, line by line."""
        yield f"{'kind':16} {'found':>9} {'onset median':>13} {'onset worst':>12} {'false':>6}"
        for kind, score in sorted(self.kinds.items()):
            errors = sorted(abs(error) for error in score.onsets)
            median, worst = (errors[len(errors) // 2], errors[-1]) if errors else (0.0, 0.0)
            found = f"{score.found}/{score.labelled}"
            yield f"{kind:16} {found:>9} {median:11.2f} s {worst:10.2f} s {score.false:6}"
        total = sum(score.false for score in self.kinds.values())
        yield f"hours watched {self.hours:.2f}, of them normal {self.normal_hours:.2f}"
        rate = total / max(self.normal_hours, 1e-9)
        yield f"false alerts per candidate-hour of normal footage {rate:.2f}"
        yield f"coverage {100 * self.analysed / max(self.due, 1.0):.1f} % of due pictures analysed"
        yield from (f"missed: {text}" for text in self.missed)
        yield from (f"false: {text}" for text in self.false)


def evaluate(labels: Path, *, scores: Scores | None = None) -> Scores:
    """Watch every labelled video and score it, with the reference photo that its labels name.

    `scores`: what was counted before, to which this is added. Raises BadInputError for labels that
    cannot be read or a video that cannot be watched.
    """
    scores = Scores() if scores is None else scores
    files = sorted(labels.glob("*.labels.json")) if labels.is_dir() else [labels]
    if not files:
        raise BadInputError(f"LABELS {labels}: no *.labels.json in this folder")
    for file in files:
        told = _read(file)
        settings = Settings(
            view=View(told["view"]),
            people=told["people"],
            references=told["references"],
            tile_every=0,
        )
        with TemporaryDirectory() as folder:
            summary = watch(file.parent / told["source"], settings, Path(folder))
            text = (Path(folder) / "events.jsonl").read_text(encoding="utf-8")
        scores.analysed += summary.analysed
        scores.due += summary.seconds * settings.rate
        _score(scores, told, [json.loads(line) for line in text.splitlines()])
    return scores


def _read(file: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if told["format"] != LABELS:
            raise BadInputError(f"LABELS {file}: format is not {LABELS}")
        stretches = [
            (Kind(x["kind"]), float(x["start"]), float(x["end"])) for x in told["stretches"]
        ]
        told["stretches"] = stretches
        View(told["view"])
        photos = [str(told["reference"])] if "reference" in told else []
        told["references"] = tuple(file.parent / photo for photo in photos)
        told["source"], told["people"] = str(told["source"]), int(told["people"])
        told["seconds"] = float(told["seconds"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BadInputError(f"LABELS {file}: not readable ({error})") from error
    return told


def _score(scores: Scores, told: dict[str, Any], events: list[dict[str, Any]]) -> None:
    explained: set[int] = set()
    for kind, start, end in told["stretches"]:
        score = scores.kinds[kind]
        score.labelled += 1
        hits = [
            event
            for event in events
            if event["kind"] == kind
            and event["start"] < end + _GRACE
            and event["end"] > start - _GRACE
        ]
        explained.update(event["event"] for event in hits)
        if hits:
            score.found += 1
            score.onsets.append(hits[0]["start"] - start)
        else:
            scores.missed.append(f"{told['source']} {kind} {start:.1f} to {end:.1f} s")
    for event in events:
        if event["event"] not in explained and event["severity"] == Severity.ALERT:
            scores.kinds[event["kind"]].false += 1
            scores.false.append(f"{told['source']} {event['kind']} at {event['start']:.1f} s")
    troubled = sum(end - start for _, start, end in told["stretches"])
    scores.hours += told["seconds"] / 3600
    scores.normal_hours += (told["seconds"] - troubled) / 3600
