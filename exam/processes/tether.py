"""Becomes another program that ends when its parent does, even if the parent is killed.

Run as a script of its own, `tether.py PARENT SIGNAL USER PROGRAM ARGUMENT...`: what has to happen
between fork and exec happens here, in a process with one thread. The kernel's tie is Linux's;
elsewhere a killed parent leaves its children, and an orderly one does not.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys

SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
CANNOT_START = 127


def main(parent: int, number: int, user: str, argv: list[str]) -> None:
    """Ties this process to `parent` by the signal `number`, then becomes `argv` as `user`."""
    if user:
        _become(user)
    # After the change of user, which would undo the tie.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, number)
    if os.getppid() != parent:
        sys.exit("tether: the parent ended before its child began")
    # Python ignores it for itself; a program started from here expects the usual.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        print(f"{argv[0]} cannot be started: {error.strerror}", file=sys.stderr)
        sys.exit(CANNOT_START)


def _become(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
