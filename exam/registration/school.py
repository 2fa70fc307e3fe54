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
from exam.people.mandates import with_mandate
from exam.people.models import Account, Person
from exam.people.roles import Actor
from exam.people.services import issue_activations
from exam.policy.pack import Pack
from exam.registration.models import Case, CaseState, Upload, UploadRow

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
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    rows = db.session.scalars(
        query.order_by(UploadRow.row_number).limit(PAGE).offset((page - 1) * PAGE)
    )
    return RowsPage(upload, rows.all(), page, pages)


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
    """Those whom a school may follow, and how many it may not."""

    cases: Sequence[Case]
    hidden: int


def candidates_of(actor: Actor, *, limit: int = 500) -> SchoolCandidates:
    """Cases of the school: not yet activated, or with a live mandate; others are only counted."""
    if actor.school_id is None:
        raise NotFound
    query = (
        sa.select(Case, Account.id)
        .join(Person, Person.id == Case.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Case.school_id == actor.school_id)
        .options(orm.contains_eager(Case.person))
        .order_by(Case.created_at.desc(), Person.name)
        .limit(limit)
    )
    rows = db.session.execute(query).all()
    may = with_mandate({case.person_id for case, _account in rows}, actor.school_id)
    shown = [case for case, account in rows if case.person_id in may or _untouched(case, account)]
    return SchoolCandidates(shown, len(rows) - len(shown))


def _untouched(case: Case, account: UUID | None) -> bool:
    return account is None and case.state is CaseState.PREREGISTERED
