from __future__ import annotations

from typing import TYPE_CHECKING

from exam.live.streams import STILLS
from exam.people.roles import Actor, Role
from proctor.ledger.lines import LineType
from proctor.stills import Stills
from tests.live.conftest import Worker, forward_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient


def line(kind: LineType, event: int) -> dict[str, object]:
    return {"type": kind, "payload": {"event": event}}


def test_the_newest_picture_is_kept_when_an_event_opens_and_only_then(tmp_path: Path) -> None:
    stills = Stills(tmp_path)
    stills.event(line(LineType.OPENED, 1))  # no picture has come yet
    stills.tile(b"first")
    stills.event(line(LineType.OPENED, 2))
    stills.tile(b"second")
    stills.event(line(LineType.CLOSED, 2))
    assert [x.name for x in (tmp_path / STILLS).iterdir()] == ["0002.jpg"]
    assert (tmp_path / STILLS / "0002.jpg").read_bytes() == b"first"


def test_only_those_who_see_people_get_it(
    worker: Worker,
    client_of: Callable[[Actor], FlaskClient],
    actor_with: Callable[..., Actor],
) -> None:
    number = worker.seen(severity="alert")
    worker.clip(number)
    (worker.folder / STILLS).mkdir()
    (worker.folder / STILLS / f"{number:04}.jpg").write_bytes(b"a picture")
    forward_all(worker)
    examiner = client_of(actor_with(Role.EXAMINER))
    page = examiner.get("/wall").get_data(as_text=True)
    poster = page.split('poster="')[1].split('"')[0]
    assert examiner.get(poster).data == b"a picture"
    operator = client_of(actor_with(Role.SITE_OPERATOR))
    assert operator.get(poster).status_code == 403
