"""The type of a video packet: generic in PyAV's stubs, plain at run time."""

from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from av.video.stream import VideoStream

    VideoPacket = av.Packet[VideoStream]
else:
    VideoPacket = av.Packet
