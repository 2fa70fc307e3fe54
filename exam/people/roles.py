"""Roles, and the one table that says who may sign with whom. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a signed-in person is here for."""

    CANDIDATE = "candidate"
    SCHOOL_CLERK = "school_clerk"
    SCHOOL_MANAGER = "school_manager"
    REVIEWER = "reviewer"
    HALL_OFFICER = "hall_officer"
    PLANNER = "planner"
    EXAMINER = "examiner"
    INVIGILATOR = "invigilator"
    SAFETY_OFFICER = "safety_officer"
    FIRST_AIDER = "first_aider"
    DUTY_LEADER = "duty_leader"
    SUPERVISOR = "supervisor"
    INSPECTOR = "inspector"
    APPEALS_MEMBER = "appeals_member"
    SITE_OPERATOR = "site_operator"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """Acts that need two signatures."""

    RESULT = "result"
    EXCEPTION = "exception"
    """Redraw, start short of staff, overtime, extra seat, green channel, unusual no-fault."""
    PUBLISH_ROUND = "publish_round"
    STOP_EXAM = "stop_exam"
    SUSPECTED_CHEATING = "suspected_cheating"
    APPEAL = "appeal"
    ROSTER = "roster"
    PERSONAL_DATA = "personal_data"
    RIGHTS = "rights"


SIGNATURES: dict[Act, tuple[frozenset[Role], frozenset[Role]]] = {
    Act.RESULT: (frozenset({Role.EXAMINER}), frozenset({Role.CANDIDATE, Role.DUTY_LEADER})),
    Act.EXCEPTION: (
        frozenset({Role.HALL_OFFICER, Role.EXAMINER, Role.PLANNER}),
        frozenset({Role.DUTY_LEADER}),
    ),
    Act.PUBLISH_ROUND: (frozenset({Role.PLANNER}), frozenset({Role.DUTY_LEADER})),
    Act.ROSTER: (frozenset({Role.PLANNER}), frozenset({Role.DUTY_LEADER})),
    Act.STOP_EXAM: (
        frozenset({Role.EXAMINER, Role.INVIGILATOR}),
        frozenset({Role.DUTY_LEADER}),
    ),
    Act.SUSPECTED_CHEATING: (
        frozenset({Role.EXAMINER, Role.SUPERVISOR}),
        frozenset({Role.SUPERVISOR}),
    ),
    Act.APPEAL: (frozenset({Role.APPEALS_MEMBER}), frozenset({Role.APPEALS_MEMBER})),
    Act.PERSONAL_DATA: (frozenset({Role.REVIEWER}), frozenset({Role.SUPERVISOR})),
    Act.RIGHTS: (frozenset({Role.ADMINISTRATOR}), frozenset({Role.SUPERVISOR})),
}
"""Who signs first, who second (a duty leader second to a result notes the candidate's refusal)."""


@dataclass(frozen=True)
class Actor:
    """Who acts, in which role and scope; services take it, views make it."""

    account_id: UUID | None
    role: Role
    office_id: UUID
    site_id: UUID | None = None
    school_id: UUID | None = None
    person_id: UUID | None = None

    def may_sign(self, act: Act, *, second: bool, first_account_id: UUID | None = None) -> bool:
        """Whether this person may give the first or second signature: nobody signs twice."""
        allowed = SIGNATURES[act][1 if second else 0]
        return self.role in allowed and (not second or self.account_id != first_account_id)

    def covers(
        self, *, office_id: UUID, site_id: UUID | None = None, school_id: UUID | None = None
    ) -> bool:
        """Whether a thing of this office (site, school) lies inside the actor's scope."""
        return (
            self.office_id == office_id
            and (self.site_id is None or self.site_id == site_id)
            and (self.school_id is None or self.school_id == school_id)
        )
