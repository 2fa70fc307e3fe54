"""What rosters, their states and their conflicts are called on pages."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from exam.people.models import Site
from exam.rostering.models import Roster, RosterDuty
from exam.rostering.states import Declared, RosterState
from exam.web.filters import clock, day
from exam.web.names import SUBJECTS, local_name

Named = tuple[Any, str]
"""Name and tone of a state."""

STATES: dict[RosterState, Named] = {
    RosterState.ASKED: (_("Being worked out"), "warn"),
    RosterState.DRAFT: (_("Draft: nobody has been told"), "info"),
    RosterState.CONFLICT: (_("There is no such roster"), "bad"),
    RosterState.TOLD: (_("In force"), "good"),
    RosterState.REPLACED: (_("Replaced by a later one"), "quiet"),
    RosterState.DROPPED: (_("Dropped"), "quiet"),
}
ROLES: dict[str, Any] = {
    "examiner": _("Examiner"),
    "safety_officer": _("Safety officer"),
    "invigilator": _("Invigilator"),
    "first_aider": _("First-aider"),
}
DECLARED: dict[Declared, Any] = {
    Declared.AWAY: _("Away"),
    Declared.AVOIDS: _("Conflict of interest at a site"),
}
FAILURES: dict[str, Any] = {
    "no_sessions": _("no session of a published plan lies in these days at these sites."),
    "nobody_is_qualified": _("nobody has a qualification entered. Enter them under People."),
}
RULES: dict[str, tuple[Any, Any]] = {
    "hours": (
        _("%(person)s works at most %(hours)s hours a week."),
        _("Allow more hours where the law does, or bring in more people."),
    ),
    "once": (
        _("Nobody has two duties at once."),
        _("Bring in more people for these hours."),
    ),
    "week": (
        _("%(person)s works on at most %(days)s days a week."),
        _("Bring in more people: everybody has a day off in each week."),
    ),
    "rest": (
        _("Between two days there are %(hours)s hours of rest."),
        _("Bring in more people, or ask for a shorter rest."),
    ),
    "days": (
        _("Nobody is at one site on more than %(days)s days."),
        _("Allow more days at one site, or bring in people from other sites."),
    ),
    "sites": (
        _("Nobody works at two sites on one day."),
        _("Bring in more people on these days."),
    ),
    "class": (
        _("%(person)s is not qualified for %(token)s."),
        _("Enter the qualification if there is one, or bring in somebody who has it."),
    ),
    "avoids": (
        _("%(person)s is not sent to %(site)s."),
        _("Bring in somebody who may be sent there. A declared conflict of interest stands."),
    ),
    "away": (
        _("%(person)s is away on %(day)s."),
        _("Bring in somebody else on that day."),
    ),
    "other": (_("%(text)s"), _("Change what you demand, or bring in more people.")),
}


class Clause(NamedTuple):
    """A rule of a conflict in words, and what to change."""

    text: str
    change: str


def failure(found: Roster) -> str:
    """Why the work stopped."""
    known = FAILURES.get(found.progress.get("failure", ""))
    return str(known or _("the engine failed. Try again, or tell the administrator."))


def duty_name(duty: RosterDuty) -> str:
    """What a duty is for: role, subject, kind of vehicle or room."""
    parts = [str(ROLES[duty.role])]
    if duty.subject:
        parts.append(str(SUBJECTS[duty.subject]))
    if duty.kind and duty.kind != "terminal":
        parts.append(duty.kind)
    if duty.room:
        parts.append(local_name(duty.room))
    return " · ".join(parts)


def subjects_told(codes: Sequence[str]) -> str:
    """The names of some subjects in their order."""
    return str(gettext(", ")).join(str(name) for code, name in SUBJECTS.items() if code in codes)


def needs(duty: RosterDuty) -> Clause:
    """A need that cannot be met."""
    text = gettext(
        "%(site)s, %(day)s %(start)s–%(end)s: %(count)s needed as %(duty)s.",
        site=local_name(duty.site),
        day=day(duty.date),
        start=clock(duty.starts_at, duty.site.time_zone),
        end=clock(duty.ends_at, duty.site.time_zone),
        count=duty.count,
        duty=duty_name(duty),
    )
    change = gettext("Ask for fewer, leave the day or the site out, or bring in more people.")
    return Clause(text, change)


def clause(found: Mapping[str, Any], names: Mapping[str, str], sites: Mapping[str, Site]) -> Clause:
    """Any other rule of a conflict."""
    text, change = RULES[found["rule"]]
    facts = dict(found)
    facts["person"] = names.get(found.get("person", ""), "")
    if "minutes" in found:
        facts["hours"] = round(found["minutes"] / 60)
    if "day" in found:
        facts["day"] = day(date.fromisoformat(found["day"]))
    if "token" in found:
        facts["token"] = _token(found["token"])
    if "site" in found:
        known = sites.get(found["site"])
        facts["site"] = local_name(known) if known else found["site"]
    return Clause(str(text) % facts, str(change))


def _token(token: str) -> str:
    subject, _dot, kind = token.partition(".")
    name = str(SUBJECTS.get(subject, subject))
    return name if kind == "terminal" else f"{name} · {kind}"
