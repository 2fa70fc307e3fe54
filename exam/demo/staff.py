"""Who works in the simulated city, with a sign-in each."""

from dataclasses import dataclass

from exam.people.roles import Role

PASSWORD = "kaochang-demo"  # noqa: S105 - printed by the demo on purpose


@dataclass(frozen=True)
class Worker:
    """A member of staff; ``site`` and ``school`` are codes."""

    username: str
    name: str
    role: Role
    site: str | None = None
    school: str | None = None
    subjects: str = ""
    classes: str = "*"


OFFICE_STAFF = (
    Worker("reviewer", "陆青禾", Role.REVIEWER),
    Worker("planner", "沈知行", Role.PLANNER),
    Worker("leader", "顾长明", Role.DUTY_LEADER),
    Worker("supervisor", "方远", Role.SUPERVISOR),
    Worker("supervisor2", "秦越", Role.SUPERVISOR),
    Worker("inspector", "严正", Role.INSPECTOR),
    Worker("appeals", "苏平", Role.APPEALS_MEMBER),
    Worker("appeals2", "白简", Role.APPEALS_MEMBER),
    Worker("admin", "管知远", Role.ADMINISTRATOR),
)
SCHOOL_STAFF = (
    Worker("clerk", "何小满", Role.SCHOOL_CLERK, school="X01"),
    Worker("manager", "丁一诺", Role.SCHOOL_MANAGER, school="X01"),
    Worker("clerk2", "钱多闻", Role.SCHOOL_CLERK, school="X02"),
)
EXAMINER_NAMES = (
    "郑安 韩松 冯立 曹宁 谢川 唐越 许舟 邓尧 彭海 萧然"
    " 田野 董墨 袁澄 蔡峰 余晖 叶青 程远 魏来 吕良 任重"
)

RELIEF = (
    *(
        Worker(f"relief-examiner-{n}", name, Role.EXAMINER, subjects="S1 S2 S3R S3T")
        for n, name in enumerate(["贺兰山", "江流", "石磊", "夏至"], 1)
    ),
    *(
        Worker(f"relief-aid-{n}", f"{name}（急救）", Role.FIRST_AIDER)
        for n, name in enumerate(["安康", "杜若", "白术"], 1)
    ),
    *(
        Worker(f"relief-invigilator-{n}", f"{name}（巡考）", Role.INVIGILATOR)
        for n, name in enumerate(["明镜", "周巡"], 1)
    ),
    *(
        Worker(f"relief-safety-{n}", f"{name}（安全员）", Role.SAFETY_OFFICER)
        for n, name in enumerate(["平路", "安驾"], 1)
    ),
)
"""Of the whole office: rosters send them where somebody is missing."""


def site_staff(site: str, number: int, subjects: tuple[str, ...]) -> list[Worker]:
    """Everybody whom one site needs on a day."""
    names = EXAMINER_NAMES.split()
    first = number * 3
    low = site.lower()
    staff = [
        Worker(
            f"examiner-{low}-{i + 1}",
            names[(first + i) % len(names)],
            Role.EXAMINER,
            site,
            subjects=" ".join(subjects),
        )
        for i in range(3)
    ]
    staff.append(
        Worker(f"hall-{low}", f"{names[(first + 3) % len(names)]}（值机）", Role.HALL_OFFICER, site)
    )
    staff.append(
        Worker(f"aid-{low}", f"{names[(first + 4) % len(names)]}（急救）", Role.FIRST_AIDER, site)
    )
    if {"S1", "S3T"} & set(subjects):
        staff += [
            Worker(
                f"invigilator-{low}-{i + 1}",
                f"{names[(first + 5 + i) % len(names)]}（巡考）",
                Role.INVIGILATOR,
                site,
            )
            for i in range(3)
        ]
    if "S3R" in subjects:
        staff.append(
            Worker(
                f"safety-{low}",
                f"{names[(first + 8) % len(names)]}（安全员）",
                Role.SAFETY_OFFICER,
                site,
            )
        )
    staff.append(
        Worker(
            f"operator-{low}",
            f"{names[(first + 9) % len(names)]}（场地）",
            Role.SITE_OPERATOR,
            site,
        )
    )
    return staff
