"""What one look says about one kind: yes, no or unknown."""

from dataclasses import dataclass, field

from proctor.health import Box


@dataclass(frozen=True)
class Answer:
    """yes, no or unknown (None); when a yes began if known better than now; numbers behind it.

    lasted: seconds over which several looks of a dear network have agreed on a yes so far.
    boxes: where in the frame it was found (x, y, width, height in pixels), faces apart.
    """

    yes: bool | None
    onset: float | None = None
    lasted: float = 0.0
    facts: dict[str, int] = field(default_factory=dict)
    boxes: tuple[Box, ...] = ()


UNKNOWN = Answer(None)
