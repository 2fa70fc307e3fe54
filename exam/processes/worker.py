"""The web server's worker: nobody holds a thread by not reading, or by sending half a request.

gunicorn's threads wait for ever in a write to a client that has stopped to read. As many such
clients as there are threads would make the house deaf, without a single wrong request.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any, ClassVar

from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    from collections.abc import Mapping


class BoundedWorker(ThreadWorker):
    """Threads that give up a client without progress.

    `patience` is in seconds, for each wait: until a client takes more of what is written, and until
    it sends more. The latter is longer than the time between two pings of a live connection (25 s),
    whose thread waits in the same read.
    """

    patience: ClassVar[Mapping[int, int]] = {socket.SO_SNDTIMEO: 30, socket.SO_RCVTIMEO: 60}

    def handle(self, conn: Any) -> Any:
        """Serve one request of a connection, as gunicorn does, with bounded waits."""
        for option, seconds in self.patience.items():
            # The kernel's own bound: Python's would turn the socket into one that never blocks.
            conn.sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))
        return super().handle(conn)
