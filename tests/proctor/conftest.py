import fcntl
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proctor.compose import compose
from proctor.kinds import View
from proctor.ledger.writer import LedgerWriter
from proctor.scenes import Part, Script
from proctor.scenes import portrait as picture_of
from proctor.settings import Settings
from proctor.watch import watch

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


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder once for all workers of a run; whoever comes second waits for the first."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = folder.with_suffix(".draft")
            draft.mkdir()
            make(draft)
            draft.rename(folder)
    return folder


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have in common."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "proctor"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def session_of(shared: Path) -> Callable[..., Path]:
    """Compose a session once for all tests that ask for the same script."""

    def made_session(script: Script) -> Path:
        name = hashlib.sha256(repr(script).encode()).hexdigest()[:16]

        def make(draft: Path) -> None:
            compose(script, draft / "session.mp4")

        return made_once(shared / name, make) / "session.mp4"

    return made_session


@pytest.fixture(scope="session")
def troubled(session_of: Callable[..., Path]) -> Path:
    """A session of 43 s in which the seat empties, a second person looks in, the lens is covered."""
    return session_of(Script("A", TROUBLES, seed=11, cover="flat"))


@pytest.fixture(scope="session")
def watched(troubled: Path, shared: Path) -> Path:
    """The folder of a watch of the troubled session, signed with KEY; copy it to change it."""

    def make(draft: Path) -> None:
        watch(troubled, Settings(view=View.SEAT, tile_every=0), draft, key=KEY)

    return made_once(shared / "watched", make)


@pytest.fixture(scope="session")
def quiet(session_of: Callable[..., Path]) -> Path:
    """Twelve seconds in which nothing happens."""
    return session_of(Script("B", ((NORMAL, 12.0),), seed=12))


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
