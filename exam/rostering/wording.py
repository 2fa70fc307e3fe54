"""What rosters, their states and their conflicts are called on pages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    "seniors": (
        _("%(count)s people of a duty are experienced."),
        _("Bring in somebody experienced."),
    ),
    "hours": (
        _("At most %(hours)s hours a week: %(person)s."),
        _("Allow more hours where the law does, or bring in more people."),
    ),
    "once": (
        _("Nobody has two duties at once."),
        _("Bring in more people for these hours."),
    ),
    "week": (
        _("On at most %(days)s days a week: %(person)s."),
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
        _("Not qualified for %(token)s: %(person)s."),
        _("Enter the qualification if there is one, or bring in somebody who has it."),
    ),
    "avoids": (
        _("Not sent to %(site)s: %(person)s."),
        _("Bring in somebody who may be sent there. A declared conflict of interest stands."),
    ),
    "away": (
        _("Away on %(day)s: %(person)s."),
        _("Bring in somebody else on that day."),
    ),
    # Rows from before rules came as codes may have one in the engine's own words.
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


def clauses(
    found: Iterable[Mapping[str, Any]], names: Mapping[str, str], sites: Mapping[str, Site]
) -> list[Clause]:
    """The other rules of a conflict; one that binds several people alike is said once."""
    people: dict[tuple[tuple[str, Any], ...], list[str]] = defaultdict(list)
    for rule in found:
        alike = tuple((fact, value) for fact, value in rule.items() if fact != "person")
        people[alike].append(names.get(rule.get("person", ""), ""))
    return [_clause(dict(alike), sorted(some), sites) for alike, some in people.items()]


def _clause(rule: Mapping[str, Any], people: Sequence[str], sites: Mapping[str, Site]) -> Clause:
    text, change = RULES[rule["rule"]]
    facts = dict(rule)
    facts["person"] = str(gettext(", ")).join(people)
    if "minutes" in rule:
        facts["hours"] = round(rule["minutes"] / 60)
    if "day" in rule:
        facts["day"] = day(date.fromisoformat(rule["day"]))
    if "token" in rule:
        facts["token"] = _token(rule["token"])
    if "site" in rule:
        known = sites.get(rule["site"])
        facts["site"] = local_name(known) if known else rule["site"]
    return Clause(str(text) % facts, str(change))


def _token(token: str) -> str:
    subject, _dot, kind = token.partition(".")
    name = str(SUBJECTS.get(subject, subject))
    return name if kind == "terminal" else f"{name} · {kind}"
