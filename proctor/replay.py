"""Gives an event again, from what was kept of it, and tells whether it is the same.

The clip's pictures that were looked at then are looked at again, by the same profile and weights
and with what the watch remembered when the clip began. What is measured on packets and not on
pictures (a lost signal, a jumped clock, a stretch not watched) is given again from the trace.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import av

from proctor import recall, trace
from proctor.case import Case, Kept, case_of
from proctor.errors import BadInputError
from proctor.faces import reference_embedding
from proctor.feed import FeedGuard
from proctor.fusion import Change, Stretch, Turn
from proctor.kinds import Kind, Place, Severity
from proctor.ledger.lines import PROFILES
from proctor.models import store
from proctor.observe import Look, Observer
from proctor.planes import Planes
from proctor.seal import EvidenceKey, SealError
from proctor.settings import Settings, of_profile

TIME_TOLERANCE_MS = 250
CONFIDENCE_TOLERANCE_PM = 20
FACT_TOLERANCE, FACT_TOLERANCE_SHARE = 5, 0.02
_SAME_PICTURE_US = 5_000
_PACKETS = frozenset({Kind.SIGNAL_LOST, Kind.CLOCK_JUMP, Kind.NOT_WATCHED})
_TOLD = ("event", "kind", "start_ms", "end_ms", "severity", "confidence_pm", "facts")

Told = tuple[Turn, dict[str, int]]


@dataclass
class Replayed:
    """The event as stored and as given again, None where it did not come.

    conditions: what was not as it was then (weights, profile, files). differences: in what the
    two events are apart beyond the tolerance. notes: what a person should know. The event stands
    when the first two are empty.
    """

    stored: dict[str, Any]
    again: dict[str, Any] | None = None
    conditions: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether the same event came again under the same conditions."""
        return not self.conditions and not self.differences


def replay(
    folder: Path, event: int, *, references: tuple[Path, ...] = (), key: EvidenceKey | None = None
) -> Replayed:
    """Give an event of a folder again; the folder is only read.

    references: the photos that the watch was given, of which only hashes were kept. key: for
    sealed evidence. Raises BadInputError where nothing can be given again (no such event, erased,
    nothing kept beside the clip, a photo or key not given), BrokenLedgerError for a chain that
    does not hold.
    """
    case = case_of(folder, event)
    if case.event["kind"] == Kind.ROOM_CHANGE:
        raise BadInputError(
            f"EVENT {event}: room_change was told by several cameras of a room together; what one "
            "of them kept cannot give it again, watch its clip"
        )
    result = Replayed({name: case.event[name] for name in _TOLD})
    kept = Kept.of(folder, case, key)
    result.conditions += [*kept.altered, *_other_conditions(case)]
    settings = of_profile(_profile(folder, case), references)
    try:
        place = _place(case, settings)
        _, moments = trace.read(kept.read("-trace.jsonl"))
        if place[0] in _PACKETS:
            turns = list(_from_trace(place[0], moments))
            result.notes.append("measured on packets: given again from the trace")
        else:
            state, frozen = recall.load(kept.read("-baseline.json.gz"))
            watched = _Watched(settings, references, frozen)
            with kept.clip() as clip:
                pictures = _Pictures(clip, state["zero_us"])
                turns = list(watched.turns(place, moments, state["us"], pictures))
            result.notes += watched.notes
    except (ValueError, KeyError, av.FFmpegError, SealError) as error:
        raise BadInputError(f"event {event}: what was kept cannot be read ({error})") from error
    result.again = _nearest(turns, case.event)
    _compare(result, case, moments)
    return result


def _place(case: Case, settings: Settings) -> Place:
    """Return what is to come again; the camera's own events bear the name of its own seat."""
    kind, seat = Kind(case.event["kind"]), case.event["seat"]
    return (kind, seat) if (kind, seat) in settings.places else (kind, "")


def _profile(folder: Path, case: Case) -> bytes:
    wanted = case.start["profile_sha256"]
    path = folder / PROFILES / f"{wanted}.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: the profile was not kept beside the ledger") from error
    if hashlib.sha256(data).hexdigest() != wanted:
        raise BadInputError(f"{path}: altered, the start line names another SHA-256")
    return data


def _other_conditions(case: Case) -> Iterator[str]:
    now = store.weights_sha256()
    then = case.start["weights_sha256"]
    if now != then:
        yield f"weights: then {json.dumps(then)}, now {json.dumps(now)}"


class _Pictures:
    """The pictures of a clip by their time on the timeline, asked for in order."""

    def __init__(self, clip: BinaryIO, zero_us: int) -> None:
        self._frames = av.open(clip, "r").decode(video=0)
        self._zero = zero_us
        self._next: tuple[int, av.VideoFrame] | None = None

    def at(self, us: int) -> av.VideoFrame | None:
        """Return the picture shown at a time, None where the clip has none there."""
        while (self._next or self._step()) and self._next:
            at, frame = self._next
            if at > us + _SAME_PICTURE_US:
                return None
            self._next = None
            if at >= us - _SAME_PICTURE_US:
                return frame
        return None

    def _step(self) -> bool:
        for frame in self._frames:
            if frame.time is not None:
                self._next = (self._zero + trace.micros(frame.time), frame)
                return True
        return False


