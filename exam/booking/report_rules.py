"""Rules of the fairness report. Pure: which groups there are, and which are too small to show."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

AGE_BANDS = (18, 26, 36, 46, 60, 70)
"""Where an age band begins; the first one starts below it."""


class By(StrEnum):
    """What a report groups applications by, each alone: no two of them are ever crossed.

    Whoever belongs to a service group is therefore never counted by school or site.
    """

    SUBJECT = "subject"
    TIER = "tier"
    SERVICE = "service"
    AGE = "age"
    SITE = "site"
    SCHOOL = "school"


def in_order(by: By, tables: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """A table's rows: tiers and ages in their order, others as the engine has them, worst first."""
    rows = tables.get(by, [])
    if by not in (By.TIER, By.AGE):
        return rows
    return sorted(rows, key=lambda row: int(str(row["group"]).partition("-")[0] or 0))


def age_band(age: int) -> str:
    """The band of an age in full years, such as ``26-35``."""
    if age < AGE_BANDS[0]:
        return f"0-{AGE_BANDS[0] - 1}"
    starts = [x for x in AGE_BANDS if x <= age]
    later = [x for x in AGE_BANDS if x > age]
    return f"{starts[-1]}-{later[0] - 1}" if later else f"{starts[-1]}-"


def age_on(born: date, on: date) -> int:
    """Full years on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def suppressed(rows: Sequence[Mapping[str, Any]], smallest: int) -> list[dict[str, Any]]:
    """The rows of one table with the small groups named and not counted.

    Where one group alone would be hidden it could be had by taking the others from the whole: the
    next smallest is hidden with it.

    Args:
        rows: each with ``group`` and ``asked``; the other numbers go with them.
        smallest: the fewest applications of a group that is shown.
    """
    small = {x["group"] for x in rows if x["asked"] < smallest}
    if len(small) == 1:
        others = [x for x in rows if x["group"] not in small]
        if others:
            small.add(min(others, key=lambda x: (x["asked"], x["group"]))["group"])
    shown = [dict(x) for x in rows if x["group"] not in small]
    return shown + [{"group": x["group"], "few": True} for x in rows if x["group"] in small]
