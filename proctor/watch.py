"""Watches one camera: packets in, events, evidence and ledger out.

One thread does all of it for one camera. A played or live stream that falls behind keeps decoding,
since every picture needs the one before, but skips analysing: the newest picture wins and the
skipped are counted.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Event as Signal

import av
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proctor import recall, tile
from proctor.answers import Answer
from proctor.errors import (
    BadInputError,
    BrokenLedgerError,
    FolderFailedError,
    SourceFailedError,
)
from proctor.faces import reference_embedding
from proctor.feed import FeedGuard
from proctor.fusion import Stretch, Turn
from proctor.kinds import Kind, Place, Severity
from proctor.ledger.writer import FolderTakenError, LedgerBrokenError
from proctor.link import Alone, Link
from proctor.observe import Look, Observer
from proctor.opening import opened_source
from proctor.pace import SHARED, Faults, Pacer
from proctor.packets import VideoPacket
from proctor.planes import Planes
from proctor.recorder import OnEvent, Recorder
from proctor.seal import EvidenceKey
from proctor.settings import Settings
from proctor.source import Piece, Source
from proctor.stills import Seen

_RATE_WINDOW = 2.0
_LEAST_SHARE = 0.6
_SILENT = 1.0
_REMEMBER_EVERY = 8.0
_SIGNAL, _COVERAGE = (Kind.SIGNAL_LOST, ""), (Kind.NOT_WATCHED, "")


class Ending(StrEnum):
    """Why a watch was over."""

    ENDED = "ended"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Summary:
    """Counts of pictures decoded, analysed and skipped, seconds of source, and why it ended."""

    ending: Ending
    seconds: float
    frames: int
    analysed: int
    skipped: int


def utc_now() -> datetime:
    """Return the machine's time, the default clock."""
    return datetime.now(UTC)


def watch(
    source: str | Path,
    settings: Settings,
    out: Path,
    *,
    clock: Callable[[], datetime] = utc_now,
    key: Ed25519PrivateKey | None = None,
    stop: Signal | None = None,
    on_event: OnEvent | None = None,
    on_tile: Callable[[bytes], None] | None = None,
    seal: Callable[[], EvidenceKey] | None = None,
    link: Link | None = None,
) -> Summary:
    """Watch a source until it ends or `stop` is set, writing only into `out`.

    A folder that holds a ledger already is continued in the same chain: what a killed worker left
    is settled (its open events closed, its unfinished clips recorded, the time between stated as a
    gap) and a new start line follows. `on_event` gets each event and evidence line after it is on
    disk, `on_tile` each JPEG of the wall; both run in this thread and should return at once.
    `seal` is asked for each event for the key that seals its evidence; None leaves it plain.
    `link` is what other cameras of the process and the room have to do with it; a file that is
    not played in real time is always looked at with full effort.

    Raises BadInputError before anything is written, BrokenLedgerError for a folder whose chain
    does not hold (it is left untouched), SourceFailedError after the source broke; what was seen
    until then is kept and the ledger is ended. FolderFailedError when the folder can no longer be
    written (a full disk): its chain is whole as far as it goes.
    """
    stop = stop or Signal()
    references = [reference_embedding(path) for path in settings.references]
    settings.sha256()
    link = link or Alone()
    opened = opened_source(str(source), settings, stop)
    try:
        link.admit(opened.shape())
        recorder = _recorder(out, settings, clock=clock, key=key, on_event=on_event, seal=seal)
        try:
            opened.begin_at(recorder.origin)
            observer = Observer(settings, references)
            run = _Run(settings, recorder, observer, out, on_tile, link=link)
            return run.watch(opened, stop)
        except OSError as error:
            raise FolderFailedError(
                f"--out {out}: cannot be written any more ({error.strerror}); "
                "what was seen until then is kept, make room and continue it"
            ) from error
        finally:
            recorder.close()
    finally:
        opened.close()


def _recorder(
    out: Path,
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    key: Ed25519PrivateKey | None,
    on_event: OnEvent | None,
    seal: Callable[[], EvidenceKey] | None,
) -> Recorder:
    try:
        return Recorder(out, settings, clock=clock, key=key, on_event=on_event, seal=seal)
    except FolderTakenError as error:
        raise BadInputError(f"--out {out}: {error}; give another folder") from error
    except LedgerBrokenError as error:
        raise BrokenLedgerError(f"--out {out}: {error}; keep it and give another folder") from error
    except OSError as error:
        raise BadInputError(f"--out {out}: cannot be written ({error.strerror})") from error


