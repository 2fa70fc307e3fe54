"""Hall officer, examiner, planner and duty leader do their day's work with scripts switched off."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from exam.booking.models import Round, RoundState
from exam.booking.rules import Wish
from exam.booking.services import applications, solving
from exam.db import db
from exam.examday import services as day_services
from exam.examday.models import ExamDay, SittingState
from exam.policy.subjects import Subject
from exam.vision.rules import AnswerState
from exam.vision.worker import answer_next
from tests.booking import factories as booking
from tests.examday import factories as examday
from tests.registration import factories as registration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from exam.clock import FixedClock
    from exam.people.roles import Actor

pytestmark = pytest.mark.browser
REASON = "考场明日停电检修"


def entered(quiet: Callable[[], Page], actor: Actor) -> Page:
    """A window of their own, signed in by the form."""
    page = quiet()
    name = registration.give_password(actor)
    page.goto("/sign-in")
    page.locator("#username").fill(name)
    page.locator("#password").fill(registration.PASSWORD)
    press(page, "main form .btn-primary")
    expect(page).not_to_have_url(re.compile("/sign-in"))
    return page


def press(page: Page, target: str) -> None:
    wanted = page.locator(target)
    expect(wanted).to_have_count(1)
    with page.expect_navigation():
        wanted.click()


def test_a_test_is_taken_from_the_opening_of_the_day_to_the_examiners_signature(
    quiet: Callable[[], Page], clock: FixedClock
) -> None:
    clock.move_to(examday.REPORT)
    hall = examday.make_hall()
    who = examday.book(hall)
    officer = entered(quiet, hall.officer)
    officer.goto("/hall/")
    press(officer, f"form[action='/hall/sites/{hall.site_id}/start'] button")
    day_id = db.session.scalars(sa.select(ExamDay.id)).one()
    press(officer, f"main a[href='/hall/day/{day_id}/open']")
    press(officer, "main form .btn-primary")
    expect(officer.get_by_role("alert").first).to_be_visible()
    for box in officer.locator("input[name=ready]").all():
        box.check()
    press(officer, "main form .btn-primary")
    press(officer, f"main a.btn-primary[href='/hall/day/{day_id}/check-in']")
    officer.locator("#number").fill(who.reference)
    press(officer, "main form .btn-primary")
    press(officer, "form[action$='/confirm'] button")
    officer.goto(f"/hall/day/{day_id}")
    press(officer, "form[action$='/call/S1/terminal'] button")
    press(officer, "form[action$='/draw'] button")
    sitting = examday.of_day(day_id)[who.booking_id]
    assert (sitting.state, sitting.identity_by) == (SittingState.DRAWN, "person")
    examiner = entered(quiet, examday.examiner_of(hall, sitting.id))
    examiner.goto("/examiner/")
    press(examiner, f"a[href='/examiner/sitting/{sitting.id}']")
    press(examiner, "form[action$='/open'] button")
    clock.advance(timedelta(minutes=20))
    examiner.locator("#right").fill("95")
    press(examiner, "form[action$='/paper'] .btn-primary")
    press(examiner, "form[action$='/sign'] button")
    ended = examday.of_day(day_id)[who.booking_id]
    assert (ended.state, ended.outcome) == (SittingState.TO_SIGN, "passed")


def test_a_drive_is_scored_by_pressing_what_was_seen(
    quiet: Callable[[], Page], clock: FixedClock
) -> None:
    clock.move_to(examday.REPORT)
    hall = examday.make_hall()
    day_id, who = hall.opened(), examday.book(hall, Subject.S2)
    day_services.start_day(hall.site_id, examday.DAY, now=examday.REPORT)
    drawn = examday.seat(hall, day_id, who)
    sitting_id, driver = drawn.id, examday.examiner_of(hall, drawn.id)
    page = entered(quiet, driver)
    page.goto(f"/examiner/sitting/{sitting_id}")
    press(page, "form[action$='/open'] button")
    for code in ("s2.garage.body_outside_line", "s2.garage.too_long"):
        button = page.locator(f"button[value='{code}']")
        if not button.is_visible():
            page.locator("details", has=button).locator("summary").click()
        press(page, f"button[value='{code}']")
    page.locator("form[action$='/take-back'] button").last.click()
    expect(page.locator("form[action$='/take-back']")).to_have_count(1)
    press(page, "form[action$='/end'] button")
    assert examday.of_day(day_id)[who.booking_id].state is SittingState.RETAKE_OFFERED
    press(page, "form:has(input[name=taken][value=no]) button")
    press(page, "form[action$='/sign'] button")
    assert examday.of_day(day_id)[who.booking_id].state is SittingState.TO_SIGN


def test_the_answer_of_the_machine_is_taken_by_a_page_that_looks_again(
    quiet: Callable[[], Page], clock: FixedClock
) -> None:
    clock.move_to(examday.REPORT)
    hall = examday.make_hall()
    day_id, who = hall.opened(), examday.book(hall, drawn_photo=False)
    day_services.start_day(hall.site_id, examday.DAY, now=examday.REPORT)
    here = day_services.check_in(
        hall.officer, day_id, who.reference, pack=examday.PACK, now=examday.REPORT
    )
    sitting_id = here.id
    page = entered(quiet, hall.officer)
    page.goto(f"/hall/sitting/{sitting_id}")
    page.locator("#picture").set_input_files(
        {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": registration.picture()}
    )
    press(page, "form[action$='/picture'] .btn-primary")
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(1)
    assert answer_next(lambda _question, _folder: {"state": AnswerState.SAME, "facts": {}})
    page.goto(f"/hall/sitting/{sitting_id}")
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
    assert examday.of_day(day_id)[who.booking_id].identity_by == "face"


def test_a_round_is_closed_and_published_under_two_names(
    quiet: Callable[[], Page], clock: FixedClock, tmp_path: Path
) -> None:
    clock.move_to(booking.NOW)
    city = booking.make_city()
    drafts = [booking.session_draft(city, hour=x) for x in (9, 14)]
    found = booking.make_round(city, booking.make_plan(city, drafts))
    round_id = found.id
    people = booking.make_candidates(city, 10, permit_issued=None)
    wishes = [Wish(x.case_id, Subject.S1, any_session=True) for x in people]
    applications.apply_many(wishes, round_id, now=booking.NOW, pack=booking.PACK)
    planner, here = entered(quiet, city.planner), "/planning/rounds/R34"
    planner.goto(here)
    press(planner, f"form[action='{here}/close'] button[type=submit]")
    expect(planner.get_by_role("alert").first).to_be_visible()
    planner.locator("#reason").fill(REASON)
    press(planner, f"form[action='{here}/close'] button[type=submit]")
    expect(planner.get_by_role("status").first).to_be_visible()
    solving.advance(now=booking.NOW, pack=booking.PACK, data_folder=tmp_path)
    # The page looks again by itself, so that going there could cross its own way.
    planner.goto("about:blank")
    planner.goto(here)
    press(planner, f"form[action='{here}/sign'] button")
    expect(planner.locator(f"form[action='{here}/publish']")).to_have_count(0)
    leader = entered(quiet, city.leader)
    leader.goto(here)
    press(leader, f"form[action='{here}/publish'] button")
    db.session.expire_all()
    assert db.session.get_one(Round, round_id).state is RoundState.PUBLISHED
    expect(leader.locator("a[href='/public/rounds/R34']")).to_be_visible()
