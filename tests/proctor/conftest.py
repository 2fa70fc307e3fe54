from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from proctor.compose import compose
from proctor.ledger.writer import LedgerWriter
from proctor.scenes import Part, Script
from proctor.scenes import portrait as picture_of

NORMAL = Part.NORMAL
TROUBLES = (
    (NORMAL, 8.0),
    (Part.FACE_ABSENT, 6.0),
    (NORMAL, 6.0),
    (Part.SEVERAL_FACES, 5.0),
    (NORMAL, 6.0),
    (Part.CAMERA_COVERED, 5.0),
    (NORMAL, 7.0),
)


@pytest.fixture(scope="session")
def session_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compose a session once for all tests that ask for the same script."""
    folder = tmp_path_factory.mktemp("sessions")
    made: dict[Script, Path] = {}

    def made_session(script: Script) -> Path:
        if script not in made:
            made[script] = folder / f"{len(made)}.mp4"
            compose(script, made[script])
        return made[script]

    return made_session


@pytest.fixture(scope="session")
def troubled(session_of: Callable[..., Path]) -> Path:
    """A session of 43 s in which the seat empties, a second person looks in, the lens is covered."""
    return session_of(Script("A", TROUBLES, seed=11, cover="flat"))


@pytest.fixture(scope="session")
def quiet(session_of: Callable[..., Path]) -> Path:
    """Twenty seconds in which nothing happens."""
    return session_of(Script("B", ((NORMAL, 20.0),), seed=12))


class SteppingClock:
    """A clock that goes on by a second at each reading, and can be set."""

    def __init__(self) -> None:
        self.now = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture(scope="session")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Write one picture of a person of the clips as a reference photo."""
    folder = tmp_path_factory.mktemp("portraits")

    def written(person: str, *, at: int = 20) -> Path:
        path = folder / f"{person}-{at}.png"
        path.write_bytes(picture_of(person, at=at))
        return path

    return written


@pytest.fixture
def make_writer(clock: SteppingClock) -> Callable[[Path], LedgerWriter]:
    return lambda folder: LedgerWriter(folder, clock=clock, key=None)