class _Run:
    """The state of one watch."""

    def __init__(
        self,
        settings: Settings,
        recorder: Recorder,
        observer: Observer,
        out: Path,
        on_tile: Callable[[bytes], None] | None,
        *,
        link: Link,
    ) -> None:
        self._link, self._faults = link, Faults(link)
        self._settings, self._recorder, self._observer = settings, recorder, observer
        self._out, self._on_tile = out, on_tile
        self._kinds = settings.kinds
        self._stretches = {place: Stretch(*place) for place in settings.places}
        self._facts: dict[Place, dict[str, int]] = {}
        self._pacer = Pacer(settings.rate, link, recorder)
        self._period = 1.0 / settings.rate
        self._trace = recorder.tracer
        self._silent = False
        self._due = self._tile_due = self._now = self._remember_due = recorder.origin
        self._seen = recorder.origin
        self._guard = FeedGuard()
        self._recent: deque[tuple[float, bool]] = deque()
        self._done = 0
        self._frames = self._analysed = self._skipped = 0

    def watch(self, source: Source, stop: Signal) -> Summary:
        try:
            for piece in source.pieces():
                self._piece(piece)
                self._recorder.breathe()
        except SourceFailedError as error:
            self._recorder.gap(self._now, self._now, str(error).rpartition(": ")[2])
            raise
        finally:
            self._finish()
        ending = Ending.STOPPED if stop.is_set() else Ending.ENDED
        seconds = self._now - self._recorder.origin
        return Summary(ending, seconds, self._frames, self._analysed, self._skipped)

    def _piece(self, piece: Piece) -> None:
        before, self._now = self._now, piece.time
        self._breaks(piece, before)
        self._room()
        lost = piece.packet is None
        if Kind.SIGNAL_LOST in self._kinds and (lost or self._losing):
            self._signal(piece.time, lost=lost, onset=before)
        if piece.packet is None:
            return
        if piece.packet.size:
            self._recorder.packet(piece, piece.packet, piece.packet.stream)
        if self._pacer.decodes(piece.packet, piece.time):
            for frame in _decoded(piece.packet):
                self._frame(frame, piece)
        if piece.time - self._seen > _SILENT:
            self._coverage(piece.time, analysed=False)

    def _breaks(self, piece: Piece, before: float) -> None:
        """Write down where a piece does not continue the one at `before` seconds."""
        if piece.note:
            self._recorder.gap(before, piece.time, piece.note)
        if piece.lost:
            self._instant(Kind.SIGNAL_LOST, before, piece.time)
            self._due = piece.time
        if piece.jumped:
            self._instant(Kind.CLOCK_JUMP, piece.time, piece.time)
        if piece.lost or piece.jumped or piece.fresh:
            self._guard.broke(piece.time)
            self._trace.mark(piece.time, "broke")

    def _frame(self, frame: av.VideoFrame, piece: Piece) -> None:
        self._frames += 1
        at = piece.time if frame.time is None else float(frame.time) + piece.shift
        at = max(at, self._seen)
        if at < self._due - 1e-6:
            return
        self._due = max(self._due + self._period, at + self._period / 2)
        late = piece.late > self._period
        self._link.note(late=late)
        if late or not self._pacer.looks():
            self._skipped += 1
            self._trace.mark(at, "skipped")
            self._coverage(at, analysed=False)
            return
        self._remember(at)
        self._seen = at
        self._analysed += 1
        self._coverage(at, analysed=True)
        planes = Planes(frame)
        look = self._observer.look(planes, at, self._link.effort())
        self._trace.look(look)
        self._recorder.seen(Seen(frame, look))
        self._continuity(frame, look)
        for place, answer in look.answers.items():
            if answer.yes or place not in self._facts:
                self._facts[place] = answer.facts
            self._answered(place, answer, at)
        self._tile(planes, at)

    def _continuity(self, frame: av.VideoFrame, look: Look) -> None:
        """Claim a replaced feed where the picture is not the source's own any more."""
        moved = look.says(Kind.CAMERA_MOVED).yes
        facts = self._guard.look((frame.height, frame.width), moved=moved, time=look.time)
        if facts and Kind.FEED_REPLACED in self._kinds:
            self._recorder.instant(Kind.FEED_REPLACED, look.time, look.time, facts)

    def _answered(self, place: Place, answer: Answer, at: float) -> None:
        """Take what a look says, of which the trace has a note already."""
        yes = self._faults.heard(place[0], yes=True) if answer.yes else answer.yes
        if yes is not answer.yes:
            self._trace.note(at, place, yes=yes, onset=answer.onset)
        self._weigh(place, at, yes=yes, onset=answer.onset, lasted=answer.lasted)

    @property
    def _losing(self) -> bool:
        return self._silent or not self._stretches[_SIGNAL].idle

    def _signal(self, at: float, *, lost: bool, onset: float) -> None:
        yes = self._faults.heard(Kind.SIGNAL_LOST, yes=lost)
        if yes or self._silent:
            self._trace.note(at, _SIGNAL, yes=yes, onset=onset)
        self._silent = yes is True
        self._weigh(_SIGNAL, at, yes=yes, onset=onset)

    def _weigh(
        self,
        place: Place,
        at: float,
        *,
        yes: bool | None,
        onset: float | None,
        lasted: float = 0.0,
    ) -> None:
        stretch = self._stretches[place]
        turn = stretch.look(at, yes=yes, onset=onset, lasted=lasted)
        if place[0] in SHARED:
            self._faults.tell(stretch, at)
        if turn is not None:
            self._recorder.turn(turn, self._facts.get(place, {}))

    def _room(self) -> None:
        """Write down what this camera was asked to say about its room."""
        for told in self._link.room_turns():
            start, end = self._now - told.start_age, self._now - told.age
            turn = Turn(told.change, Kind.ROOM_CHANGE, start, end, 1.0, Severity.NOTICE)
            self._recorder.turn(turn, {"cameras": told.cameras, "of": told.of})

    def _remember(self, at: float) -> None:
        """Freeze, now and then, what is remembered before a look: an event may be judged again."""
        if at >= self._remember_due:
            self._remember_due = at + _REMEMBER_EVERY
            known = (self._observer, self._stretches, self._facts, self._guard)
            self._recorder.remember(at, recall.pack(known))

    def _instant(self, kind: Kind, start: float, end: float) -> None:
        if kind in self._kinds:
            lasted = {"lasted_ms": round(1000 * (end - start))}
            self._trace.instant(kind, start, end, lasted)
            self._recorder.instant(kind, start, end, lasted)

    def _coverage(self, at: float, *, analysed: bool) -> None:
        """Note whether a due picture was analysed; a lasting lack becomes not_watched."""
        self._recent.append((at, analysed))
        self._done += analysed
        while self._recent[0][0] < at - _RATE_WINDOW:
            self._done -= self._recent.popleft()[1]
        share = self._done / len(self._recent)
        facts = self._facts[_COVERAGE] = {"analysed_share_pm": round(1000 * share)}
        if Kind.NOT_WATCHED in self._kinds:
            # Silence is noticed late: what was not watched begins behind the last look before it.
            lacks = self._done < len(self._recent)
            missed = next(time for time, done in self._recent if not done) if lacks else at
            onset = min(self._seen, missed)
            self._trace.note(at, _COVERAGE, yes=share < _LEAST_SHARE, onset=onset, facts=facts)
            self._weigh(_COVERAGE, at, yes=share < _LEAST_SHARE, onset=onset)

    def _tile(self, planes: Planes, at: float) -> None:
        if not self._settings.tile_every or at < self._tile_due:
            return
        self._tile_due = at + self._settings.tile_every
        data = tile.render(planes)
        tile.write(self._out, data)
        if self._on_tile is not None:
            self._on_tile(data)

    def _finish(self) -> None:
        for place, stretch in self._stretches.items():
            turn = stretch.finish()
            if turn is not None:
                self._recorder.turn(turn, self._facts.get(place, {}))
        self._pacer.finish(self._now)
        self._recorder.end(self._frames, self._analysed, self._skipped)


def _decoded(packet: VideoPacket) -> list[av.VideoFrame]:
    """Return the frames a packet completes; a damaged packet completes none."""
    try:
        return [frame for frame in packet.decode() if isinstance(frame, av.VideoFrame)]
    except av.FFmpegError:
        return []
