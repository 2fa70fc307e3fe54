"""What the roles are called."""

from typing import Any

from flask_babel import lazy_gettext as _

from exam.people.roles import Role

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
