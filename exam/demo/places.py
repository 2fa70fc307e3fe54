"""The simulated city on paper: sites, what they examine, how many cars, rooms and people."""

from dataclasses import dataclass, field

OFFICE = ("9902", "望海市车辆管理所（模拟）", "Wanghai Vehicle Management Office (simulated)")
TIME_ZONE = "Asia/Shanghai"
SCHOOLS = 71
SCHOOLS_ONLINE = 57


@dataclass(frozen=True)
class Field:
    """One subject at a site: sessions a day, and what serves in each."""

    subject: str
    starts: tuple[str, ...]
    """HH:MM, the site's civil time."""
    hours: float
    pools: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """Kind -> (classes, seats, vehicles)."""
    seats: int = 0
    offers: dict[str, str] = field(default_factory=dict)
    """Kind -> needs it meets."""


@dataclass(frozen=True)
class Place:
    """A site."""

    code: str
    name_zh: str
    name_en: str
    address_zh: str
    address_en: str
    fields: tuple[Field, ...]
    island: bool = False


THEORY_HOURS = ("08:30", "10:00", "13:30", "15:00")
HALF_DAYS = ("08:30", "13:30")
EVERY_CLASS = "C1 C2 C5 B2 D"


def _theory(subject: str, seats: int, starts: tuple[str, ...] = THEORY_HOURS) -> Field:
    return Field(
        subject,
        starts,
        1.25,
        {"terminal": (EVERY_CLASS, seats, 0)},
        seats,
        {"terminal": "stepfree textscreen"},
    )


SITES: tuple[Place, ...] = (
    Place(
        "W1",
        "望海市第一理论考场",
        "Wanghai theory hall",
        "望海市灯塔路1号",
        "1 Lighthouse Road",
        (_theory("S1", 12), _theory("S3T", 6)),
    ),
    Place(
        "W2",
        "北郊场地考场",
        "North field",
        "望海市北郊大道88号",
        "88 North Avenue",
        (
            Field(
                "S2",
                HALF_DAYS,
                3.5,
                {"C1": ("C1", 12, 4), "C2": ("C2", 12, 4), "C5": ("C5", 2, 1)},
                24,
                {"C5": "stepfree"},
            ),
        ),
    ),
    Place(
        "W3",
        "东山综合考场",
        "East Hill site",
        "望海市东山路210号",
        "210 East Hill Road",
        (
            Field("S2", HALF_DAYS, 3.5, {"C1": ("C1", 9, 3), "B2": ("B2", 4, 2)}, 12),
            Field("S3R", HALF_DAYS, 3.5, {"C1": ("C1", 9, 3), "B2": ("B2", 4, 2)}, 12),
        ),
    ),
    Place(
        "W4",
        "西河道路考场",
        "West River road site",
        "望海市西河街45号",
        "45 West River Street",
        (
            Field(
                "S3R",
                HALF_DAYS,
                3.5,
                {"C1": ("C1", 6, 2), "C2": ("C2", 9, 3), "C5": ("C5", 2, 1)},
                15,
                {"C5": "stepfree"},
            ),
        ),
    ),
    Place(
        "W5",
        "石桥摩托车考场",
        "Stone Bridge motorcycle site",
        "望海市石桥巷9号",
        "9 Stone Bridge Lane",
        (
            Field("S2", ("09:00",), 3, {"D": ("D", 6, 3)}, 6),
            Field("S3R", ("14:00",), 3, {"D": ("D", 6, 3)}, 6),
        ),
    ),
    Place(
        "W6",
        "鹭屿岛分所考场",
        "Egret Island branch",
        "望海市鹭屿岛渔港街3号",
        "3 Harbour Street, Egret Island",
        (
            _theory("S1", 6, ("09:30",)),
            _theory("S3T", 4, ("15:30",)),
            Field("S2", ("13:00",), 3, {"C1": ("C1", 3, 1), "C2": ("C2", 3, 1)}, 5),
            Field("S3R", ("10:30",), 3, {"C1": ("C1", 3, 1), "C2": ("C2", 3, 1)}, 5),
        ),
        island=True,
    ),
)
