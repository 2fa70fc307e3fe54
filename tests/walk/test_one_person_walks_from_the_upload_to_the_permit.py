"""The main job from end to end, in Chromium, against the processes of an installation.

Only the city (sites, staff, plans, a camera) is made beforehand. All that happens to the person is
done by the people in it, on their pages, and by the jobs that the clock lets fall due.
"""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from exam.processes import table
from tests.walk.small_city import SITE, STREAM, ZONE
from tests.walk.upload import Person, photos, workbook

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.walk.conftest import Running
    from tests.walk.visitors import Visitors

pytestmark = pytest.mark.browser

S1, S2 = "科目一（理论）", "科目二（场地驾驶技能）"
HALL = "望海市第一理论考场"
EARLY, LATE = "08:30", "10:00"
REPORT = time_of_day(9, 35)
"""Between the time to report for the late session and its start."""
RIGHT = 96
PERMIT_WAIT = timedelta(days=10)


def zh(on: date) -> str:
    """A day as Chinese pages write it."""
    return f"{on.year}年{on.month}月{on.day}日 周{'一二三四五六日'[on.weekday()]}"


@dataclass
class Walk:
    """Where the walk stands."""

    running: Running
    visitors: Visitors
    person: Person = field(default_factory=Person)
    code: str = ""
    reference: str = ""
    ticket: str = ""
    examiner: str = ""

    @property
    def exam_day(self) -> date:
        return self.running.city.first_day

    def move_clock(self, to: datetime) -> None:
        to = to.astimezone(ZONE)
        page = self.visitors.enter("admin")
        page.get_by_label("调到下面填写的日期和时间").check()
        page.locator("#day").fill(f"{to:%Y-%m-%d}")
        page.locator("#time").fill(f"{to:%H:%M}")
        page.get_by_role("button", name="调整时钟").click()
        expect(page.get_by_text("时钟已调整")).to_be_visible()
        expect(page.locator("h1 + p")).to_contain_text(zh(to.date()))
        self.visitors.look(page, "clock")


def test_one_person_walks_from_the_upload_to_the_permit(
    running: Running, visitors: Visitors, request: pytest.FixtureRequest
) -> None:
    walk = Walk(running, visitors)
    try:
        the_school_uploads(walk)
        candidate = the_person_activates_and_confirms(walk)
        the_reviewer_accepts(walk)
        she_applies_and_changes(walk, candidate)
        walk.move_clock(running.city.closes_at + timedelta(minutes=1))
        the_round_is_decided_and_published(walk)
        she_reads_her_seat(walk, candidate)
        walk.move_clock(datetime.combine(walk.exam_day, REPORT, ZONE))
        the_hall_checks_her_in_and_draws(walk)
        examiner = the_examiner_begins(walk)
        the_camera_shows_an_empty_seat(walk, examiner)
        the_examiner_scores_and_signs(walk, examiner)
        she_signs_and_reads_what_follows(walk, candidate)
        she_applies_for_the_next_subject(walk, candidate)
    except BaseException:
        print(visitors.pages())
        print(running.installation.told())
        raise
    assert visitors.troubles == []
    assert running.installation.troubles() == []


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
    page.get_by_role("link", name=f"申请{S1}").click()
    choose(walk, page, {EARLY: "1", LATE: "2"})
    walk.visitors.look(page, "apply")
    page.get_by_role("button", name="提交申请").click()
    chosen = page.locator("ol > li")
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


def go(page: Page, menu: str) -> None:
    """Follow an entry of the navigation."""
    page.get_by_role("navigation").get_by_role("link", name=menu).click()


def choose(walk: Walk, page: Page, numbers: dict[str, str]) -> None:
    """Number sessions of the first exam day, by the time at which they start."""
    on = re.escape(zh(walk.exam_day))
    for start, number in numbers.items():
        page.get_by_label(re.compile(f"{on} {start} {HALL}")).select_option(number)


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
    expect(page.locator("dl")).to_contain_text(f"{zh(walk.exam_day)} {LATE}")
    expect(page.locator("main img")).to_be_visible()
    walk.reference = page.url.rpartition("/")[2]
    expect(page.locator("dl")).to_contain_text(walk.reference)
    walk.visitors.look(page, "ticket")


def the_hall_checks_her_in_and_draws(walk: Walk) -> None:
    page = walk.visitors.enter(f"hall-{SITE.lower()}")
    walk.visitors.look(page, "sites")
    # The morning's job may have prepared the day already; both ways lead to it.
    prepare = page.get_by_role("button", name="准备今日考试")
    (prepare if prepare.is_visible() else page.get_by_role("link", name=HALL, exact=True)).click()
    page.get_by_role("link", name="考前检查与开考").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    walk.visitors.look(page, "checklist")
    page.get_by_role("button", name="开考", exact=True).click()
    page.get_by_role("link", name="考生签到").click()
    page.locator("#number").fill(walk.person.number)
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_text(walk.reference)).to_be_visible()
    walk.visitors.look(page, "desk")
    page.get_by_role("button", name="已核对，是本人").click()
    page.get_by_role("link", name="返回大厅").click()
    walk.visitors.look(page, "queue")
    page.get_by_role("button", name="叫下一位").click()
    page.get_by_role("button", name=re.compile("^抽签")).click()
    row = page.get_by_role("row").nth(1)
    expect(row).to_contain_text("01")
    walk.ticket = row.get_by_role("rowheader").inner_text().strip()
    walk.examiner = row.get_by_role("cell").last.inner_text().strip()
    walk.visitors.look(page, "drawn")


