"""What the crowd asks for: each next subject, some sessions in order, most any other besides."""

from collections.abc import Iterable, Iterator
from random import Random
from uuid import UUID

from exam.booking.models import Round, Session
from exam.booking.rules import Wish
from exam.booking.services import offering
from exam.policy.eligibility import CaseFacts
from exam.policy.subjects import LicenceClass, Subject
from exam.registration import progress

ANY_SHARE = 0.6
CHOICES = (1, 2, 2, 3, 4)


def next_subject(facts: CaseFacts) -> Subject | None:
    """The first subject that has not been passed."""
    return next((s for s in Subject if s not in facts.passed), None)


def wishes(
    found: Round, case_ids: Iterable[UUID], *, share: float, credit: set[UUID], seed: int
) -> Iterator[Wish]:
    """Wishes of a share of these cases; whoever may not apply is refused by the service.

    Args:
        found: the open round.
        case_ids: accepted cases.
        share: how many of them apply.
        credit: cases that ask for their priority use.
        seed: of the choices.
    """
    random = Random(f"{seed}/{found.code}")
    ids = sorted(case_ids)
    facts = progress.case_facts(ids)
    offered = {s: offering.sessions_of(found, subject=s) for s in Subject}
    for case_id in ids:
        subject = next_subject(facts[case_id])
        if subject is None or random.random() > share:
            continue
        fitting = _fitting(offered[subject], facts[case_id].licence_class)
        if not fitting:
            continue
        count = min(random.choice(CHOICES), len(fitting))
        yield Wish(
            case_id=case_id,
            subject=subject,
            choices=tuple(s.id for s in random.sample(fitting, count)),
            any_session=random.random() < ANY_SHARE,
            use_credit=case_id in credit,
        )


def _fitting(sessions: list[Session], licence_class: LicenceClass) -> list[Session]:
    return [s for s in sessions if any(_serves(p.classes, licence_class) for p in s.pools)]


def _serves(classes: Iterable[str], licence_class: str) -> bool:
    return bool({licence_class, "*"} & set(classes))
