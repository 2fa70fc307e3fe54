import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.effort import STEPS, Effort
from proctor.fleet.costs import cost_ms, share_left
from proctor.fleet.governor import FullError, Governor
from proctor.link import Shape

SMALL = Shape(640, 480, 10.0)


class Machine:
    """A clock and a processor that the test moves by hand."""

    def __init__(self, **changes: float) -> None:
        self.now = self.used = 0.0
        self.steps: list[Effort] = []
        self.governor = Governor(
            pace=changes.get("pace", 1.0),
            clock=lambda: self.now,
            processor=lambda: self.used,
            on_step=self.steps.append,
        )

    def run(self, seconds: float, *, late: float, load: float) -> None:
        """Let five pictures a second fall due, a share of them late, at a share of a core."""
        owed = 0.0
        for _ in range(round(seconds * 5)):
            self.now += 0.2
            self.used += 0.2 * load
            owed += late
            self.governor.note(late=owed >= 1)
            owed -= owed >= 1


def test_what_fits_is_admitted_and_one_more_is_told_how_many_fit() -> None:
    governor = Machine().governor
    fit = int(governor.left_ms // cost_ms(SMALL))
    for number in range(fit):
        governor.admit(f"seat-{number}", SMALL)
    with pytest.raises(FullError, match=f"640x480 at 10 a second.*{fit} that are watched: 0 more"):
        governor.admit("one-more", SMALL)
    governor.release("seat-0")
    governor.admit("one-more", SMALL)


def test_a_slower_machine_admits_fewer() -> None:
    quick, slow = Machine().governor, Machine(pace=2.0).governor
    assert quick.left_ms // cost_ms(SMALL) > slow.left_ms // cost_ms(SMALL, pace=2.0)
    large = Shape(3840, 2160, 25.0)
    with pytest.raises(FullError, match="0 more fit"):
        slow.admit("wall", large)


def test_a_camera_that_is_admitted_again_takes_one_place() -> None:
    governor = Machine().governor
    governor.admit("seat", SMALL)
    left = governor.left_ms
    governor.admit("seat", SMALL)
    assert governor.left_ms == left


def test_lateness_goes_down_the_published_steps_one_by_one() -> None:
    machine = Machine()
    machine.run(60, late=0.5, load=1.0)
    assert [effort.step for effort in machine.steps] == list(range(1, len(STEPS)))


def test_a_single_late_picture_changes_nothing() -> None:
    machine = Machine()
    machine.run(60, late=0.02, load=0.7)
    assert machine.steps == []


def test_it_looks_harder_again_after_half_a_minute_without_lateness() -> None:
    machine = Machine()
    machine.governor.admit("seat", SMALL)
    machine.run(5, late=0.5, load=1.0)
    assert machine.governor.effort().step == 1
    machine.run(40, late=0.0, load=0.3)
    assert machine.governor.effort().step == 0


def test_it_stays_where_it_is_while_the_core_is_full() -> None:
    machine = Machine()
    machine.governor.admit("seat", SMALL)
    machine.run(5, late=0.5, load=1.0)
    machine.run(120, late=0.0, load=0.95)
    assert machine.governor.effort().step == 1


@given(st.integers(1, 3840), st.integers(1, 2160), st.floats(1.0, 60.0), st.sampled_from(STEPS[1:]))
def test_each_step_is_cheaper_than_the_one_before(
    width: int, height: int, rate: float, effort: Effort
) -> None:
    shape = Shape(width, height, rate)
    before = STEPS[effort.step - 1]
    assert 0 < share_left(shape, effort) < share_left(shape, before) <= 1.0
