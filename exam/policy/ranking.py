"""Tier and key of an application (WS137 Art. 9(2); tiers are policy). Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from exam.policy.pack import Pack
from exam.policy.spans import months_later
from exam.policy.subjects import Subject


@dataclass(frozen=True)
class RankFacts:
    """What the rank stands on."""

    subject: Subject
    accepted_at: datetime
    last_exam_at: datetime | None = None
    last_withdrawal_at: datetime | None = None
    """The candidate's own cancellation or absence; never one that was not her fault."""
    permit_until: date | None = None
    use_credit: bool = False
    credit_left: bool = False
    service_group: bool = False
    displaced: bool = False
    """Lost a place of this subject through an event that was not her fault."""


@dataclass(frozen=True)
class Standing:
    """Tier and key with the rules that gave them."""

    tier: int
    key: datetime
    tier_rule: str
    key_rule: str


def standing(facts: RankFacts, pack: Pack, *, last_exam_day: date) -> Standing:
    """Where an application stands before lots.

    Args:
        facts: the case.
        pack: the rules in force.
        last_exam_day: the last day that the round gives out.
    """
    tier_rule = _tier_rule(facts, pack, last_exam_day)
    key, key_rule = ranking_key(facts)
    return Standing(pack.integer(tier_rule), key, tier_rule, key_rule)


def _tier_rule(facts: RankFacts, pack: Pack, last_exam_day: date) -> str:
    if _ends_within(facts, last_exam_day, timedelta(days=pack.integer("booking.last_chance_days"))):
        return "tier.last_chance"
    if facts.displaced:
        return "tier.displaced"
    if facts.use_credit and facts.credit_left:
        return "tier.priority_credit"
    if facts.service_group and pack.text("service_group.in_allocation") == "tier":
        return "tier.service_group"
    return "tier.others"


def _ends_within(facts: RankFacts, day: date, span: timedelta) -> bool:
    return facts.permit_until is not None and facts.permit_until <= day + span


def may_use_credit(permit_until: date | None, pack: Pack, *, used: bool, today: date) -> bool:
    """Whether the candidate may ask for her one priority use in this subject."""
    months = pack.integer("booking.priority_under_months")
    if permit_until is None or used:
        return False
    return permit_until <= months_later(today, months)


def ranking_key(facts: RankFacts) -> tuple[datetime, str]:
    """The sorting time: acceptance first, then the last exam or own withdrawal, the most recent."""
    later = [
        (at, rule)
        for at, rule in (
            (facts.last_exam_at, "key.last_exam"),
            (facts.last_withdrawal_at, "key.own_withdrawal"),
        )
        if at is not None
    ]
    return max(later) if later else (facts.accepted_at, "key.accepted")
