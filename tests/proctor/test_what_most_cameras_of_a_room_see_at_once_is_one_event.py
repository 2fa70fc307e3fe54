from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from proctor.room import Seen, room_changes, seen_of

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def seen(camera: int, at: float, lasts: float = 5.0, kind: str = "camera_covered") -> Seen:
    start = NOON + timedelta(seconds=at)
    return Seen(f"seat-{camera}", 1 + int(at), kind, start, start + timedelta(seconds=lasts))


def test_a_light_that_goes_out_is_one_event_that_ends_when_most_see_again() -> None:
    events = [seen(camera, 0.1 * camera, lasts=camera + 3.0) for camera in range(6)]
    (change,) = room_changes(events, cameras=8)
    assert change.start == NOON
    assert change.cameras == 6
    assert change.end == NOON + timedelta(seconds=0.1 + 4)
    assert set(change.explains) == set(events)


def test_half_of_the_cameras_are_not_most() -> None:
    assert room_changes([seen(camera, 0.0) for camera in range(4)], cameras=8) == []


def test_one_camera_again_and_again_is_not_the_room() -> None:
    assert room_changes([seen(1, 0.1 * at) for at in range(12)], cameras=8) == []


def test_cameras_that_fail_one_after_the_other_speak_for_themselves() -> None:
    assert room_changes([seen(camera, 3.0 * camera) for camera in range(8)], cameras=8) == []


def test_two_cameras_are_no_room() -> None:
    assert room_changes([seen(1, 0), seen(2, 0)], cameras=2) == []


def test_only_equipment_is_counted_and_wall_time_places_it() -> None:
    event = {
        "event": 4,
        "kind": "signal_lost",
        "group": "equipment",
        "start": 7.0,
        "end": 9.5,
        "wall": "2027-03-01T12:00:01.000Z",
    }
    (one,) = seen_of("seat-1", [event, event | {"group": "conduct", "kind": "phone"}])
    assert (one.start - NOON, one.end - one.start) == (
        timedelta(seconds=1),
        timedelta(seconds=2.5),
    )


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 60)), max_size=40, unique=True),
    st.randoms(use_true_random=False),
)
def test_order_does_not_matter_and_no_event_is_explained_twice(cases, chance) -> None:
    events = [seen(camera, float(at)) for camera, at in cases]
    found = room_changes(events, cameras=8)
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert room_changes(shuffled, cameras=8) == found
    explained = [one for change in found for one in change.explains]
    assert len(explained) == len(set(explained))
    assert all(2 * len({one.stream for one in change.explains}) > 8 for change in found)
