"""What the tables and groups of a round's reports are called."""

from typing import Any

from flask_babel import lazy_gettext as _

from exam.booking.report_rules import By
from exam.booking.subject_names import SUBJECT_NAMES
from exam.web.names import local_name

ADDITIONS: dict[str, Any] = {
    "seat": _("One more seat"),
    "vehicle": _("One more vehicle"),
    "examiner": _("One more examiner"),
}

TABLES: dict[By, Any] = {
    By.SUBJECT: _("By subject"),
    By.TIER: _("By tier (0 comes first)"),
    By.SERVICE: _("By service group"),
    By.AGE: _("By age"),
    By.SITE: _("By the site of the first choice"),
    By.SCHOOL: _("By school"),
}

SERVICE: dict[str, Any] = {"yes": _("Called first on the day"), "no": _("Everybody else")}


def group_name(by: By, row: dict[str, Any]) -> Any:
    """A group of a table in words."""
    group = row["group"]
    if row.get("thing") is not None:
        return local_name(row["thing"])
    if by is By.SUBJECT:
        return SUBJECT_NAMES[group]
    if by is By.SERVICE:
        return SERVICE[group]
    if by is By.AGE:
        return _age(group)
    if by is By.SITE:
        return _("Any site")
    return group if by is By.TIER else _("Without a school")


def _age(band: str) -> Any:
    if band.endswith("-"):
        return _("%(from_age)s years and over", from_age=band.removesuffix("-"))
    return _("%(band)s years", band=band.replace("-", "–"))


def percent(share: float) -> str:
    """A share in whole per cent."""
    return f"{100 * share:.0f} %"
