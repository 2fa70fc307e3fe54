"""Watches what a browser pushes: chunks of WebM or MP4, or still pictures with their times.

Chunks are taken by number. One that does not come while later ones do is given up after two
seconds, told as a gap, and the stream goes on at the next place where its container can be entered
again, behind the header kept of chunk 0.
"""

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from proctor.addresses import PUSHED
from proctor.errors import BadInputError
from proctor.inbox import Chunk, ChunkKind, Inbox
from proctor.live import LiveSource
from proctor.packets import VideoPacket
from proctor.source import open_container, video_stream

_LOOK = 0.05
_GIVEN_UP = 2.0
_ENTRY = {ChunkKind.WEBM: b"\x1f\x43\xb6\x75", ChunkKind.MP4: b"moof"}
_BEFORE_ENTRY = {ChunkKind.WEBM: 0, ChunkKind.MP4: 4}


class _Queue:
    """Chunks in order of recorder and number; says where one was given up."""

    def __init__(
        self, inbox: Inbox, gone: Callable[[], bool], wait: Callable[[float], None]
    ) -> None:
        self._inbox, self._gone, self._wait = inbox, gone, wait
        self.recorder, self.number = 0, 0
        self.lost: list[str] = []

    def next(self) -> Chunk | None:
        """Wait for the next chunk; None at the end. `lost` grows where some were given up."""
        waited = 0.0
        while not self._gone():
            ended, chunks = self._inbox.ended, self._fresh()
            if chunks and (self._follows(chunks[0]) or ended or waited >= _GIVEN_UP):
                return self._taken(chunks[0])
            if ended and not chunks:
                return None
            waited = waited + _LOOK if chunks else 0.0
            self._wait(_LOOK)
        return None

    def _fresh(self) -> list[Chunk]:
        """What is still to come; a chunk that comes after it was given up or taken is dropped."""
        chunks = self._inbox.chunks()
        late = [x for x in chunks if (x.recorder, x.number) < (self.recorder, self.number)]
        for chunk in late:
            chunk.drop()
        return chunks[len(late) :]

    def _follows(self, chunk: Chunk) -> bool:
        if chunk.recorder == self.recorder:
            return chunk.number == self.number
        return chunk.number == 0

    def _taken(self, chunk: Chunk) -> Chunk:
        expected = self.number if chunk.recorder == self.recorder else 0
        if chunk.number > expected:
            told = f"{expected} to {chunk.number - 1}"
            self.lost.append(f"chunks {told} of recorder {chunk.recorder} did not come")
        self.recorder, self.number = chunk.recorder, chunk.number + 1
        return chunk


class _Recording(io.RawIOBase):
    """One run of a recorder's chunks without a hole, read as a file that never goes back."""

    def __init__(self, queue: _Queue, recorder: int, beginning: bytes) -> None:
        super().__init__()
        self._queue, self._recorder = queue, recorder
        self._data = memoryview(beginning)
        self._over = False
        self.behind: Chunk | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._data and not self._over:
            self._more()
        part = self._data[: len(memoryview(buffer))]
        memoryview(buffer)[: len(part)] = part
        self._data = self._data[len(part) :]
        return len(part)

    def _more(self) -> None:
        lost = len(self._queue.lost)
        chunk = self._queue.next()
        if chunk is None or chunk.recorder != self._recorder or len(self._queue.lost) > lost:
            self._over, self.behind = True, chunk
            return
        self._data = memoryview(chunk.take())


class PushSource(LiveSource):
    """What arrives in one inbox; `patience` is how long nothing may come, in seconds."""

    def __init__(self, url: str, *, stop: threading.Event, patience: float) -> None:
        """Wait for the first chunk; raises BadInputError if none comes or it holds no video."""
        self._inbox = inbox = Inbox(Path(url.removeprefix(PUSHED)))
        self._late = threading.Event()
        self._chunks = _Queue(inbox, lambda: self._gone() or self._late.is_set(), self._pause)
        self._waiting: Chunk | None = None
        self._recording: _Recording | None = None
        timer = threading.Timer(patience, self._late.set)
        timer.daemon = True
        timer.start()
        try:
            super().__init__(url, stop=stop, transport="", patience=patience)
        finally:
            timer.cancel()
            self._late.clear()

    def _pause(self, seconds: float) -> None:
        self._closing.wait(seconds)

    def _connect(self) -> InputContainer:
        chunk, self._waiting = self._waiting or self._chunks.next(), None
        while chunk is not None:
            if chunk.kind is ChunkKind.JPEG:
                self._waiting = chunk
                return _picture(chunk.path.read_bytes())
            container = self._entered(chunk)
            if container is not None:
                return container
            behind = self._recording.behind if self._recording else None
            chunk = behind or self._chunks.next()
        self._ended.set()
        raise BadInputError(f"SOURCE {self._url}: nothing that can be played was pushed there")

    def _entered(self, chunk: Chunk) -> InputContainer | None:
        """Open a recorder's stream at a chunk, None where that gives nothing to play."""
        self._recording = None
        beginning = self._beginning(chunk)
        if not beginning:
            return None
        self._recording = _Recording(self._chunks, chunk.recorder, beginning)
        try:
            return open_container(self._recording, self._options, form=str(chunk.kind))
        except BadInputError:
            return None

    def _beginning(self, chunk: Chunk) -> bytes:
        """Return a chunk as something that can be entered, empty where it cannot."""
        data = chunk.take()
        entry = data.find(_ENTRY[chunk.kind]) - _BEFORE_ENTRY[chunk.kind]
        if chunk.number == 0:
            self._inbox.keep_header(chunk.recorder, data[:entry] if entry > 0 else data)
            return data
        header = self._inbox.header(chunk.recorder)
        return header + data[entry:] if header and entry >= 0 else b""

    def _take(self, container: InputContainer, number: int) -> bool:
        if self._waiting is not None:
            return self._take_pictures(number)
        try:
            return super()._take(container, number)
        finally:
            self._waiting = self._recording.behind if self._recording else None

    def _take_pictures(self, number: int) -> bool:
        """Queue still pictures as packets whose time is the one that was pushed with them."""
        chunk, self._waiting = self._waiting, None
        came = False
        while chunk is not None and chunk.kind is ChunkKind.JPEG and not self._gone():
            packet = _packet(chunk)
            came = (packet is not None and self._queued(packet, number)) or came
            chunk = self._chunks.next()
        self._waiting = chunk
        return came

    def _lost(self) -> str:
        told, self._chunks.lost = "; ".join(self._chunks.lost), []
        return told


def _picture(data: bytes) -> InputContainer:
    return open_container(io.BytesIO(data), form="mjpeg")


def _packet(chunk: Chunk) -> VideoPacket | None:
    """Return a picture as the one packet of a stream, None where it is damaged."""
    try:
        container = _picture(chunk.take())
        stream = video_stream(container, chunk.path.name)
        packet = next(packet for packet in container.demux(stream) if packet.size)
    except (BadInputError, av.FFmpegError, OSError, StopIteration):
        return None
    packet.pts = packet.dts = round(chunk.at_ms / 1000 / float(packet.time_base or 1))
    return packet
