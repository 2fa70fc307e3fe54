"""What one look says about one kind: yes, no or unknown."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """yes, no or unknown (None); when a yes began if known better than now; numbers behind it."""

    yes: bool | None
    onset: float | None = None
    facts: dict[str, int] = field(default_factory=dict)


UNKNOWN = Answer(None)
