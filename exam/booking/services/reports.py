"""What planners and inspectors read about a solved round: what more would bring, and fairness."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from exam.booking import round_files
from exam.booking.models import Application, Pool, Round, Session
from exam.booking.report_rules import By, age_band, age_on, in_order, suppressed
from exam.db import db
from exam.people import services as people
from exam.people.models import Person, School, Site
from exam.policy.pack import Pack

Groups = dict[str, dict[str, str]]
"""What is grouped by, to the public name of an application, to its group."""


def groups_of(round_id: UUID, pack: Pack) -> Groups:
    """The groups of every ranked application of a round; nothing of it is stored by person.

    Args:
        round_id: a frozen round.
        pack: says who is called first.
    """
    found = db.session.get_one(Round, round_id)
    wishes = db.session.scalars(
        sa.select(Application)
        .where(Application.round_id == round_id, Application.public_name.is_not(None))
        .options(joinedload(Application.case), selectinload(Application.choices))
    ).all()
    keys = {x.case.person_id for x in wishes}
    births = sa.select(Person.id, Person.birth_date).where(Person.id.in_(keys))
    born = dict(db.session.execute(births).all())
    first = people.service_group(keys, on=found.last_day, pack=pack)
    sites = _sites_of([x.choices[0].session_id for x in wishes if x.choices])
    groups: Groups = {by.value: {} for by in By}
    for one in wishes:
        own = _own(one, found, born[one.case.person_id], sites)
        own[By.SERVICE] = "yes" if one.case.person_id in first else "no"
        for by, group in own.items():
            groups[by.value][str(one.public_name)] = group
    return groups


def _own(one: Application, found: Round, born: Any, sites: Mapping[UUID, str]) -> dict[By, str]:
    return {
        By.SUBJECT: one.subject.value,
        By.TIER: str(one.tier),
        By.AGE: age_band(age_on(born, found.first_day)),
        By.SITE: sites[one.choices[0].session_id] if one.choices else "",
        By.SCHOOL: str(one.case.school_id or ""),
    }


def _sites_of(session_ids: list[UUID]) -> dict[UUID, str]:
    query = sa.select(Session.id, Site.code).join(Site, Site.id == Session.site_id)
    return dict(db.session.execute(query.where(Session.id.in_(session_ids))).all())


def hide_small(report: Mapping[str, Any], pack: Pack) -> dict[str, Any]:
    """A report as it is kept: small groups are hidden before anything is written."""
    smallest = pack.integer("report.smallest_group")
    return {by: suppressed(rows, smallest) for by, rows in report.items()}


@dataclass(frozen=True)
class Gain:
    """What one more seat, vehicle or examiner in a session would bring."""

    kind: str
    session: Session
    pool: Pool | None
    seats: int
    served: int
    rank: int


def gains_of(found: Round, data_folder: Path) -> list[Gain] | None:
    """What more would bring, most people first; None where it has not been worked out."""
    rows = round_files.kept(round_files.folder_of(data_folder, found.code), round_files.WORTH)
    if rows is None:
        return None
    codes = {x["session"] for x in rows["gains"]}
    query = sa.select(Session).where(Session.code.in_(codes))
    loaded = query.options(joinedload(Session.site), selectinload(Session.pools))
    sessions = {x.code: x for x in db.session.scalars(loaded)}
    pools = {pool.code: pool for x in sessions.values() for pool in x.pools}
    return [
        Gain(
            kind=x["kind"],
            session=sessions[x["session"]],
            pool=pools.get(x["pool"]),
            seats=x["seats"],
            served=x["served"],
            rank=x["rank"],
        )
        for x in rows["gains"]
        if x["session"] in sessions
    ]


def fairness_of(found: Round, data_folder: Path) -> dict[By, list[dict[str, Any]]] | None:
    """The report's tables with names where groups are ids; None where there is none."""
    folder = round_files.folder_of(data_folder, found.code)
    tables = round_files.kept(folder, round_files.FAIRNESS)
    if tables is None:
        return None
    schools = _named(School, [x["group"] for x in tables.get(By.SCHOOL, ())])
    sites = {x.code: x for x in db.session.scalars(sa.select(Site))}
    known: dict[By, Mapping[str, Any]] = {By.SCHOOL: schools, By.SITE: sites}
    return {
        by: [{**x, "thing": known.get(by, {}).get(x["group"])} for x in in_order(by, tables)]
        for by in By
    }


def _named(model: type[School], keys: list[str]) -> dict[str, School]:
    wanted = [UUID(x) for x in keys if x]
    found = db.session.scalars(sa.select(model).where(model.id.in_(wanted)))
    return {str(x.id): x for x in found}
