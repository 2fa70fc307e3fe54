"""What the roles are called."""

from typing import Any

from flask_babel import lazy_gettext as _

from exam.db import db
from exam.people.models import RoleGrant, School, Site
from exam.people.roles import Role
from exam.web.locale import language

ROLE_NAMES: dict[Role, Any] = {
    Role.CANDIDATE: _("Candidate"),
    Role.SCHOOL_CLERK: _("School clerk"),
    Role.SCHOOL_MANAGER: _("School manager"),
    Role.REVIEWER: _("Reviewer"),
    Role.HALL_OFFICER: _("Hall officer"),
    Role.PLANNER: _("Planner"),
    Role.EXAMINER: _("Examiner"),
    Role.INVIGILATOR: _("Invigilator"),
    Role.SAFETY_OFFICER: _("Safety officer"),
    Role.FIRST_AIDER: _("First-aider"),
    Role.DUTY_LEADER: _("Duty leader"),
    Role.SUPERVISOR: _("Supervisor"),
    Role.INSPECTOR: _("Inspector"),
    Role.APPEALS_MEMBER: _("Appeals member"),
    Role.SITE_OPERATOR: _("Site operator"),
    Role.ADMINISTRATOR: _("Administrator"),
}


def label_of(grant: RoleGrant) -> str:
    """A role with its site or school, so that two of the same role can be told apart."""
    place: Site | School | None = None
    if grant.site_id is not None:
        place = db.session.get(Site, grant.site_id)
    elif grant.school_id is not None:
        place = db.session.get(School, grant.school_id)
    name = str(ROLE_NAMES[grant.role])
    if place is None:
        return name
    return f"{name} · {place.name_zh if language() == 'zh' else place.name_en}"
