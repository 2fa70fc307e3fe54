"""What one camera's watch does differently because of the others: looks less hard, says less."""

from proctor.effort import FULL, Effort
from proctor.fusion import Stretch
from proctor.kinds import Kind
from proctor.link import Link
from proctor.packets import VideoPacket
from proctor.recorder import Recorder

SHARED = frozenset({Kind.CAMERA_COVERED, Kind.CAMERA_MOVED, Kind.CAMERA_FROZEN, Kind.SIGNAL_LOST})
"""What may befall most cameras of a room at once."""


class Pacer:
    """Follows the effort that the process can afford, and writes each change into the ledger."""

    def __init__(self, rate: float, link: Link, recorder: Recorder) -> None:
        """Take the profile's pictures a second."""
        self._rate, self._link, self._recorder = rate, link, recorder
        self._effort, self._since = FULL, 0.0
        self._credit = 0.0
        self._waits_for_key = False

    def decodes(self, packet: VideoPacket, time: float) -> bool:
        """Tell whether a packet is to be decoded; after keyframes alone only from one on."""
        self._follow(time)
        if self._effort.keys_only:
            self._waits_for_key = True
        if not self._waits_for_key or packet.is_keyframe or not packet.size:
            self._waits_for_key = self._effort.keys_only
            return True
        return False

    def looks(self) -> bool:
        """Tell whether a picture that is due is to be analysed at this effort."""
        if self._effort.rate is None or self._effort.rate >= self._rate or self._effort.keys_only:
            return True
        self._credit += self._effort.rate / self._rate
        if self._credit < 1.0 - 1e-9:
            return False
        self._credit -= 1.0
        return True

    def finish(self, time: float) -> None:
        """Write how long less was looked at, where that is still so at the end."""
        self._close(time)

    def _follow(self, time: float) -> None:
        effort: Effort = self._link.effort()
        if effort.step == self._effort.step:
            return
        self._close(time)
        self._effort, self._since = effort, time
        if effort.step:
            self._recorder.gap(time, time, f"less effort, step {effort.step}: {effort.says}")

    def _close(self, time: float) -> None:
        step, says = self._effort.step, self._effort.says
        if step:
            self._recorder.gap(self._since, time, f"was at less effort, step {step}: {says}")
            self._effort = FULL


class Faults:
    """Tells the room of this camera's faults, and is silent about them while the room changes."""

    def __init__(self, link: Link) -> None:
        """Take the camera's link to its room."""
        self._link = link
        self._told: set[Kind] = set()

    def heard(self, kind: Kind, *, yes: bool | None) -> bool | None:
        """Return the answer as it may be claimed: a fault of the whole room is nobody's own."""
        return None if yes and kind in SHARED and self._link.room_changing() else yes

    def tell(self, stretch: Stretch, time: float) -> None:
        """Tell the room where one of the shared faults begins or is over."""
        begun = stretch.begun
        if begun is not None and stretch.kind not in self._told:
            self._told.add(stretch.kind)
            self._link.told(stretch.kind, max(0.0, time - begun))
        elif begun is None and stretch.kind in self._told:
            self._told.discard(stretch.kind)
            self._link.told(stretch.kind, None)
