"""What single acts of people cost: processor seconds of the web process and of the database.

`python -m benchmarks.acts [registration|round|hall …]` makes small worlds of an office's size on an
embedded database of its own, and prints one line for each act, the best of its tries.
`docs/pages.md` holds the figures and what follows from them.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import sqlalchemy as sa
from flask import g

from exam import create_app
from exam.booking.models import Application, Booking
from exam.booking.rules import Wish
from exam.booking.services import applications, publishing, rounds, solving
from exam.clock import FixedClock
from exam.db import db
from exam.examday import services as day_services
from exam.people.sign_in import manager
from exam.policy.subjects import Subject
from exam.processes.postgres import EmbeddedPostgres
from exam.registration.confirmation import Confirmation, confirm_many
from exam.registration.models import Case
from exam.registration.reading import delivery_of
from exam.registration.uploads import register_rows
from tests.booking import factories as booking
from tests.databases import Databases, empty
from tests.entering import put_in
from tests.examday import factories as examday
from tests.registration import factories as registration
from tests.registration.files import xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from exam.people.roles import Actor
    from exam.registration.rows import RawRow

SIZES = (100, 200, 1000, 3000)
"""Rows of a table."""
APPLICATIONS = 3000
SEATED = 500
"""Sittings of a large site's day."""


@dataclass
class Bench:
    """An application, and the processes whose work counts."""

    app: Flask
    clock: FixedClock
    data: Path
    server: psutil.Process

    def spent(self) -> float:
        """Processor seconds so far, of this process and of the database."""
        used = time.process_time()
        for process in (self.server, *self.server.children(recursive=True)):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            used += times.user + times.system
        return used

    def cost(self, name: str, act: Callable[[], object], tries: int = 1) -> None:
        """Print the least that the act took; an act that cannot be repeated has one try."""
        found = []
        for _ in range(tries):
            # What making the world left behind is no cost of the act.
            gc.collect()
            gc.freeze()
            before = self.spent()
            act()
            found.append(self.spent() - before)
        sys.stdout.write(f"{name}: {min(found):.2f} s\n")
        sys.stdout.flush()

    def page(self, actor: Actor, path: str, *, post: bool = False) -> TestResponse:
        """What somebody's browser gets; a page that fails ends the measurement."""
        client = self.app.test_client()
        with client.session_transaction() as kept:
            put_in(kept, actor.account_id)
        for name in list(g):
            g.pop(name)
        answer = client.post(path) if post else client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:500]}")
        _ = answer.data
        db.session.rollback()
        return answer


def registration_acts(bench: Bench) -> None:
    """Uploads, findings, slips and the reviewer's list, up to 3,000 people."""
    bench.clock.move_to(registration.NOW)
    house = registration.make_house()
    first = 2
    for count in SIZES:
        _one_upload(bench, house, range(first, first + count))
        first += count
        db.session.expunge_all()
    _review(bench, house)


def _one_upload(bench: Bench, house: registration.House, numbers: range) -> None:
    count = len(numbers)
    rows = [registration.row(n, photo=None) for n in numbers]
    wrong = [registration.row(n, photo=None, phone="x") for n in numbers]
    table = xlsx(rows)
    bench.cost(f"reading a table of {count} rows", lambda: delivery_of("x.xlsx", table, None), 2)
    kept = []

    def register(these: list[RawRow], name: str) -> None:
        given = registration.delivery(these, sha256=f"{count}{name}".ljust(64, "0"))
        made = register_rows(house.clerk, given, now=registration.NOW, pack=registration.PACK)
        kept.append(made.id)

    bench.cost(f"registering {count} rows, all taken", lambda: register(rows, "taken"))
    bench.cost(f"registering {count} rows, all refused", lambda: register(wrong, "refused"))
    shown = f"/school/uploads/{kept[1]}"
    bench.cost(f"its page, {count} rows", lambda: bench.page(house.clerk, shown), 3)
    book = f"{shown}/findings.xlsx"
    bench.cost(f"{count} rows as findings.xlsx", lambda: bench.page(house.clerk, book), 2)
    slips = f"/school/uploads/{kept[0]}/codes"
    bench.cost(f"{count} slips", lambda: bench.page(house.clerk, slips, post=True), 2)


def _review(bench: Bench, house: registration.House) -> None:
    keys = db.session.scalars(sa.select(Case.id)).all()
    wishes = [Confirmation(case_id=x, mandate=True) for x in keys]
    bench.cost(
        f"confirming {len(keys)} in one call", lambda: confirm_many(wishes, now=registration.NOW)
    )
    for who, path in ((house.reviewer, "/review/"), (house.clerk, "/school/")):
        bench.cost(f"{path} with {len(keys)} people", lambda w=who, p=path: bench.page(w, p), 3)


