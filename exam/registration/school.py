"""What a school sees and hands out: its uploads, its candidates, their one-time codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from exam.audit import services as audit
from exam.db import db, transaction
from exam.errors import NotFound
from exam.people.models import Account, Mandate, Person
from exam.people.roles import Actor
from exam.people.services import issue_activations
from exam.policy.pack import Pack
from exam.registration.models import Case, CaseState, Upload, UploadRow
from exam.registration.paging import Paged, paged

PAGE = 50


@dataclass(frozen=True)
class RowsPage:
    """One page of an upload's rows; pages count from 1."""

    upload: Upload
    rows: Sequence[UploadRow]
    page: int
    pages: int


@dataclass(frozen=True)
class Slip:
    """A one-time code for the person it belongs to; shown once."""

    row: int
    name: str
    document_number: str
    code: str


def uploads_page(actor: Actor, *, page: int) -> Paged[Upload]:
    """A page of the school's uploads, the newest first."""
    if actor.school_id is None:
        raise NotFound
    query = sa.select(Upload).where(Upload.school_id == actor.school_id)
    return paged(query.order_by(Upload.received_at.desc(), Upload.id.desc()), page=page)


def uploads_of(actor: Actor, *, limit: int = 50) -> list[Upload]:
    """The school's uploads, the latest first."""
    query = sa.select(Upload).where(Upload.school_id == actor.school_id)
    return list(db.session.scalars(query.order_by(Upload.received_at.desc()).limit(limit)))


def upload_of(actor: Actor, upload_id: UUID) -> Upload:
    """One upload of the actor's school.

    Raises:
        NotFound: no such upload, or another school's.
    """
    upload = db.session.get(Upload, upload_id)
    if upload is None or actor.school_id is None or upload.school_id != actor.school_id:
        raise NotFound
    return upload


def rows_page(
    actor: Actor, upload_id: UUID, *, refused: bool | None = None, page: int = 1
) -> RowsPage:
    """A page of rows, all of them or only the refused or the taken ones."""
    upload = upload_of(actor, upload_id)
    query = sa.select(UploadRow).where(UploadRow.upload_id == upload.id)
    if refused is not None:
        query = query.where(UploadRow.case_id.is_(None) == refused)
    found = paged(query.order_by(UploadRow.row_number), page=page, size=PAGE)
    return RowsPage(upload, found.rows, found.page, found.pages)


def all_rows(actor: Actor, upload_id: UUID) -> list[UploadRow]:
    """Every row of an upload, in the order of the file."""
    upload = upload_of(actor, upload_id)
    query = sa.select(UploadRow).where(UploadRow.upload_id == upload.id)
    return list(db.session.scalars(query.order_by(UploadRow.row_number)))


def issue_codes(actor: Actor, upload_id: UUID, *, now: datetime, pack: Pack) -> list[Slip]:
    """New one-time codes for those of an upload who have not activated; earlier codes end.

    The codes leave the house with the answer and are nowhere kept.
    """
    upload = upload_of(actor, upload_id)
    with transaction():
        rows = db.session.execute(
            sa.select(UploadRow.row_number, Person)
            .join(Case, Case.id == UploadRow.case_id)
            .join(Person, Person.id == Case.person_id)
            .outerjoin(Account, Account.person_id == Person.id)
            .where(UploadRow.upload_id == upload.id, Account.id.is_(None))
            .where(Case.state == CaseState.PREREGISTERED)
            .order_by(UploadRow.row_number)
        ).all()
        codes = issue_activations([person for _number, person in rows], pack=pack, now=now)
        audit.record(
            "upload.codes_issued",
            upload,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            codes=len(codes),
        )
        return [Slip(n, x.name, x.document_number, codes[x.id]) for n, x in rows]


@dataclass(frozen=True)
class SchoolCandidates:
    """A page of those whom a school may follow, and how many it may not."""

    cases: Sequence[Case]
    hidden: int
    page: int
    pages: int


def candidates_of(actor: Actor, *, page: int = 1) -> SchoolCandidates:
    """Cases of the school: not yet activated, or with a live mandate; others are only counted."""
    if actor.school_id is None:
        raise NotFound
    own = Case.school_id == actor.school_id
    query = (
        sa.select(Case)
        .join(Person, Person.id == Case.person_id)
        .where(own, sa.or_(_mandated(actor.school_id), _untouched()))
        .options(orm.contains_eager(Case.person))
        .order_by(Case.created_at.desc(), Person.name, Case.id)
    )
    found = paged(query, page=page)
    everybody = db.session.scalar(sa.select(sa.func.count()).where(own)) or 0
    return SchoolCandidates(found.rows, everybody - found.total, found.page, found.pages)


def _mandated(school_id: UUID) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Mandate.person_id == Case.person_id,
        Mandate.school_id == school_id,
        Mandate.revoked_at.is_(None),
    )


def _untouched() -> sa.ColumnElement[bool]:
    activated = sa.exists().where(Account.person_id == Case.person_id)
    return sa.and_(~activated, Case.state == CaseState.PREREGISTERED)
