"""What people do from the upload to the signed result, each step until it can be seen."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from exam.demo.staff import PASSWORD
from tests.faults.window import Page, Window, has_button, link, says, text
from tests.walk.small_city import SITE, ZONE
from tests.walk.the_exam_morning import RIGHT, examiner_named
from tests.walk.upload import Person, photos, workbook
from tests.walk.walking import HALL, LATE, S1, zh

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload

    from tests.walk.small_city import Made

REPORT = time(9, 35)
NOW = re.compile(r"(\d+)年(\d+)月(\d+)日\D+(\d\d):(\d\d)")
NAMES = [
    "林晓舟",
    "周思源",
    "何雨桐",
    "宋知微",
    "沈若水",
    "陆明远",
    "顾清欢",
    "许念安",
    "叶知秋",
    "程以宁",
    "苏慕白",
    "江晚晴",
]


def people(count: int) -> list[Person]:
    """So many people with names, sign-ins and numbers of their own."""
    return [
        Person(
            name=NAMES[i],
            username=f"candidate-{i}",
            order=102 + 2 * i,
        )
        for i in range(count)
    ]


@dataclass
class Way:
    """Where everybody stands."""

    address: str
    city: Made
    people: list[Person]
    windows: dict[str, Window] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    def window(self, name: str) -> Window:
        """Somebody's window, the same one each time."""
        return self.windows.setdefault(name, Window(self.address))

    def staff(self, name: str) -> Window:
        """A window of somebody in service, signed in; asked again where nothing came."""
        window = self.window(name)
        if not window.promised:
            window.until(
                "/sign-in",
                lambda page: has_button(page, "退出"),
                lambda _: window.sign_in(name, PASSWORD),
            )
        return window

    @property
    def first_day(self) -> str:
        return zh(self.city.first_day)


def upload(way: Way) -> None:
    """The clerk hands everybody in and prints the codes."""
    clerk = way.staff("clerk")

    def hand_in(_: Page) -> None:
        clerk.open("/school/uploads/new")
        clerk.press("上传并检查", {"file": _file(workbook(*way.people)), "photos": _file(photos())})

    clerk.until("/school/uploads", says("考生.xlsx"), hand_in)

    def print_codes(page: Page) -> None:
        clerk.open(link(page, "考生.xlsx"))
        for section in clerk.press("生成激活码").find_all("section"):
            slip = section.find(class_="reference")
            if slip:
                way.codes[section.find("h2").get_text(strip=True)] = slip.get_text(strip=True)

    clerk.until("/school/uploads", lambda _: len(way.codes) == len(way.people), print_codes)


def register(way: Way, person: Person) -> None:
    """She activates and confirms, the reviewer accepts, she applies."""
    hers, reviewer = way.window(person.username), way.staff("reviewer")

    def activate(_: Page) -> None:
        hers.sign_in(person.username, person.password)
        if has_button(hers.page, "退出"):
            return
        hers.open("/activate")
        hers.press(
            "激活账号",
            {
                "code": way.codes[person.name],
                "last_four": person.number[-4:],
                "username": person.username,
                "password": person.password,
            },
        )

    def confirm(page: Page) -> None:
        hers.open(link(page, "核对并确认"))
        hers.press("确认我的信息", {"correct": True, "mandate": True})

    def accept(_: Page) -> None:
        waiting = reviewer.open("/review/")
        if says(person.name)(waiting):
            reviewer.open(link(waiting, person.name))
            if has_button(reviewer.page, "受理"):
                reviewer.press("受理")

    def apply(page: Page) -> None:
        form = hers.open(link(page, f"申请{S1}"))
        wanted = re.compile(f"{way.first_day}.* {LATE} {HALL}")
        label = next(x for x in form.find_all("label") if wanted.search(x.get_text()))
        hers.press("提交申请", {form.find(id=label["for"])["name"]: "1"})

    registered = says("待受理", "现在即可申请考试")
    hers.until("/my/", lambda page: not has_button(page, "登录"), activate)
    hers.until("/my/", registered, confirm)
    hers.until("/my/", says("现在即可申请考试"), accept)
    hers.until("/my/booking/", says("等待结果", "查看准考凭证"), apply)
    # A page says more as the way goes on; from now on only the last is a promise.
    del hers.promised["/my/"]


