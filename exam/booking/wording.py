"""Rules in words: one sentence a rule id, rendered when it is read, never stored."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _

from exam.booking.subject_names import SUBJECT_NAMES
from exam.errors import RuleRefused
from exam.policy.eligibility import Refusal
from exam.policy.subjects import Subject
from exam.web.filters import day, daytime

SUBJECT_FACTS = frozenset({"first", "subject"})
"""Parameters of rules that hold codes of subjects."""
DATE_FACTS = frozenset({"until"})
"""Those that hold a day."""
MOMENT_FACTS = frozenset({"last_moment"})
"""Those that hold an instant, said in the office's civil time."""

RULES: dict[str, Any] = {
    "plan.no_days": _("The last day is before the first."),
    "plan.empty": _("A plan without sessions cannot be published. Add sessions first."),
    "plan.outside_days": _("The session of %(date)s %(start)s is outside the days of the plan."),
    "plan.end_before_start": _("The session of %(date)s %(start)s ends before it starts."),
    "plan.subject_not_authorised": _(
        "The site is not authorised for %(subject)s (session of %(date)s %(start)s)."
    ),
    "plan.class_not_authorised": _(
        "The site is not authorised for %(classes)s (session of %(date)s %(start)s)."
    ),
    "plan.seats_and_pools": _(
        "The session of %(date)s %(start)s gives out %(seats)s seats but its vehicles or"
        " terminals hold %(room)s. Give at least one and at most as many as they hold."
    ),
    "plan.vehicles": _(
        "The session of %(date)s %(start)s: subjects 2 and 3 on the road need vehicles, theory"
        " none, and every kind at least one seat (%(pool)s)."
    ),
    "plan.publish_lead_days": _(
        "A plan must be public at least %(days)s days before its first exam. With the first exam"
        " on %(first_day)s the last day to publish was %(latest)s. Move the first sessions."
    ),
    "round.no_sessions": _("The plan has no session on these days. Choose other days."),
    "round.too_late": _(
        "Applications would have closed at %(closes)s already. Choose a later first day."
    ),
    "round.days_decided": _("Another round of this plan already decides some of these days."),
    "round.plan_not_published": _("Publish the plan first; then a round can be opened."),
    "round.not_open": _("The window for applications is not open now."),
    "round.cancel_notice": _(
        "The last time to cancel by yourself was %(last_moment)s. Please ask at the counter."
    ),
    "wish.nothing": _("Choose at least one session, or accept any session in a range of days."),
    "wish.too_many": _("You can name up to %(limit)s sessions."),
    "wish.repeated": _("Each session can be named once, and each number given once."),
    "wish.unknown_session": _("A session is not part of this round any more. Choose again."),
    "wish.unknown_site": _("A site is not part of this round. Choose again."),
    "wish.no_days": _("No day is left between your first and last day. Widen the range."),
    "wish.outside_days": _(
        "The session of %(date)s is outside the days on which you may sit or that you gave."
    ),
    "wish.class_not_served": _("The session of %(date)s has no vehicle for your licence class."),
    "wish.needs_not_met": _(
        "The session of %(date)s does not have the support that you asked for. Choose another, or"
        " call the office."
    ),
    "wish.nothing_in_range": _("No session that fits you lies in this range. Widen it."),
    "wish.days_taken": _(
        "You have another application or booking on some of these days. Choose days before or"
        " after it, so that you are never due at two places."
    ),
    "wish.no_credit": _(
        "The priority use is for permits with less than %(months)s months left, once a subject."
    ),
    "pathway.not_asked": _("Your kind of business does not need this subject."),
    "case.not_accepted": _("The office has not accepted your registration yet."),
    "person.banned": _("You may not sit exams until %(until)s."),
    "subject.passed": _("You have passed this subject."),
    "subject.already_booked": _("You already have an application or a booking for this subject."),
    "subject.order": _("First pass %(first)s."),
    "permit.missing": _("You do not have a learner permit yet."),
    "permit.ends_first": _("Your learner permit ends on %(until)s, before you may sit."),
    "attempt.used_up": _("All %(limit)s bookings of this subject have been used."),
    "tier.last_chance": _("Last chance: your permit ends before the next round could serve you"),
    "tier.priority_credit": _("Priority use, chosen by you"),
    "tier.displaced": _("Had a seat that an event took away"),
    "tier.service_group": _("Service group"),
    "tier.others": _("Ordinary"),
    "replan.not_published": _("The results of this round are not out yet; nothing to replan."),
    "replan.nothing_changes": _("Nothing changes. Enter fewer seats, or tick a session."),
    "replan.more_seats": _(
        "%(place)s has %(before)s seats; enter at most as many. More seats are another matter."
    ),
    "replan.day_begun": _(
        "The exam day of %(date)s has begun. What happens now is settled on the day's page, where"
        " an exam ends through no fault of the candidate."
    ),
    "replan.not_eligible": _("The candidate cannot be seated: %(why)s"),
    "key.accepted": _("Your registration was accepted"),
    "key.last_exam": _("Your last exam"),
    "key.own_withdrawal": _("Your own cancellation or absence"),
}


def sentence(refusal: Refusal) -> str:
    """The rule in words, with its parameters."""
    return str(RULES[refusal.rule]) % {x: _told(x, y) for x, y in refusal.facts.items()}


def _told(name: str, value: str | int) -> str | int:
    """A parameter as people read it: codes become names, dates become days."""
    if name in SUBJECT_FACTS:
        return _subjects(str(value))
    if name in MOMENT_FACTS:
        return daytime(datetime.fromisoformat(str(value)))
    return day(date.fromisoformat(str(value))) if name in DATE_FACTS else value


def _subjects(codes: str) -> str:
    """Codes of subjects, with spaces between, as people call them."""
    return str(_(", ")).join(str(SUBJECT_NAMES[Subject(code)]) for code in codes.split())


def refused(refusals: Sequence[Refusal]) -> RuleRefused:
    """The error for what stands in the way: the first rule by id, all of them in words."""
    first = refusals[0]
    return RuleRefused(
        " ".join(sentence(x) for x in refusals),
        rule=first.rule,
        **{name: value for name, value in first.facts.items() if name != "rule"},
    )


def told(rule: Mapping[str, Any]) -> list[str]:
    """The refusals that an application's stored rule holds, in words."""
    return [sentence(Refusal(x["rule"], x["facts"])) for x in rule.get("refusals", [])]
