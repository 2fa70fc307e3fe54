"""A camera made of a file: an RTSP server that plays it for ever and can be told to misbehave.

For the demo and the tests. RTSP 1.0 (RFC 2326) with one H.264 track by RTP (RFC 6184), over the
same connection or UDP, Basic or Digest authentication. It can fall silent, drop packets, repeat
one picture, let its clock jump and hang up.
"""

import base64
import secrets
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av

from proctor.digest import DigestDoor
from proctor.errors import BadInputError

_CLOCK = 90_000
_LARGEST = 1400
_SPS, _PPS, _FRAGMENT, _IDR = 7, 8, 28, 5
_START = b"\0\0\1"


@dataclass
class Faults:
    """What the camera does wrong right now; may be changed while it plays.

    silent: sends nothing. lost: share of RTP packets that are dropped. frozen: the last key
    picture again and again. jump: seconds by which its clock is off. spoil: what the network makes
    of each answer and packet before it arrives.
    """

    silent: bool = False
    lost: float = 0.0
    frozen: bool = False
    jump: float = 0.0
    spoil: Callable[[bytes], bytes] = bytes


@dataclass(frozen=True)
class _Recording:
    units: list[list[bytes]]
    fps: float
    sps: bytes
    pps: bytes


class CameraSimulator:
    """Serves one H.264 file at `url` from `start` to `stop`."""

    def __init__(
        self,
        video: Path,
        *,
        port: int = 0,
        user: str = "",
        password: str = "",
        digest: bool = False,
    ) -> None:
        """Read the file and take a port of this machine; raises BadInputError.

        digest: the password is to be proven, not sent.
        """
        self.faults = Faults()
        self._recording = _recorded(video)
        self._door: Door | None = None
        if user:
            self._door = DigestDoor(user, password) if digest else _BasicDoor(user, password)
        camera = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                camera.serve(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", port), Handler)
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        credentials = f"{user}:{password}@" if user else ""
        self.url = f"rtsp://{credentials}127.0.0.1:{self._server.server_address[1]}/camera"

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up and give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self.hang_up()
        self._thread.join()

    def hang_up(self) -> None:
        """Break all connections, as a rebooting camera does."""
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                self._connections.discard(connection)

    def serve(self, handler: socketserver.StreamRequestHandler) -> None:
        """Answer one connection's requests until it ends."""
        connection: socket.socket = handler.connection
        self._connections.add(connection)
        stopped = threading.Event()
        talk = _Conversation(connection, self._recording, self._door, self.faults)
        try:
            while (request := _request(handler)) is not None:
                if talk.answer(*request):
                    player = _Player(self._recording, self.faults, stopped, talk.sender())
                    threading.Thread(target=player.play, daemon=True).start()
        except OSError:
            pass
        finally:
            stopped.set()
            talk.close()
            self._connections.discard(connection)


class _BasicDoor:
    """Lets one user in who sends the password as it is."""

    challenge = 'Basic realm="camera"'

    def __init__(self, user: str, password: str) -> None:
        self._login = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"

    def lets_in(self, authorization: str, _method: str, _uri: str) -> bool:
        return secrets.compare_digest(authorization.encode(), self._login.encode())


Door = DigestDoor | _BasicDoor


class _Conversation:
    """The requests of one client."""

    def __init__(
        self, connection: socket.socket, recording: _Recording, door: "Door | None", faults: Faults
    ) -> None:
        self._connection, self._recording, self._door = connection, recording, door
        self._faults = faults
        self._send: Callable[[bytes], None] = self._interleaved
        self._line: socket.socket | None = None

    def sender(self) -> Callable[[bytes], None]:
        return self._send

    def close(self) -> None:
        """Give the UDP port back, if there is one."""
        if self._line is not None:
            self._line.close()

    def answer(self, method: str, uri: str, headers: dict[str, str]) -> bool:
        """Answer a request; True when playing should begin."""
        reply, body = [f"CSeq: {headers.get('cseq', '0')}"], ""
        status = "200 OK"
        door, proof = self._door, headers.get("authorization", "")
        if door is not None and not door.lets_in(proof, method, uri):
            status = "401 Unauthorized"
            reply.append(f"WWW-Authenticate: {door.challenge}")
        elif method == "OPTIONS":
            reply.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif method == "DESCRIBE":
            body = _description(self._recording)
            reply += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif method == "SETUP":
            reply += [f"Transport: {self._transport(headers['transport'])}", "Session: 1"]
        else:
            reply.append("Session: 1")
        lines = "\r\n".join([f"RTSP/1.0 {status}", *reply])
        self._connection.sendall(self._faults.spoil(f"{lines}\r\n\r\n{body}".encode()))
        return method == "PLAY" and status == "200 OK"

    def _transport(self, asked: str) -> str:
        if "TCP" in asked:
            return "RTP/AVP/TCP;unicast;interleaved=0-1"
        ports = asked.partition("client_port=")[2].partition(";")[0].split("-")
        peer = (self._connection.getpeername()[0], int(ports[0]))
        self.close()
        line = self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.bind(("127.0.0.1", 0))
        self._send = lambda packet: _sent(line, packet, peer)
        own = line.getsockname()[1]
        return f"RTP/AVP;unicast;client_port={'-'.join(ports)};server_port={own}-{own + 1}"

    def _interleaved(self, packet: bytes) -> None:
        self._connection.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)