def move_clock(way: Way, to: datetime) -> None:
    """The administrator moves the clock."""
    admin, to = way.staff("admin"), to.astimezone(ZONE)
    values = {"step": "to", "day": f"{to:%Y-%m-%d}", "time": f"{to:%H:%M}"}

    def moved(page: Page) -> bool:
        now = NOW.search(text(page))
        assert now, text(page)
        return datetime(*map(int, now.groups()), tzinfo=ZONE) >= to.replace(second=0, microsecond=0)

    admin.until("/demo/clock", moved, lambda _: admin.press("调整时钟", values) and None)


def decide(way: Way) -> None:
    """The round is closed, solved and signed by two."""
    code = way.city.first_round
    move_clock(way, way.city.closes_at + timedelta(minutes=1))
    planner, leader = way.staff("planner"), way.staff("leader")

    def sign(page: Page) -> None:
        if has_button(page, "签署"):
            planner.press("签署")
        elif has_button(page, "重试"):
            planner.press("重试")

    def publish(page: Page) -> None:
        if has_button(page, "签署并公布"):
            leader.press("签署并公布")

    path = f"/planning/rounds/{code}"
    planner.until(path, says("签署于", "已于", "已公布"), sign)
    leader.until(path, says("已公布"), publish)
    for person in way.people:
        way.window(person.username).until("/my/booking/", says("查看准考凭证"), lambda _: None)


def open_the_day(way: Way) -> None:
    """The hall goes through its list and opens."""
    move_clock(way, datetime.combine(way.city.first_day, REPORT, ZONE))
    hall = way.staff(f"hall-{SITE.lower()}")

    def prepare(page: Page) -> None:
        if has_button(page, "准备今日考试"):
            day = hall.press("准备今日考试")
        else:
            day = hall.open(link(page, HALL))
        if "考前检查与开考" in text(day):
            checklist = hall.open(link(day, "考前检查与开考"))
            boxes = [x["value"] for x in checklist.select("input[name=ready]")]
            hall.press("开考", {"ready": boxes})

    hall.until("/hall/", says("考试进行中"), prepare)


def sit(way: Way, person: Person) -> None:
    """She is checked in, called, drawn and examined; both sign."""
    hers = way.window(person.username)
    hall = way.staff(f"hall-{SITE.lower()}")

    def step(page: Page) -> None:
        state = text(page)
        if "未签到" in state:
            _check_in(hall, person)
        elif "候考" in state:
            _press_in_hall(hall, "叫下一位")
        elif "已叫号" in state:
            _press_in_hall(hall, "抽签")
        else:
            mine = hers.open(link(page, S1))
            _examine(way, mine, hers)

    hers.until("/my/result/", says("已结束"), step)
    hers.until("/my/", says("合格"), lambda _: None)
    del hers.promised["/my/booking/"]


def _check_in(hall: Window, person: Person) -> None:
    day = hall.open(link(hall.open("/hall/"), HALL))
    hall.open(link(day, "考生签到"))
    found = hall.press("查找", {"number": person.number})
    if has_button(found, "已核对，是本人"):
        hall.press("已核对，是本人")


def _press_in_hall(hall: Window, button: str) -> None:
    day = hall.open(link(hall.open("/hall/"), HALL))
    if has_button(day, button):
        hall.press(button)


def _examine(way: Way, mine: Page, hers: Window) -> None:
    if has_button(mine, "我已阅读并签字"):
        hers.press("我已阅读并签字")
        return
    facts = {
        x.get_text(strip=True): x.find_next("dd").get_text(" ", strip=True)
        for x in mine.find_all("dt")
    }
    examiner = way.staff(examiner_named(facts["考试员"]))
    page = examiner.open(link(examiner.open("/examiner/"), facts["排队号"]))
    for button, values in (
        ("开始考试", {}),
        ("确认成绩", {"right": str(RIGHT)}),
        ("在成绩单上签字", {}),
    ):
        if has_button(page, button):
            page = examiner.press(button, values)


def _file(payload: FilePayload) -> io.BytesIO:
    file = io.BytesIO(payload["buffer"])
    file.name = payload["name"]
    return file
