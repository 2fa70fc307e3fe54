"""Where a camera's picture may come from: a file of ours, a device, or a camera on our own network.

Whoever may name a camera makes a process of ours open a connection. So an address is let through
only if the installation has named its network (or the very host name) and its port: never by what
a name happens to resolve to, and never the addresses at which machines talk about themselves.
"""

import re
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from flask_babel import lazy_gettext as _

from exam.config import Settings
from exam.errors import InvalidInput

SOURCE_MAX = 300
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}
FILM_NAMES = frozenset({".mp4", ".mkv", ".webm", ".mov", ".avi", ".ts"})
_DEVICE = re.compile(r"/dev/video\d{1,3}")
PUSHED = "push:"
_INBOX = re.compile(r"/[0-9a-f]{32}")
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
_FILE = re.compile(r"[^:|]+")


class Reach(NamedTuple):
    """What an installation lets its camera workers reach."""

    data_folder: Path
    hosts: tuple[str, ...]
    """Networks, and host names."""
    ports: tuple[int, ...]


def reach_of(settings: Settings) -> Reach:
    """Return what the installation's settings allow."""
    return Reach(settings.data_folder, settings.camera_hosts, settings.camera_ports)


def check_source(source: str, reach: Reach, *, stream: str = "") -> None:
    """Let a source through, or say what to change.

    stream: the camera's own, where the source may be what exam itself wrote for a candidate's
    browser; nobody names such a one when putting a camera into the house.

    Raises:
        InvalidInput: of another kind, outside the data folder, or outside the camera networks.
    """
    if not source or len(source) > SOURCE_MAX or _ODD.search(source):
        raise _refused(_("Write the source in 1 to 300 letters, without spaces and backslashes."))
    if stream and source.startswith(PUSHED):
        if not _INBOX.fullmatch(source.removeprefix(f"{PUSHED}{stream}")):
            raise _refused(_("What a browser sends goes to its own camera only."))
    elif "://" in source:
        _check_address(source, reach)
    elif source.startswith("/dev/"):
        if not _DEVICE.fullmatch(source):
            raise _refused(_("A device is written as /dev/video and a number."))
    else:
        _check_file(source, reach.data_folder)


def _check_file(source: str, data_folder: Path) -> None:
    """A colon would let the video library read other protocols out of a name."""
    folder = data_folder.resolve()
    inside = (folder / source).resolve().is_relative_to(folder)
    plain = _FILE.fullmatch(source) and not source.startswith(("/", "~", "-"))
    if not (inside and plain) or Path(source).suffix.lower() not in FILM_NAMES:
        raise _refused(_("Name a video file by its path below the data folder, or an address."))


def _check_address(source: str, reach: Reach) -> None:
    parts = _split(source)
    if parts is None or parts.scheme not in DEFAULT_PORTS:
        raise _refused(_("A camera's address begins with rtsp:// or rtsps:// and names a host."))
    if (parts.port or DEFAULT_PORTS[parts.scheme]) not in reach.ports:
        raise _refused(_("This port is not one that cameras use here (KAOCHANG_CAMERA_PORTS)."))
    if not _is_camera_host(parts.hostname or "", reach.hosts):
        raise _refused(_("This host is not on a network of cameras (KAOCHANG_CAMERA_HOSTS)."))


def _split(source: str) -> SplitResult | None:
    try:
        parts = urlsplit(source)
        # Both are read when asked for, and an impossible port shows only then.
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if sound else None


def _is_camera_host(host: str, allowed: tuple[str, ...]) -> bool:
    try:
        address = _plain(ip_address(host))
    except ValueError:
        # Not an address as everybody writes it: "0x7f.1" and "2130706433" are names like others.
        return host.lower() in {entry.lower() for entry in allowed}
    # Cloud and site controllers answer at link-local addresses whatever network was allowed.
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    networks = (_network(entry) for entry in allowed)
    return any(address in network for network in networks if network is not None)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address written as one of IPv6 counts as what it is."""
    return getattr(address, "ipv4_mapped", None) or address


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(entry, strict=False)
    except ValueError:
        return None


def _refused(message: object) -> InvalidInput:
    return InvalidInput(message, field="source")
