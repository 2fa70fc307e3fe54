"""From the upload to the ticket: school, person, reviewer, application, round."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.walk.upload import photos, workbook
from tests.walk.walking import EARLY, HALL, LATE, S1, Walk, go, zh

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def the_school_uploads(walk: Walk) -> None:
    page = walk.visitors.enter("clerk")
    walk.visitors.look(page, "school")
    page.get_by_role("link", name="上传考生").first.click()
    page.get_by_label("考生表格").set_input_files(workbook(walk.person))
    page.get_by_label("照片压缩包").set_input_files(photos())
    walk.visitors.look(page, "upload")
    page.get_by_role("button", name="上传并检查").click()
    hers = page.get_by_role("row", name=re.compile(walk.person.name))
    expect(hers).to_contain_text("已接收")
    refused = page.get_by_role("row", name=re.compile("周一鸣"))
    expect(refused).to_contain_text("已退回")
    expect(refused).to_contain_text("身份证号码校验位不符")
    walk.visitors.look(page, "rows")
    page.get_by_role("button", name="生成激活码").click()
    slip = page.locator("section", has_text=walk.person.name)
    expect(slip).to_have_count(1)
    walk.code = slip.locator(".reference").inner_text()
    walk.visitors.look(page, "slips")


def the_person_activates_and_confirms(walk: Walk) -> Page:
    page = walk.visitors.arrive(walk.person.username)
    page.goto("/")
    walk.visitors.look(page, "landing")
    page.get_by_role("link", name="我有激活码").click()
    page.locator("#code").fill(walk.code)
    page.locator("#last_four").fill(walk.person.number[-4:])
    page.locator("#username").fill(walk.person.username)
    page.locator("#password").fill(walk.person.password)
    walk.visitors.look(page, "activate")
    page.get_by_role("button", name="激活账号").click()
    walk.visitors.look(page, "preregistered")
    page.get_by_role("link", name="核对并确认").click()
    expect(page.get_by_label("我委托驾校代我办理")).to_be_checked()
    page.get_by_label("我已核对以上信息，确认无误").check()
    walk.visitors.look(page, "confirm")
    page.get_by_role("button", name="确认我的信息").click()
    expect(page.get_by_text("待受理")).to_be_visible()
    walk.visitors.look(page, "confirmed")
    return page


def the_reviewer_accepts(walk: Walk) -> None:
    page = walk.visitors.enter("reviewer")
    walk.visitors.look(page, "waiting")
    page.get_by_role("link", name=walk.person.name).click()
    # The vision worker has looked at the photo of the upload; a person decides.
    expect(page.get_by_text("机器已检查，由您决定")).to_be_visible()
    expect(page.get_by_text("机器看到的")).to_be_visible()
    walk.visitors.look(page, "case")
    page.get_by_role("button", name="受理").click()
    expect(page.get_by_text("已受理，流水号")).to_be_visible()
    walk.visitors.look(page, "accepted")


def she_applies_and_changes(walk: Walk, page: Page) -> None:
    go(page, "我的考试")
    first = page.get_by_role("listitem").filter(has_text="科目一")
    expect(first.first).to_contain_text("现在即可申请考试")
    walk.visitors.look(page, "s1-open")
    page.get_by_role("link", name="申请考试").click()
    walk.visitors.look(page, "bookings")
    page.get_by_role("link", name=f"申请{S1}", exact=True).click()
    choose(walk, page, {EARLY: "1", LATE: "2"})
    walk.visitors.look(page, "apply")
    page.get_by_role("button", name="提交申请").click()
    chosen = page.get_by_role("listitem").filter(has_text=HALL)
    expect(chosen.first).to_contain_text(EARLY)
    walk.visitors.look(page, "applied")
    page.get_by_role("link", name="修改").click()
    rank = page.locator("dl.stats > div").filter(has_text="我的当前排名")
    expect(rank).to_have_text(re.compile(r"1\s*共 1 人"))
    choose(walk, page, {EARLY: "", LATE: ""})
    choose(walk, page, {LATE: "1", EARLY: "2"})
    page.get_by_role("button", name="保存修改").click()
    expect(chosen).to_have_count(2)
    expect(chosen.first).to_contain_text(LATE)
    walk.visitors.look(page, "changed")


def choose(walk: Walk, page: Page, numbers: dict[str, str]) -> None:
    """Number sessions of the first exam day, by the time at which they start."""
    for start, number in numbers.items():
        page.get_by_label(re.compile(f"{zh(walk.exam_day)}.* {start} {HALL}")).select_option(number)


def the_round_is_decided_and_published(walk: Walk) -> None:
    code = walk.running.city.first_round
    planner = walk.visitors.enter("planner")
    planner.get_by_role("link", name=code).click()
    walk.visitors.look(planner, "round-working")
    sign = planner.get_by_role("button", name="签署", exact=True)
    reloaded_until(planner, sign)
    walk.visitors.look(planner, "round-checked")
    sign.click()
    expect(planner.get_by_text("已于")).to_be_visible()
    leader = walk.visitors.enter("leader")
    leader.goto(f"/planning/rounds/{code}")
    walk.visitors.look(leader, "round-signed")
    leader.get_by_role("button", name="签署并公布").click()
    expect(leader.get_by_role("heading", name="已公布")).to_be_visible()
    walk.visitors.look(leader, "round-published")


def reloaded_until(page: Page, shown: Locator) -> None:
    """Load the page again, as people do who wait for others' work, until it shows something."""
    deadline = time.monotonic() + 60
    while not shown.is_visible():
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        with contextlib.suppress(AssertionError):
            expect(shown).to_be_visible(timeout=1000)
            return
        page.reload()


def she_reads_her_seat(walk: Walk, page: Page) -> None:
    go(page, "考试预约")
    walk.visitors.look(page, "booked")
    page.get_by_role("link", name=S1, exact=True).click()
    expect(page.get_by_text("已为您安排考位")).to_be_visible()
    expect(page.get_by_text("已满足您的第 1 志愿。")).to_be_visible()
    walk.visitors.look(page, "seat")
    page.get_by_role("link", name="查看准考凭证").click()
    expect(page.locator("dl")).to_contain_text(re.compile(f"{zh(walk.exam_day)}.*{LATE}"))
    expect(page.locator("main img")).to_be_visible()
    walk.reference = page.url.rpartition("/")[2]
    expect(page.locator("dl")).to_contain_text(walk.reference)
    walk.visitors.look(page, "ticket")