@dataclass
class _Player:
    """Sends the recording to one client at its own speed."""

    recording: _Recording
    faults: Faults
    stopped: threading.Event
    send: Callable[[bytes], None]
    number: int = field(default_factory=lambda: secrets.randbelow(65536))
    dropped: float = 0.0

    def play(self) -> None:
        began, index, key = time.monotonic(), 0, 0
        units = self.recording.units
        try:
            while not self.stopped.is_set():
                at = index % len(units)
                key = at if not self.faults.frozen and _is_key(units[at]) else key
                if not self.faults.silent:
                    shown = key if self.faults.frozen else at
                    clock = int((index / self.recording.fps + self.faults.jump) * _CLOCK)
                    self._unit(units[shown], clock & 0xFFFFFFFF)
                index += 1
                self.stopped.wait(max(0.0, began + index / self.recording.fps - time.monotonic()))
        except OSError:
            self.stopped.set()

    def _unit(self, unit: list[bytes], clock: int) -> None:
        for position, part in enumerate(unit):
            last = position == len(unit) - 1
            if len(part) <= _LARGEST:
                self._packet(part, clock, marked=last)
                continue
            indicator, kind, body = part[0] & 0xE0 | _FRAGMENT, part[0] & 31, part[1:]
            for at in range(0, len(body), _LARGEST):
                end = at + _LARGEST >= len(body)
                header = bytes([indicator, (at == 0) << 7 | end << 6 | kind])
                self._packet(header + body[at : at + _LARGEST], clock, marked=last and end)

    def _packet(self, payload: bytes, clock: int, *, marked: bool) -> None:
        self.number = (self.number + 1) & 0xFFFF
        self.dropped += self.faults.lost
        if self.dropped >= 1.0:
            self.dropped -= 1.0
        else:
            head = struct.pack(">BBHII", 128, 96 | marked << 7, self.number, clock, 7)
            self.send(self.faults.spoil(head + payload))


def _recorded(video: Path) -> _Recording:
    try:
        with av.open(str(video)) as source:
            stream = source.streams.video[0]
            to_units = av.BitStreamFilterContext("h264_mp4toannexb", stream)
            packets = [
                bytes(made) for packet in source.demux(stream) for made in to_units.filter(packet)
            ]
            fps = float(stream.average_rate or 25)
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise BadInputError(f"video {video}: no H.264 file that can be played") from error
    units = [_parts(packet) for packet in packets if packet]
    kinds = {part[0] & 31: part for unit in units for part in unit}
    if _SPS not in kinds or _PPS not in kinds:
        raise BadInputError(f"video {video}: no H.264 file that can be played")
    return _Recording(units, fps, kinds[_SPS], kinds[_PPS])


def _parts(packet: bytes) -> list[bytes]:
    return [part.rstrip(b"\0") for part in packet.split(_START) if part.strip(b"\0")]


def _is_key(unit: list[bytes]) -> bool:
    return any(part[0] & 31 == _IDR for part in unit)


def _description(recording: _Recording) -> str:
    sets = ",".join(base64.b64encode(x).decode() for x in (recording.sps, recording.pps))
    lines = [
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        "s=camera",
        "t=0 0",
        "m=video 0 RTP/AVP 96",
        f"a=rtpmap:96 H264/{_CLOCK}",
        f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}",
        "a=control:track0",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _request(handler: socketserver.StreamRequestHandler) -> tuple[str, str, dict[str, str]] | None:
    """Read one request, passing over the client's own RTCP; None at the end."""
    lines: list[str] = []
    while line := handler.rfile.readline():
        if line[:1] == b"$":
            size = struct.unpack(">H", (line + handler.rfile.read(4 - len(line)))[2:4])[0]
            handler.rfile.read(size - max(0, len(line) - 4))
            continue
        text = line.decode("latin-1").strip()
        if text:
            lines.append(text)
        elif lines:
            headers = dict(part.split(": ", 1) for part in lines[1:] if ": " in part)
            method, uri, *_ = [*lines[0].split(), ""]
            return method, uri, {name.lower(): value for name, value in headers.items()}
    return None


def _sent(line: socket.socket, packet: bytes, peer: tuple[str, int]) -> None:
    line.sendto(packet, peer)
