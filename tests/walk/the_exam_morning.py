"""From the door of the hall to the permit and the next application, with an event on the way."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from exam.demo.places import SITES
from exam.demo.staff import site_staff
from exam.processes import table
from tests.walk.small_city import SITE, STREAM
from tests.walk.walking import HALL, S1, S2, Walk, go, zh

if TYPE_CHECKING:
    from playwright.sync_api import Page

RIGHT = 96
PERMIT_WAIT = timedelta(days=10)


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
    walk.visitors.look(wall, "clip")
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
    """The sign-in of the examiner whom the draw gave."""
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
    page.locator("main").get_by_role("link", name=S1).click()
    walk.visitors.look(page, "sheet")
    page.get_by_role("button", name="我已阅读并签字").click()
    expect(page.get_by_text("双方均已签字，成绩已确定。")).to_be_visible()
    walk.visitors.look(page, "signed")
    go(page, "我的考试")
    subjects = page.locator("section ul.tasks > li")
    expect(subjects.first).to_contain_text("合格")
    last = walk.exam_day.replace(year=walk.exam_day.year + 3) - timedelta(days=1)
    permit = page.get_by_text(re.compile(r"学习驾驶证明 \w+，有效期至"))
    expect(permit).to_contain_text(f"有效期至{zh(last)}")
    expect(subjects.nth(1)).to_contain_text(
        re.compile(f"{zh(walk.exam_day + PERMIT_WAIT)}.*起可以考试")
    )
    walk.visitors.look(page, "permit")


def she_applies_for_the_next_subject(walk: Walk, page: Page) -> None:
    page.get_by_role("link", name="申请考试").click()
    page.get_by_role("link", name=f"申请{S2}", exact=True).click()
    choice = page.get_by_role("combobox").first
    choice.select_option("1")
    walk.visitors.look(page, "apply-s2")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(S2)
    expect(page.get_by_text("已提交，等待结果")).to_be_visible()
    expect(page.locator("main")).to_contain_text(walk.running.city.second_round)
    walk.visitors.look(page, "applied-s2")