def round_acts(bench: Bench) -> None:
    """A round of 3,000 applications, closed, published and downloaded."""
    bench.clock.move_to(booking.NOW)
    city = booking.make_city()
    drafts = [
        booking.session_draft(
            city, hour=h, seats=60, site=s, day=booking.FIRST_DAY + timedelta(days=d)
        )
        for d in range(5)
        for h in (8, 10, 13, 15)
        for s in ("north", "south")
    ]
    found = booking.make_round(city, booking.make_plan(city, drafts))
    people = booking.make_candidates(city, APPLICATIONS, permit_issued=None)
    wishes = [Wish(x.case_id, Subject.S1, any_session=True) for x in people]
    for start in range(0, len(wishes), 500):
        applications.apply_many(
            wishes[start : start + 500], found.id, now=booking.NOW, pack=booking.PACK
        )
    key = found.id
    bench.cost(
        f"closing a round of {APPLICATIONS}",
        lambda: rounds.close_round(city.planner, key, now=booking.NOW, reason="measured"),
    )
    solving.advance(now=booking.NOW, pack=booking.PACK, data_folder=bench.data)
    publishing.sign_round(city.planner, key, now=booking.NOW)
    db.session.expunge_all()
    bench.cost(
        f"publishing a round of {APPLICATIONS}",
        lambda: publishing.publish_round(city.leader, key, now=booking.NOW, data_folder=bench.data),
    )
    db.session.expunge_all()
    here = "/planning/rounds/R34"
    one = db.session.scalars(sa.select(Application).limit(1)).one()
    owner = next(x.actor for x in people if x.case_id == one.case_id)
    held = db.session.scalar(sa.select(sa.func.count()).select_from(Booking))
    sys.stdout.write(f"({held} bookings)\n")
    for who, path in (
        (city.planner, here),
        (city.planner, f"{here}/worth"),
        (city.planner, f"{here}/fairness"),
        (city.planner, "/planning/"),
        (city.planner, "/planning/replans/round/R34"),
        (city.leader, "/public/rounds/R34"),
        (city.leader, "/public/rounds/R34/everything.zip"),
        (owner, f"/my/booking/application/{one.id}"),
        (city.inspector, "/inspection/"),
    ):
        bench.cost(path, lambda w=who, p=path: bench.page(w, p), 2)


def hall_acts(bench: Bench) -> None:
    """A site's day with 500 sittings."""
    bench.clock.move_to(examday.REPORT)
    hall = examday.make_hall()
    day_id = hall.opened()
    booked = [examday.book(hall) for _ in range(SEATED)]
    bench.cost(
        f"taking in {SEATED} bookings",
        lambda: day_services.start_day(hall.site_id, examday.DAY, now=examday.REPORT),
    )
    drawn = examday.seat(hall, day_id, booked[0])
    for one in booked[1:60]:
        examday.arrive(hall, day_id, one)
    key = drawn.id
    bench.cost("hall, 500 of today", lambda: bench.page(hall.officer, f"/hall/day/{day_id}"), 3)
    closing = f"/hall/day/{day_id}/close"
    bench.cost("closing page, 500 of today", lambda: bench.page(hall.leader, closing), 3)
    bench.cost("board, 60 waiting", lambda: bench.page(hall.officer, "/board/north"), 3)
    her = booked[0].candidate
    bench.cost("draw, repeated", lambda: bench.page(her, f"/my/result/{key}/draw"), 3)


PARTS = {"registration": registration_acts, "round": round_acts, "hall": hall_acts}


def main(wanted: list[str]) -> None:
    """Measure the parts that are named, or all."""
    with tempfile.TemporaryDirectory(prefix="kaochang-acts-") as folder:
        server = EmbeddedPostgres(Path(folder, "data"), durable=False)
        with (
            server.running() as running,
            Databases(running.url(), "acts", "one").migrated("m") as url,
        ):
            pid = int(Path(folder, "data", "postmaster.pid").read_text("utf-8").split()[0])
            clock, data = FixedClock(registration.NOW), Path(folder, "files")
            data.mkdir()
            app = create_app(
                time=clock,
                database_url=url,
                secret_key="of the measurement alone, and longer than it has to be",  # noqa: S106 - a throwaway database
                data_folder=data,
                demo=True,
                secure_cookies=False,
            )
            app.config["WTF_CSRF_ENABLED"] = False
            manager.session_protection = None
            with app.app_context():
                bench = Bench(app, clock, data, psutil.Process(pid))
                for name in wanted or PARTS:
                    PARTS[name](bench)
                    db.session.remove()
                    empty(url)
                db.engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
