"""A round's rows as the round format has them: anonymous, and no less exact for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from exam.booking import rules
from exam.booking.models import Application, Session
from exam.booking.round_files import Tables
from exam.booking.rules import ALL_CLASSES, Days
from exam.policy.ranking import Standing

NOBODY = "none"
"""The token of a pool that serves nobody in this round; a list of tokens may not be empty."""


@dataclass
class FrozenApplication:
    """An application with all that the round knows of it; ``rank`` is filled last."""

    application: Application
    days: Days
    needs: frozenset[str]
    standing: Standing
    key: int
    """Seconds since 1970."""
    lot: int
    rank: int = 0

    @property
    def kind(self) -> tuple[str, frozenset[str]]:
        """Licence class and needs: what decides which pools fit."""
        return (self.application.licence_class, self.needs)


def tables_of(
    sessions: Sequence[Session],
    taken: Mapping[UUID, int],
    frozen: Sequence[FrozenApplication],
    *,
    salt: str,
) -> Tables:
    """The four tables.

    Args:
        sessions: with site and pools loaded.
        taken: seats that earlier bookings hold, by pool.
        frozen: ranked applications with their choices loaded.
        salt: hides ids and kinds.
    """
    kinds = {x.kind: _token(x.kind, salt) for x in frozen}
    codes = {x.id: x.code for x in sessions}
    applications = sorted(
        (_application_row(x, kinds[x.kind], salt) for x in frozen),
        key=lambda row: str(row["application"]),
    )
    choices = [
        {
            "application": public_id(salt, x.application.id),
            "order": choice.position,
            "session": codes[choice.session_id],
        }
        for x in frozen
        for choice in x.application.choices
    ]
    choices.sort(key=lambda row: (str(row["application"]), row["order"]))
    return {
        "sessions": sorted(
            (_session_row(x, taken) for x in sessions), key=lambda row: str(row["session"])
        ),
        "pools": sorted(
            (row for x in sessions for row in _pool_rows(x, taken, kinds)),
            key=lambda row: str(row["pool"]),
        ),
        "applications": applications,
        "choices": choices,
    }


def public_id(salt: str, application_id: UUID) -> str:
    """The name of an application in the public files."""
    return rules.hidden(salt, "a", str(application_id))


def _token(kind: tuple[str, frozenset[str]], salt: str) -> str:
    return rules.hidden(salt, "k", f"{kind[0]} {' '.join(sorted(kind[1]))}")


def _session_row(session: Session, taken: Mapping[UUID, int]) -> dict[str, Any]:
    zone = ZoneInfo(session.site.time_zone)
    used = sum(taken.get(pool.id, 0) for pool in session.pools)
    lost = session.cancelled_at is not None
    return {
        "session": session.code,
        "site": session.site.code,
        "subject": session.subject.value,
        "date": session.date.isoformat(),
        "start": f"{session.starts_at.astimezone(zone):%H:%M}",
        "end": f"{session.ends_at.astimezone(zone):%H:%M}",
        "seats": 0 if lost else max(0, session.seats - used),
    }


def _pool_rows(
    session: Session,
    taken: Mapping[UUID, int],
    kinds: Mapping[tuple[str, frozenset[str]], str],
) -> list[dict[str, Any]]:
    rows = []
    for pool in session.pools:
        classes, offers = set(pool.classes), set(pool.offers)
        served = sorted(
            token
            for (licence_class, needs), token in kinds.items()
            if {licence_class, ALL_CLASSES} & classes and needs <= offers
        )
        left = max(0, pool.seats - taken.get(pool.id, 0))
        rows.append(
            {
                "pool": pool.code,
                "session": session.code,
                "classes": " ".join(served) or NOBODY,
                "seats": 0 if session.cancelled_at is not None else left,
                "vehicles": pool.vehicles,
            }
        )
    return rows


def _application_row(one: FrozenApplication, token: str, salt: str) -> dict[str, Any]:
    wish = one.application
    nonce = rules.nonce(salt, str(wish.id))
    return {
        "application": public_id(salt, wish.id),
        "candidate": rules.hidden(salt, "c", str(wish.case.person_id)),
        "subject": wish.subject.value,
        "licence_class": token,
        "tier": 0,
        "key": one.rank,
        "lot": 0,
        "any_session": int(wish.any_session),
        "earliest": one.days[0].isoformat(),
        "latest": one.days[1].isoformat(),
        "pinned": 0,
        "area": " ".join(wish.area),
        "commitment": rules.standing_commitment(nonce, one.standing.tier, one.key, one.lot),
    }
