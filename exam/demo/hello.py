"""The demo's welcome on the terminal."""

import os

from flask import current_app

from exam.demo import notes

STAFF = (
    ("clerk", "school clerk 驾校经办", "upload a spreadsheet, hand out one-time codes"),
    ("manager", "school manager 驾校负责人", "the school's day"),
    ("reviewer", "reviewer 受理岗", "accept or return cases"),
    ("planner", "planner 排考", "plans; close, solve and sign a round"),
    ("leader", "duty leader 带班领导", "publish a round, second names"),
    ("hall-w1", "hall officer 值机", "open the day, check in, call, draw"),
    ("examiner-w1-1", "examiner 考试员", "outcomes, signatures, the wall"),
    ("invigilator-w1-1", "invigilator 巡考员", "the wall"),
    ("operator-w1", "site operator 社会考场", "the wall: equipment only"),
    ("supervisor", "supervisor 监管岗", "the wall, rounds"),
    ("inspector", "inspector 督察", "rounds and who signed them"),
    ("safety-w3", "safety officer 安全员", "start page"),
    ("aid-w1", "first-aider 急救员", "start page"),
    ("appeals", "appeals member 复核员", "start page"),
    ("admin", "administrator 系统管理员", "move the clock"),
)
CANDIDATES = {
    "S1": "has an exam today; her photo may be compared by machine",
    "served": "got a seat in this week's round",
    "refused": "got none: the page says why",
    "open": "may apply in the open round",
}


def text(*, password: str) -> str:
    """Addresses, sign-ins and what to look at."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    found = notes.read(current_app.config["KAOCHANG"].data_folder)
    address = f"http://{host}:{port}"
    lines = [
        "",
        f"Kaochang 考场 is ready: {address}   (a simulated city; its day is {found.today})",
        f"Password of every sign-in below: {password}",
        "",
    ]
    lines += [f"  {name:<18}{role:<30}{look}" for name, role, look in STAFF]
    lines += [
        f"  {name:<18}{'candidate 考生':<30}{CANDIDATES[what]}"
        for name, what in found.sign_ins.items()
    ]
    lines += [
        "",
        (
            f"Activate a person: {address}/activate"
            f"   code {found.activation_code}, document ends in {found.activation_last_four}"
        ),
        f"Without signing in: {address}/public/   {address}/board/W1   {address}/healthz",
        "",
    ]
    return "\n".join(lines)
