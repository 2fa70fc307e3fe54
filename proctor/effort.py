"""How hard a process looks: the published order in which it does less when it cannot keep up.

What is given up first costs the least certainty. No step gives up decoding evidence: packets are
kept and clips are whole at every step.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """One step.

    step: 0 is everything. says: what is done less, for ledger and log. things: how many times
    longer phones and people may be left alone. rate: pictures analysed a second at most, None the
    profile's. keys_only: nothing but keyframes is decoded.
    """

    step: int
    says: str
    things: float = 1.0
    rate: float | None = None
    keys_only: bool = False


STEPS = (
    Effort(0, "everything"),
    Effort(1, "phones and people half as often", things=2.0),
    Effort(2, "phones and people a quarter as often", things=4.0),
    Effort(3, "three pictures a second", things=4.0, rate=3.0),
    Effort(4, "one picture a second", things=8.0, rate=1.0),
    Effort(5, "keyframes only", things=8.0, rate=1.0, keys_only=True),
)
FULL = STEPS[0]