def the_examiner_begins(walk: Walk) -> Page:
    page = walk.visitors.enter(examiner_named(walk.examiner))
    page.get_by_role("link", name=walk.ticket).click()
    walk.visitors.look(page, "before-the-exam")
    page.get_by_role("button", name="开始考试").click()
    expect(page.locator("#right")).to_be_visible()
    return page


def the_camera_shows_an_empty_seat(walk: Walk, page: Page) -> None:
    ranges: list[int] = []
    page.context.on("response", lambda x: ranges.append(x.status) if "/clips/" in x.url else None)
    wall = page.context.new_page()
    wall.goto("/wall")
    expect(wall.get_by_text("实时连接")).to_be_visible()
    expect(wall.locator("[data-item]")).to_have_count(0)
    assert STREAM in walk.running.installation.run(table.camera_list())
    walk.running.installation.start(table.cameras())
    card = wall.locator("[data-column=conduct] [data-item]")
    expect(card).to_have_count(1, timeout=40_000)
    expect(card.get_by_role("heading")).to_have_text("考生座位处看不到人脸")
    expect(card).to_contain_text(walk.ticket)
    expect(wall.locator("[data-column=equipment] [data-item]")).to_contain_text(
        "镜头被遮挡", timeout=40_000
    )
    expect(card).not_to_have_attribute("data-going-on", "")
    expect(card).not_to_contain_text("片段仍在录制")
    walk.visitors.look(wall, "wall")
    video = card.locator("video")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    wall.wait_for_function(
        "() => document.querySelector('[data-column=conduct] video').currentTime > 0.5"
    )
    assert video.evaluate("video => video.readyState") >= 2
    assert video.evaluate("video => video.duration") > 5
    assert 206 in ranges
    video.evaluate("video => video.pause()")
    card.get_by_role("button", name="确认：我来查看").click()
    expect(card).to_contain_text(f"{walk.examiner} 自")
    expect(card).to_contain_text("正在查看")
    card.get_by_role("heading").get_by_role("link").click()
    expect(wall.locator("ol.history")).to_contain_text(f"已确认查看：{walk.examiner}")
    walk.visitors.look(wall, "item")
    wall.close()


def examiner_named(name: str) -> str:
    from exam.demo.places import SITES
    from exam.demo.staff import site_staff

    number, place = next((n, x) for n, x in enumerate(SITES) if x.code == SITE)
    staff = site_staff(place.code, number, ("S1", "S3T"))
    return next(x.username for x in staff if x.name == name)


def the_examiner_scores_and_signs(walk: Walk, page: Page) -> None:
    page.locator("#right").fill(str(RIGHT))
    walk.visitors.look(page, "score")
    page.get_by_role("button", name="确认成绩").click()
    expect(page.get_by_text(f"{RIGHT} 分")).to_be_visible()
    page.get_by_role("button", name="在成绩单上签字").click()
    expect(page.get_by_text("您已签字，请考生在本人页面阅读并签字。")).to_be_visible()
    walk.visitors.look(page, "examiner-signed")


def she_signs_and_reads_what_follows(walk: Walk, page: Page) -> None:
    go(page, "我的成绩")
    page.locator("main").get_by_role("link", name="科目一").click()
    walk.visitors.look(page, "sheet")
    page.get_by_role("button", name="我已阅读并签字").click()
    expect(page.get_by_text("双方均已签字，成绩已确定。")).to_be_visible()
    walk.visitors.look(page, "signed")
    go(page, "我的考试")
    subjects = page.locator("section ul.tasks > li")
    expect(subjects.first).to_contain_text("合格")
    last = walk.exam_day.replace(year=walk.exam_day.year + 3) - timedelta(days=1)
    permit = page.locator("section p", has_text="学习驾驶证明")
    expect(permit).to_contain_text(f"有效期至{zh(last)}")
    expect(subjects.nth(1)).to_contain_text(f"{zh(walk.exam_day + PERMIT_WAIT)}起可以考试")
    walk.visitors.look(page, "permit")


def she_applies_for_the_next_subject(walk: Walk, page: Page) -> None:
    page.get_by_role("link", name="申请考试").click()
    page.get_by_role("link", name=f"申请{S2}").click()
    choice = page.get_by_role("combobox").first
    choice.select_option("1")
    walk.visitors.look(page, "apply-s2")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(S2)
    expect(page.get_by_text("已提交，等待结果")).to_be_visible()
    expect(page.locator("main")).to_contain_text(walk.running.city.second_round)
    walk.visitors.look(page, "applied-s2")