class _Watched:
    """A watch that goes on from what was remembered."""

    def __init__(
        self, settings: Settings, references: tuple[Path, ...], frozen: recall.Frozen
    ) -> None:
        observer = Observer(settings, [reference_embedding(path) for path in references])
        stretches = {place: Stretch(*place) for place in settings.places}
        facts: dict[Place, dict[str, int]] = {}
        known = recall.thaw(frozen, (observer, stretches, facts, FeedGuard()))
        self._observer, self._stretches, self._facts, self._guard = known
        self.notes: list[str] = []

    def turns(
        self, place: Place, moments: list[trace.Moment], since: int, pictures: _Pictures
    ) -> Iterator[Told]:
        """Yield what happens at `place` from the look at `since` microseconds on."""
        kind, seat = place
        stretch = self._stretches[place]
        facts = self._facts.get(place, {})
        missing = looked = 0
        for moment in _from(moments, since):
            at = moment["us"] / 1e6
            if moment.get("broke"):
                self._guard.broke(at)
            if not moment.get("looked"):
                continue
            frame = pictures.at(moment["us"])
            looked, missing = looked + 1, missing + (frame is None)
            if frame is None:
                continue
            look = self._observer.look(Planes(frame), at)
            if kind is Kind.FEED_REPLACED:
                yield from self._replaced(frame, look)
                continue
            answer = look.says(kind, seat)
            facts = answer.facts if answer.yes or not facts else facts
            turn = stretch.look(at, yes=answer.yes, onset=answer.onset, lasted=answer.lasted)
            if turn is not None:
                yield turn, facts
        last = stretch.finish()
        if last is not None:
            yield last, facts
        if missing:
            self.notes.append(f"{missing} of {looked} pictures looked at then are not in the clip")

    def _replaced(self, frame: av.VideoFrame, look: Look) -> Iterator[Told]:
        moved = look.says(Kind.CAMERA_MOVED).yes
        facts = self._guard.look((frame.height, frame.width), moved=moved, time=look.time)
        if facts:
            kind, time = Kind.FEED_REPLACED, look.time
            yield Turn(Change.CLOSED, kind, time, time, 1.0, Severity.ALERT), facts


def _from(moments: list[trace.Moment], since: int) -> list[trace.Moment]:
    for index, moment in enumerate(moments):
        if moment["us"] == since and moment.get("looked"):
            return moments[index:]
    raise ValueError("the trace does not reach back to the baseline")


def _from_trace(kind: Kind, moments: list[trace.Moment]) -> Iterator[Told]:
    """Yield what happens to a kind that is measured on packets."""
    stretch = Stretch(kind)
    facts: dict[str, int] = {}
    for moment in moments:
        at = moment["us"] / 1e6
        instant = moment.get("instants", {}).get(kind)
        if instant:
            start, told = instant["start_us"] / 1e6, instant["facts"]
            yield Turn(Change.CLOSED, kind, start, at, 1.0, Severity.ALERT), told
        if kind in moment.get("answers", {}):
            yes, onset = moment["answers"][kind], moment.get("onsets", {}).get(kind)
            facts = moment.get("facts", {}).get(kind, {})
            turn = stretch.look(
                at,
                yes=None if yes is None else bool(yes),
                onset=None if onset is None else onset / 1e6,
            )
            if turn is not None:
                yield turn, facts
    last = stretch.finish()
    if last is not None:
        yield last, facts


def _nearest(turns: list[Told], stored: dict[str, Any]) -> dict[str, Any] | None:
    """Return the event among the turns that begins nearest to the stored one."""
    events = {round(turn.start * 1000): (turn, facts) for turn, facts in turns}
    if not events:
        return None
    turn, facts = events[min(events, key=lambda start_ms: abs(start_ms - stored["start_ms"]))]
    return {
        "kind": str(turn.kind),
        "start_ms": round(turn.start * 1000),
        "end_ms": round(turn.end * 1000),
        "severity": str(turn.severity),
        "confidence_pm": round(turn.confidence * 1000),
        "facts": dict(facts),
    }


def _compare(result: Replayed, case: Case, moments: list[trace.Moment]) -> None:
    stored, again = result.stored, result.again
    if again is None:
        result.differences.append(f"no {stored['kind']} came again")
        return
    _near(result, "start_ms", TIME_TOLERANCE_MS)
    seen_until = moments[-1]["us"] // 1000 if moments else 0
    if case.interrupted or seen_until < stored["end_ms"] - TIME_TOLERANCE_MS:
        result.notes.append(f"what was kept ends at {seen_until} ms: its end was not compared")
        return
    _near(result, "end_ms", TIME_TOLERANCE_MS)
    _near(result, "confidence_pm", CONFIDENCE_TOLERANCE_PM)
    if again["severity"] != stored["severity"]:
        result.differences.append(f"severity: {stored['severity']}, now {again['severity']}")
    for name in sorted(stored["facts"].keys() | again["facts"].keys()):
        then, now = stored["facts"].get(name), again["facts"].get(name)
        if then is None or now is None or not _close(then, now):
            result.differences.append(f"facts.{name}: {then}, now {now}")


def _near(result: Replayed, name: str, tolerance: int) -> None:
    then, now = result.stored[name], (result.again or {})[name]
    if abs(then - now) > tolerance:
        result.differences.append(f"{name}: {then}, now {now}")


def _close(then: int, now: int) -> bool:
    return abs(then - now) <= max(FACT_TOLERANCE, FACT_TOLERANCE_SHARE * abs(then))
