"""Notices that the pictures come from somewhere else than before.

Two signs: a picture of another size, and, just after the source broke off or its clock jumped, a
scene whose steady background is not the one that was there. A file spliced in without either is a
moved camera to us: no picture tells the two apart.
"""

_AFTER_BREAK = 2.0


class FeedGuard:
    """Remembers the size of one camera's pictures and when it last broke off."""

    def __init__(self) -> None:
        """Start without a picture."""
        self._size: tuple[int, int] | None = None
        self._broke_at: float | None = None

    def broke(self, time: float) -> None:
        """Take note that the source did not continue at `time` seconds."""
        self._broke_at = time

    def look(self, size: tuple[int, int], *, moved: bool | None, time: float) -> dict[str, int]:
        """Return the facts of a replaced feed, nothing where it goes on.

        size: height and width in pixels. moved: the answer for a moved camera to this picture.
        """
        before, self._size = self._size, size
        if before is not None and before != size:
            self._broke_at = None
            return {
                "height_before": before[0],
                "width_before": before[1],
                "height": size[0],
                "width": size[1],
            }
        if self._broke_at is None or moved is None:
            return {}
        passed, replaced = time - self._broke_at, moved
        if replaced or passed > _AFTER_BREAK:
            self._broke_at = None
        return {"after_break_ms": round(1000 * passed)} if replaced else {}
