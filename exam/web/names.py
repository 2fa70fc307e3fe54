"""What the field's codes are called on pages: subjects, classes, pathways, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from flask_babel import lazy_gettext as _

from exam.web.locale import language

if TYPE_CHECKING:
    from flask import Flask

SUBJECTS: dict[str, Any] = {
    "S1": _("Subject 1 (theory)"),
    "S2": _("Subject 2 (driving field)"),
    "S3R": _("Subject 3 (road)"),
    "S3T": _("Subject 3 (safe and civil driving)"),
}
PATHWAYS: dict[str, Any] = {
    "first": _("First licence"),
    "added": _("Added class"),
    "c2_to_c1": _("From C2 to C1"),
    "to_c5": _("To C5"),
    "add_c6": _("Adding C6"),
    "military": _("From a military licence"),
    "military_truck": _("From a military licence for large vehicles"),
    "foreign": _("From a foreign licence"),
    "resume": _("Resuming the right to drive"),
    "full_points": _("After full points"),
}
OUTCOMES: dict[str, Any] = {
    "passed": _("passed"),
    "failed": _("not passed"),
    "absent": _("absent"),
    "no_fault": _("not counted (not the candidate’s fault)"),
}
EVENTS: dict[str, Any] = {
    "vehicle_out": _("an exam vehicle is out of order"),
    "examiner_away": _("too few examiners can be there"),
    "session_cancelled": _("the session is cancelled"),
    "session_cut": _("the session has fewer places"),
    "site_closed": _("the exam site is closed"),
    "green_channel": _("an approved exception"),
}
"""What a replanning is about, as candidates and the public read it."""


class Bilingual(Protocol):
    """A row with a name in both languages: a site, a room, a school, a camera."""

    @property
    def name_zh(self) -> str:
        """Chinese."""

    @property
    def name_en(self) -> str:
        """English."""


def local_name(thing: Bilingual) -> str:
    """What a site, room, school or camera is called in the reader's language."""
    return thing.name_zh if language() == "zh" else thing.name_en


def subject_name(code: str) -> str:
    """What a subject is called."""
    return str(SUBJECTS[code])


def pathway_name(code: str) -> str:
    """What a pathway is called."""
    return str(PATHWAYS[code])


def outcome_name(code: str) -> str:
    """What an outcome is called."""
    return str(OUTCOMES[code])


def init_app(app: Flask) -> None:
    """Register the names as filters."""
    for one in (local_name, subject_name, pathway_name, outcome_name):
        app.jinja_env.filters[one.__name__] = one
