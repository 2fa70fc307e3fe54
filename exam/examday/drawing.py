"""Drawing examiner and vehicle with lane, or terminal: uniform, and anybody can repeat it.

The office's secret is made at check-in and its commitment shown to the candidate, who may add words
of her own; both are revealed with the draw (`scheduler.draw`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _

from exam.db import db, new_id, transaction
from exam.errors import RuleRefused, WrongState
from exam.examday.calling import Means, line_of, means_of, no_examiner
from exam.examday.desk import go, locked_sitting, must_be_open, note, require
from exam.examday.models import Draw, Lane, Sitting, SittingState, Terminal, Vehicle
from exam.people.roles import Actor, Role
from exam.policy.pack import Pack
from scheduler import draw


def draw_for(actor: Actor, sitting_id: UUID, *, pack: Pack, now: datetime) -> Sitting:
    """Draw for a person who was called.

    Race stopped: two draws taking one vehicle; the day's row is locked, and unique indexes hold.

    Raises:
        RuleRefused: nothing is free, or no examiner; she stays called and loses nothing.
        WrongState: she was not called.
    """
    require(actor, Role.HALL_OFFICER, Role.DUTY_LEADER)
    with transaction():
        sitting = locked_sitting(actor, sitting_id)
        must_be_open(sitting.day)
        if sitting.state is not SittingState.CALLED:
            raise WrongState(current=sitting.state.value, wanted=SittingState.DRAWN.value)
        draw_now(sitting, means_of(sitting.day), actor, pack=pack, now=now)
    return sitting


def draw_now(
    sitting: Sitting,
    means: Means,
    actor: Actor | None,
    *,
    pack: Pack,
    now: datetime,
    number: int = 1,
    reason: str | None = None,
    names: tuple[UUID, UUID] | None = None,
) -> Draw:
    """Draw and take what was drawn; inside the caller's transaction, with the day locked.

    Args:
        sitting: called, whole.
        means: what the site has now.
        actor: who pressed the button.
        pack: the rules in force.
        now: the injected time.
        number: 1, and from 2 for a redraw, which needs
        reason: its reason, and
        names: both names.
    """
    db.session.flush()  # a place given back in this transaction is written before it is taken again
    place, lane, examiner = _draw_all(sitting, means, number, pack)
    go(sitting, SittingState.DRAWN)
    sitting.examiner_id = UUID(examiner.result)
    options = {_code(x): x for x in means.free_places(line_of(sitting))}
    chosen = options[place.result]
    sitting.vehicle_id = chosen.id if isinstance(chosen, Vehicle) else None
    sitting.terminal_id = chosen.id if isinstance(chosen, Terminal) else None
    sitting.lane_id = _lane(means, sitting, lane)
    sitting.drawn_at = now
    sitting.draw_secret = draw.new_secret().hex()
    row = Draw(
        id=new_id(),
        sitting_id=sitting.id,
        attempt_number=next_attempt(sitting),
        number=number,
        record={
            key: x.to_json()
            for key, x in (("examiner", examiner), ("place", place), ("lane", lane))
            if x is not None
        },
        drawn_at=now,
        reason=reason,
        first_account_id=names[0] if names else None,
        second_account_id=names[1] if names else None,
    )
    db.session.add(row)
    note("sitting.drawn", sitting, actor, now=now, reason=reason, number=number)
    return row


def _draw_all(
    sitting: Sitting, means: Means, number: int, pack: Pack
) -> tuple[draw.Draw, draw.Draw | None, draw.Draw]:
    places = [_code(x) for x in means.free_places(line_of(sitting))]
    if not places:
        raise RuleRefused(
            _("Nothing is free for this queue yet. Everybody keeps her place."),
            rule="call.nothing_free",
        )
    examiners = [str(x) for x in means.examiners(sitting, pack)]
    if not examiners:
        raise no_examiner()
    parts = seed_parts(sitting)
    about = f"{sitting.id}:{next_attempt(sitting)}:{number}"
    lanes = [x.code for x in _lanes(means, sitting)]
    return (
        draw.draw(places, parts, f"{about}:place"),
        draw.draw(lanes, parts, f"{about}:lane") if lanes else None,
        draw.draw(examiners, parts, f"{about}:examiner"),
    )


def seed_parts(sitting: Sitting) -> list[bytes]:
    """The secrets that are mixed: the office's, and the candidate's words where she gave any."""
    assert sitting.draw_secret is not None
    parts = [bytes.fromhex(sitting.draw_secret)]
    if sitting.candidate_words:
        parts.append(hashlib.sha256(sitting.candidate_words.encode()).digest())
    return parts


def commitment(sitting: Sitting) -> str | None:
    """What the candidate sees before the draw: it binds the office's secret."""
    return draw.commit(bytes.fromhex(sitting.draw_secret)) if sitting.draw_secret else None


def next_attempt(sitting: Sitting) -> int:
    """The number of the attempt that is drawn for."""
    return 1 + sum(x.ended_at is not None for x in sitting.attempts)


def add_words(actor: Actor, sitting_id: UUID, words: str, *, now: datetime) -> Sitting:
    """The candidate adds words of her own to the draw, as long as it has not been made.

    Raises:
        WrongState: the draw was made.
    """
    require(actor, Role.CANDIDATE)
    with transaction():
        sitting = locked_sitting(actor, sitting_id)
        if sitting.state not in (SittingState.CHECKED_IN, SittingState.CALLED):
            raise WrongState(current=sitting.state.value, wanted=SittingState.CHECKED_IN.value)
        sitting.candidate_words = words.strip()[:100] or None
        note("sitting.words_added", sitting, actor, now=now)
    return sitting


def redraws_on(day_id: UUID) -> int:
    """How often a draw was repeated on a day: public."""
    query = (
        sa.select(sa.func.count())
        .select_from(Draw)
        .join(Sitting, Sitting.id == Draw.sitting_id)
        .where(Sitting.exam_day_id == day_id, Draw.number > 1)
    )
    return db.session.scalar(query) or 0


def draws_of(sitting_id: UUID) -> Sequence[Draw]:
    """The draws of a sitting in order."""
    query = sa.select(Draw).where(Draw.sitting_id == sitting_id)
    return db.session.scalars(query.order_by(Draw.attempt_number, Draw.number)).all()


def repeat(record: Mapping[str, Any]) -> dict[str, str]:
    """Repeat a stored draw and return its results.

    Raises:
        scheduler.draw.DrawError: it does not repeat.
    """
    return {key: draw.verify(x) for key, x in record.items()}


def again(sitting: Sitting) -> None:
    """Give back what was drawn, so that it can be drawn again; the records stay."""
    go(sitting, SittingState.CALLED)
    give_back(sitting)


def give_back(sitting: Sitting) -> None:
    """Examiner, vehicle, lane and terminal are free again; the records of the draw stay."""
    sitting.examiner_id = sitting.vehicle_id = sitting.terminal_id = sitting.lane_id = None
    sitting.drawn_at = None


def _lanes(means: Means, sitting: Sitting) -> list[Lane]:
    return [x for x in means.lanes if x.subject is sitting.booking.subject]


def _lane(means: Means, sitting: Sitting, drawn: draw.Draw | None) -> UUID | None:
    if drawn is None:
        return None
    return next(x.id for x in _lanes(means, sitting) if x.code == drawn.result)


def _code(place: Vehicle | Terminal) -> str:
    """What stands on the vehicle, or room and terminal: readable, and unique at a site."""
    return place.code if isinstance(place, Vehicle) else f"{place.room.code}-{place.code}"
