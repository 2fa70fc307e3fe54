"""Long lists in pages: what a page shows, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from exam.db import db

PAGE = 50
T = TypeVar("T")


@dataclass(frozen=True)
class Paged(Generic[T]):
    """One page of a list; pages count from 1, and there is always one."""

    rows: Sequence[T]
    page: int
    pages: int
    total: int


def paged(query: Any, *, page: int, size: int = PAGE) -> Paged[Any]:
    """The rows of a page; a number beyond the list gives its nearest page.

    Args:
        query: of one entity, in an order that is the same every time.
        page: from 1, as it was asked for.
        size: rows of a page.
    """
    counted = sa.select(sa.func.count()).select_from(query.order_by(None).subquery())
    total = db.session.scalar(counted) or 0
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    rows = db.session.scalars(query.limit(size).offset((page - 1) * size)).all()
    return Paged(rows, page, pages, total)
