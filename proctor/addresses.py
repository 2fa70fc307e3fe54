"""What a source is, by how it is written: a file, a camera, or what a browser pushes."""

DEVICE = "/dev/video"
PUSHED = "push:"
_LIVE = ("rtsp://", "rtsps://", "rtmp://", DEVICE)


def is_live(source: str) -> bool:
    """Tell whether a source is a stream or a device."""
    return source.startswith(_LIVE)


def is_pushed(source: str) -> bool:
    """Tell whether a source is a folder into which chunks of a recording are put."""
    return source.startswith(PUSHED)


def is_file(source: str) -> bool:
    """Tell whether a source is a file, which ends and can be played again."""
    return not ("://" in source or source.startswith("/dev/") or is_pushed(source))
